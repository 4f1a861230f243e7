package org.usedecentral.backend.llamacpp;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.inference.Message;
import org.usedecentral.spi.inference.Message.Role;

/**
 * The most tokens a chat template adds beside the text and the 8 a message that the protocol grants, so that a payer's
 * lock always covers the prompt (docs/protocol.md, section 2).
 */
final class TemplateOverhead {
    private static final int PER_MESSAGE = 8;
    private static final int LONG_CONVERSATION = 16;

    private TemplateOverhead() {}

    /** Measured on conversations of every usual shape; what a template refuses, such as a system message, is left out. */
    static int measure(ChatTemplate template, Vocabulary vocabulary) {
        int most = excess(template, vocabulary, List.of(Message.of(Role.USER, "a")));
        for (boolean system : new boolean[] {false, true}) {
            for (int turns : new int[] {1, 2, LONG_CONVERSATION}) {
                most = Math.max(most, excessIfAccepted(template, vocabulary, conversation(system, turns)));
            }
        }
        return most;
    }

    private static List<Message> conversation(boolean system, int turns) {
        List<Message> messages = new ArrayList<>();
        if (system) {
            messages.add(Message.of(Role.SYSTEM, "a"));
        }
        for (int turn = 0; turn < turns; turn++) {
            messages.add(Message.of(Role.USER, "a"));
            if (turn < turns - 1) {
                messages.add(Message.of(Role.ASSISTANT, "a"));
            }
        }
        return messages;
    }

    private static int excessIfAccepted(ChatTemplate template, Vocabulary vocabulary, List<Message> messages) {
        try {
            return excess(template, vocabulary, messages);
        } catch (DecentralException e) {
            // A request of this shape will be refused the same way, so it needs no cover.
            return 0;
        }
    }

    private static int excess(ChatTemplate template, Vocabulary vocabulary, List<Message> messages) {
        int text = 0;
        for (Message message : messages) {
            text += message.text().getBytes(StandardCharsets.UTF_8).length;
        }
        int tokens = vocabulary.tokenize(template.render(messages)).length;
        return Math.max(0, tokens - text - PER_MESSAGE * messages.size());
    }
}

package org.usedecentral.testkit.inference;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.StringTokenizer;
import org.usedecentral.spi.inference.GenerationRequest;
import org.usedecentral.spi.inference.Message;

/** Prompts as a scripted backend counts and remembers them: a word is a token, and so is a message's role. Guarded by its backend. */
final class ScriptedPrompts {
    private static final int MOST_REMEMBERED = 64;

    private final Deque<List<String>> remembered = new ArrayDeque<>();

    /**
     * A prompt that was counted.
     *
     * @param cached how many of the tokens an earlier prompt of the same model began with
     */
    record Counted(int tokens, int cached) {}

    static int count(GenerationRequest request) {
        return tokens(request).size();
    }

    private static List<String> tokens(GenerationRequest request) {
        List<String> tokens = new ArrayList<>();
        for (Message message : request.messages()) {
            tokens.add(message.role().wireName());
            addWords(tokens, message.text());
        }
        addWords(tokens, request.resumeFrom());
        return tokens;
    }

    private static void addWords(List<String> tokens, String text) {
        StringTokenizer words = new StringTokenizer(text);
        while (words.hasMoreTokens()) {
            tokens.add(words.nextToken());
        }
    }

    /** How much of the prompt is cached; the prompt itself is from now on. The last token never is: it must be computed to go on. */
    int cached(GenerationRequest request) {
        List<String> prompt = tokens(request);
        List<String> key = new ArrayList<>(prompt.size() + 1);
        key.add(request.model().value());
        key.addAll(prompt);
        int most = 0;
        for (List<String> earlier : remembered) {
            int same = 0;
            while (same < Math.min(earlier.size(), key.size())
                    && earlier.get(same).equals(key.get(same))) {
                same++;
            }
            most = Math.max(most, same - 1);
        }
        if (remembered.size() == MOST_REMEMBERED) {
            remembered.remove();
        }
        remembered.add(key);
        return Math.min(most, prompt.size() - 1);
    }
}

package org.usedecentral.backend.llamacpp;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.usedecentral.spi.inference.GenerationEvent.ToolCallDelta;

/**
 * Turns the bytes of tool calls, which {@link CallSyntax} holds to their form, into deltas: an index, id and name when
 * the name is complete, then the arguments as they come. The loop's own.
 */
final class CallReader {
    private static final String ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private static final int ID_LENGTH = 24;

    /** The name stands between the third and the fourth quote, the arguments begin after the sixth. */
    private static final int BEFORE_NAME = 3;

    private static final int AFTER_NAME = 4;
    private static final int BEFORE_ARGUMENTS = 6;

    private final List<ToolCallDelta> ready = new ArrayList<>();
    private final StringBuilder name = new StringBuilder();
    private final int choice;
    private final byte[] arguments = new byte[1];
    private TextAssembler text = new TextAssembler(List.of());
    private String pending = "";
    private Place place = Place.HEAD;
    private int index;
    private int quotes;
    private int depth;
    private boolean inText;
    private boolean escaped;

    private enum Place {
        HEAD,
        ARGUMENTS,
        TAIL,
        BETWEEN
    }

    CallReader(int choice) {
        this.choice = choice;
    }

    /** Takes what follows the first marker. */
    void read(byte[] utf8) {
        for (byte b : utf8) {
            switch (place) {
                case HEAD -> head(b);
                case ARGUMENTS -> argument(b);
                case TAIL -> place = b == '>' ? Place.BETWEEN : Place.TAIL;
                case BETWEEN -> {
                    if (b == '>') {
                        begin();
                    }
                }
            }
        }
        flush();
    }

    private void begin() {
        index++;
        quotes = 0;
        name.setLength(0);
        text = new TextAssembler(List.of());
        place = Place.HEAD;
    }

    private void head(byte b) {
        if (b == '"') {
            quotes++;
            if (quotes == AFTER_NAME) {
                ready.add(new ToolCallDelta(choice, index, newId(), name.toString(), "", 0));
            }
        } else if (quotes == BEFORE_NAME) {
            name.append((char) b);
        } else if (quotes == BEFORE_ARGUMENTS && b == '{') {
            place = Place.ARGUMENTS;
            depth = 0;
            argument(b);
        }
    }

    private void argument(byte b) {
        arguments[0] = b;
        pending += text.append(arguments);
        if (inText) {
            if (escaped) {
                escaped = false;
            } else if (b == '\\') {
                escaped = true;
            } else if (b == '"') {
                inText = false;
            }
        } else if (b == '"') {
            inText = true;
        } else if (b == '{' || b == '[') {
            depth++;
        } else if ((b == '}' || b == ']') && --depth == 0) {
            flush();
            place = Place.TAIL;
        }
    }

    private void flush() {
        if (!pending.isEmpty()) {
            ready.add(new ToolCallDelta(choice, index, null, null, pending, 0));
            pending = "";
        }
    }

    /** Whether anything came that was not taken. */
    boolean isReady() {
        return !ready.isEmpty();
    }

    /** The deltas since the last time; {@code tokens} are counted with the first of them. */
    List<ToolCallDelta> take(int tokens) {
        List<ToolCallDelta> taken = new ArrayList<>(ready.size());
        for (ToolCallDelta delta : ready) {
            int counted = taken.isEmpty() ? tokens : 0;
            taken.add(new ToolCallDelta(choice, delta.index(), delta.id(), delta.name(), delta.arguments(), counted));
        }
        ready.clear();
        return taken;
    }

    private static String newId() {
        char[] id = new char[ID_LENGTH];
        ThreadLocalRandom random = ThreadLocalRandom.current();
        for (int i = 0; i < id.length; i++) {
            id[i] = ALPHABET.charAt(random.nextInt(ALPHABET.length()));
        }
        return "call_" + new String(id);
    }
}

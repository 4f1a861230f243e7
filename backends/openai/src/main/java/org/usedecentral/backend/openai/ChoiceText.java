package org.usedecentral.backend.openai;

import java.util.EnumMap;
import java.util.Map;
import org.usedecentral.spi.inference.PartKind;

/** Gives the text of one choice in whole characters: JSON's escapes let a server cut one between two chunks. One thread. */
final class ChoiceText {
    private final Map<PartKind, Character> held = new EnumMap<>(PartKind.class);

    /** The text with what was held back before it, and without the half of a character at its end. */
    String whole(PartKind kind, String text) {
        Character before = held.remove(kind);
        String all = before == null ? text : before + text;
        int length = all.length();
        if (length > 0 && Character.isHighSurrogate(all.charAt(length - 1))) {
            held.put(kind, all.charAt(length - 1));
            all = all.substring(0, length - 1);
        }
        return repaired(all);
    }

    /** Halves that never find their other become U+FFFD. */
    static String repaired(String text) {
        StringBuilder repaired = null;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (!Character.isSurrogate(c)) {
                continue;
            }
            if (Character.isHighSurrogate(c) && i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1))) {
                i++;
                continue;
            }
            repaired = repaired == null ? new StringBuilder(text) : repaired;
            repaired.setCharAt(i, '\uFFFD');
        }
        return repaired == null ? text : repaired.toString();
    }
}

package org.usedecentral.testkit.inference;

import java.util.LinkedHashMap;
import java.util.Map;

/** Ids of a scripted backend's tokens: made of their text, so that they are always the same. Thread-safe; remembers the last 10,000. */
final class Vocabulary {
    private static final int MOST = 10_000;

    private final Map<Integer, String> texts = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Integer, String> eldest) {
            return size() > MOST;
        }
    };

    synchronized int id(String text) {
        int id = text.hashCode() & Integer.MAX_VALUE;
        texts.put(id, text);
        return id;
    }

    /** The token of that id; a made-up one if it was never said. */
    synchronized String text(int id) {
        return texts.getOrDefault(id, "<" + id + ">");
    }
}

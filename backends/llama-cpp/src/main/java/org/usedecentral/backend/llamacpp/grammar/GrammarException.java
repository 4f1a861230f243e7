package org.usedecentral.backend.llamacpp.grammar;

/** A grammar that cannot be read, is too large, or turns out too ambiguous to be followed. */
public final class GrammarException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public GrammarException(String message) {
        super(message);
    }

    /** What is wrong with it, for whoever wrote it. */
    public String message() {
        return String.valueOf(getMessage());
    }
}

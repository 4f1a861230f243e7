package org.usedecentral.spi.inference;

/**
 * The form the output must have.
 *
 * @param definition a JSON schema or a GBNF grammar; empty for the other kinds
 */
public record ResponseFormat(Kind kind, String definition) {
    public static final ResponseFormat TEXT = new ResponseFormat(Kind.TEXT, "");

    /** The kinds of form. */
    public enum Kind {
        TEXT,
        JSON_OBJECT,
        JSON_SCHEMA,
        GRAMMAR
    }
}

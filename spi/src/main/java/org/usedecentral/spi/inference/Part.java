package org.usedecentral.spi.inference;

/**
 * Which part of the output some bytes belong to. Callers on the hot path keep instances.
 *
 * @param index the tool call's, 0 otherwise
 */
public record Part(int choice, PartKind kind, int index) {
    /** The text of the first choice: what nearly every piece of output is. */
    public static final Part TEXT = new Part(0, PartKind.TEXT, 0);

    /** A part, without allocation for the most common one. */
    public static Part of(int choice, PartKind kind, int index) {
        return choice == 0 && kind == PartKind.TEXT && index == 0 ? TEXT : new Part(choice, kind, index);
    }
}

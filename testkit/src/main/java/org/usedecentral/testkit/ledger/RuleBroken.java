package org.usedecentral.testkit.ledger;

/** A schedule found what must not be. */
final class RuleBroken extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String kind;

    /** {@code kind} names the rule; a schedule is shortened while it breaks the same one. */
    RuleBroken(String kind, String detail) {
        super(kind + ": " + detail);
        this.kind = kind;
    }

    String kind() {
        return kind;
    }
}

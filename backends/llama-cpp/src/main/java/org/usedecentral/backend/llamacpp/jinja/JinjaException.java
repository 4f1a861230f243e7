package org.usedecentral.backend.llamacpp.jinja;

/** Why a template cannot be parsed or rendered. */
public final class JinjaException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final boolean raised;

    private JinjaException(String message, boolean raised) {
        super(message);
        this.raised = raised;
    }

    /** A fault in the template, or something in it that we do not know. */
    static JinjaException fault(String message) {
        return new JinjaException(message, false);
    }

    /** The template itself refuses the conversation, by {@code raise_exception}. */
    static JinjaException raised(String message) {
        return new JinjaException(message, true);
    }

    /** True if the template refused the conversation, false if it could not be run. */
    public boolean isRaised() {
        return raised;
    }
}

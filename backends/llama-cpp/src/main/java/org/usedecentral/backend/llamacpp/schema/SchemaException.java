package org.usedecentral.backend.llamacpp.schema;

/** A schema that is none, or that no grammar can hold to. */
public final class SchemaException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final boolean unsupported;

    private SchemaException(String message, boolean unsupported) {
        super(message);
        this.unsupported = unsupported;
    }

    /** The schema says something that cannot be honoured here. */
    static SchemaException unsupported(String what) {
        return new SchemaException(what, true);
    }

    /** The schema is wrong, or nothing satisfies it. */
    static SchemaException invalid(String what) {
        return new SchemaException(what, false);
    }

    /** True if the schema is right and only cannot be honoured. */
    public boolean isUnsupported() {
        return unsupported;
    }

    public String message() {
        return String.valueOf(getMessage());
    }
}

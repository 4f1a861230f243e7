package org.usedecentral.spi;

import org.jspecify.annotations.Nullable;

/** The one exception of Decentral: a code that programs act on, a message that says what to do, and where known the request field at fault. */
public final class DecentralException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final ErrorCode code;
    private final @Nullable String parameter;

    public DecentralException(ErrorCode code, String message) {
        this(code, message, null, null);
    }

    public DecentralException(ErrorCode code, String message, @Nullable Throwable cause) {
        this(code, message, null, cause);
    }

    private DecentralException(ErrorCode code, String message, @Nullable String parameter, @Nullable Throwable cause) {
        super(message, cause);
        this.code = code;
        this.parameter = parameter;
    }

    /** A request refused because of one of its fields. */
    public static DecentralException invalid(String parameter, String message) {
        return new DecentralException(ErrorCode.INVALID_REQUEST, message, parameter, null);
    }

    /** The same error, naming the request field at fault. */
    public DecentralException at(String field) {
        return new DecentralException(code, message(), field, this);
    }

    /** The answer to a call that an implementation does not offer; {@code what} begins the sentence. */
    public static DecentralException unsupported(String what) {
        return new DecentralException(ErrorCode.UNSUPPORTED_FEATURE, what + " is not supported here");
    }

    public ErrorCode code() {
        return code;
    }

    public String message() {
        String message = getMessage();
        return message == null ? code.name() : message;
    }

    /** The request field at fault, or null. */
    public @Nullable String parameter() {
        return parameter;
    }
}

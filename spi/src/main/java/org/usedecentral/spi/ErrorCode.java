package org.usedecentral.spi;

import static org.usedecentral.spi.ErrorCode.Kind.CLIENT;
import static org.usedecentral.spi.ErrorCode.Kind.EXTERNAL;
import static org.usedecentral.spi.ErrorCode.Kind.INTERNAL_FAULT;
import static org.usedecentral.spi.ErrorCode.Kind.RESOURCES;

/** Every way in which Decentral says no. Plugins never switch over it: codes are added. */
public enum ErrorCode {
    INVALID_REQUEST(CLIENT, false),
    UNSUPPORTED_FEATURE(CLIENT, false),
    UNAUTHENTICATED(CLIENT, false),
    FORBIDDEN(CLIENT, false),
    NOT_FOUND(CLIENT, false),
    MODEL_NOT_FOUND(CLIENT, false),
    CONTEXT_TOO_LONG(CLIENT, false),
    CONFLICT(CLIENT, false),
    INSUFFICIENT_CREDITS(RESOURCES, false),
    RATE_LIMITED(RESOURCES, true),
    OVERLOADED(RESOURCES, true),
    NO_WORKER(RESOURCES, true),
    START_TIMEOUT(EXTERNAL, true),
    DEADLINE_EXCEEDED(EXTERNAL, false),
    CANCELLED(CLIENT, false),
    PROOF_INVALID(EXTERNAL, false),
    UNAVAILABLE(EXTERNAL, true),
    /** A write may or may not have happened: repeat it with the same write id. */
    OUTCOME_UNKNOWN(EXTERNAL, true),
    INTERNAL(INTERNAL_FAULT, false);

    /** Who must act. */
    public enum Kind {
        CLIENT,
        RESOURCES,
        EXTERNAL,
        INTERNAL_FAULT
    }

    private final Kind kind;
    private final boolean retryable;

    ErrorCode(Kind kind, boolean retryable) {
        this.kind = kind;
        this.retryable = retryable;
    }

    public Kind kind() {
        return kind;
    }

    /** True when the same request may succeed later, unchanged. */
    public boolean retryable() {
        return retryable;
    }
}

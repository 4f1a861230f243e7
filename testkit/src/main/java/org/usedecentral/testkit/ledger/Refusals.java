package org.usedecentral.testkit.ledger;

import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;

/** Short forms of the refusals a ledger gives most. */
final class Refusals {
    private Refusals() {}

    static DecentralException refuse(ErrorCode code, String message) {
        return new DecentralException(code, message);
    }

    /** The state does not allow it. */
    static DecentralException conflict(String message) {
        return new DecentralException(ErrorCode.CONFLICT, message);
    }

    /** The wrong party asks. */
    static DecentralException forbidden(String message) {
        return new DecentralException(ErrorCode.FORBIDDEN, message);
    }
}

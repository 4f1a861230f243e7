package org.usedecentral.ledger.embedded;

import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;

/** What is said when the database does not hold what was written. */
final class Damage {
    private Damage() {}

    static DecentralException of(String what) {
        return new DecentralException(
                ErrorCode.INTERNAL,
                "the ledger is damaged: " + what
                        + ". It takes no writes in this state: restore its folder from a backup, and keep this copy");
    }
}

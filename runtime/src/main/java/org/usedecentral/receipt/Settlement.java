package org.usedecentral.receipt;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.usedecentral.spi.protocol.TransactionId;

/**
 * What the ledger did about a job.
 *
 * @param lock the transaction that locked the job's maximum
 * @param settle the one that settled it; there exactly when the state is {@link State#SETTLED}
 */
public record Settlement(
        State state, TransactionId lock, @Nullable TransactionId settle) {
    public Settlement {
        if ((state == State.SETTLED) != (settle != null)) {
            throw new IllegalArgumentException("a settle transaction stands in a settled receipt, and only there");
        }
    }

    /** How far a job's payment is. */
    public enum State {
        /** Proved, and not settled yet. */
        PENDING("pending"),
        SETTLED("settled"),
        /** The proof did not match what was relayed: only vouchers were paid. */
        UNPROVED("unproved"),
        REFUNDED("refunded");

        private final String wireName;

        State(String wireName) {
            this.wireName = wireName;
        }

        /** The name in a receipt's JSON, which is also what the gateway signs. */
        public String wireName() {
            return wireName;
        }

        static Optional<State> named(String wireName) {
            for (State state : values()) {
                if (state.wireName.equals(wireName)) {
                    return Optional.of(state);
                }
            }
            return Optional.empty();
        }
    }
}

package org.usedecentral.backend.openai;

import java.util.concurrent.atomic.AtomicBoolean;
import org.usedecentral.spi.inference.ModelCard;

/**
 * A model that the server has now.
 *
 * @param upstream the server's name for it
 * @param learnt what its answers have shown; outlives a new listing
 */
record ServedModel(ModelCard card, String upstream, Dialect dialect, Counting counting, Learnt learnt) {
    /** Thread-safe. */
    static final class Learnt {
        private final AtomicBoolean chunksExceedTokens = new AtomicBoolean();
        private final AtomicBoolean lacksCountingPath = new AtomicBoolean();

        /** False once an answer had more chunks than tokens: from then on tokens are only counted at the end. */
        boolean chunksAreTokens() {
            return !chunksExceedTokens.get();
        }

        /** True the first time only. */
        boolean chunksExceedTokens() {
            return chunksExceedTokens.compareAndSet(false, true);
        }

        boolean hasCountingPath() {
            return !lacksCountingPath.get();
        }

        void lacksCountingPath() {
            lacksCountingPath.set(true);
        }
    }
}

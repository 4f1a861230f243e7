package org.usedecentral.orchestrator;

import org.usedecentral.receipt.SignedReceipt;
import org.usedecentral.spi.inference.TokenStream;
import org.usedecentral.spi.protocol.JobId;
import org.usedecentral.spi.protocol.TransactionId;

/**
 * A running job: the network as a token stream. One reader; {@link #close} from any thread tells the worker to stop. {@code next} throws
 * why the job failed, also in its middle; {@code Finished} comes only after the worker's proof was verified and is safe on disk.
 */
public interface JobStream extends TokenStream {
    JobId jobId();

    /** The ledger transaction that locked the job's maximum. */
    TransactionId lockTransaction();

    /**
     * Waits until a client can be told that its job runs: until the first event is there, or 2 s after the lock.
     *
     * @throws org.usedecentral.spi.DecentralException why the job failed before that
     */
    void awaitCommit() throws InterruptedException;

    /**
     * The receipt as the stream ends, its settlement pending.
     *
     * @throws IllegalStateException before {@code Finished}
     */
    SignedReceipt receipt();
}

package org.usedecentral.spi.ledger;

import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.usedecentral.spi.protocol.JobId;
import org.usedecentral.spi.protocol.TransactionId;

/**
 * A confirmed write.
 *
 * @param position grows by order; resumes {@link SettlementLedger#events}
 * @param operation the operation's label, such as {@code settle}
 * @param job the job it concerns, if any
 */
public record LedgerEvent(
        long position,
        TransactionId transaction,
        Instant time,
        String operation,
        @Nullable JobId job) {}

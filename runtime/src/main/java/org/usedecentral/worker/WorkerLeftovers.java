package org.usedecentral.worker;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.usedecentral.spi.protocol.SignedVoucher;

/**
 * What the journal of a stopped worker shows: attempts of the last two hours, and vouchers that it will look after when it starts again.
 *
 * @param value of the vouchers, base units, before the split
 */
public record WorkerLeftovers(int attempts, int vouchers, long value) {
    /** Reads it; what no longer matters is shortened away, as at a start. The directory must not be in use. */
    public static WorkerLeftovers of(Path directory, Instant now) {
        if (!Files.exists(directory.resolve(WorkerJournal.FILE_NAME))) {
            return new WorkerLeftovers(0, 0, 0);
        }
        try (WorkerJournal journal = new WorkerJournal(directory, now)) {
            List<SignedVoucher> vouchers = journal.vouchers();
            long value = vouchers.stream()
                    .mapToLong(voucher -> voucher.voucher().price())
                    .sum();
            return new WorkerLeftovers(journal.attempts(), vouchers.size(), value);
        }
    }
}

package org.usedecentral.receipt;

import java.util.List;
import org.usedecentral.spi.protocol.SignedStatement;
import org.usedecentral.spi.protocol.SignedVoucher;

/**
 * What orchestrator and workers signed about a job, in the order of its attempts.
 *
 * @param vouchers the newest of each attempt; at most {@value #MAX}
 * @param statements of the attempts that ended; the last one is the job's; at most {@value #MAX}
 */
public record Evidence(List<SignedVoucher> vouchers, List<SignedStatement> statements) {
    /** The most vouchers, and the most statements, that a receipt carries. */
    public static final int MAX = 16;

    public Evidence {
        vouchers = List.copyOf(vouchers);
        statements = List.copyOf(statements);
        if (vouchers.size() > MAX || statements.size() > MAX) {
            throw new IllegalArgumentException("a receipt carries at most " + MAX + " vouchers and statements");
        }
    }
}

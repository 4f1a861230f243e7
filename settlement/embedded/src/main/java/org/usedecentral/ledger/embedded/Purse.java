package org.usedecentral.ledger.embedded;

import org.usedecentral.spi.Account;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.protocol.JobId;

/**
 * A place where money is. Its balance is the sum of its postings.
 *
 * @param owner an account, a job, or nobody for the world outside
 */
record Purse(Kind kind, Bytes owner) {
    /** The names stand in the database. */
    enum Kind {
        /** Where deposits come from and withdrawals go to; its balance is what the operator owes, negated. */
        OUTSIDE,
        FREE,
        /** A job's remainder. */
        ESCROW,
        /** A settled worker's share until close. */
        HELD
    }

    static final Purse OUTSIDE = new Purse(Kind.OUTSIDE, Bytes.empty());

    static Purse free(Account account) {
        return new Purse(Kind.FREE, account.key());
    }

    static Purse escrow(JobId job) {
        return new Purse(Kind.ESCROW, job.value());
    }

    static Purse held(JobId job) {
        return new Purse(Kind.HELD, job.value());
    }
}

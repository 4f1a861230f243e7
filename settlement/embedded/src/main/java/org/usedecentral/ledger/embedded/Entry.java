package org.usedecentral.ledger.embedded;

import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.ledger.EscrowedJob;
import org.usedecentral.spi.protocol.JobId;
import org.usedecentral.spi.protocol.TransactionId;

/** A journal entry while its operation takes effect. All money moves through it, from one purse to another, so that it always adds up. One thread. */
final class Entry {
    private final Journal.Head head;
    private final Book book;
    private final Map<Purse, Long> postings = new LinkedHashMap<>();

    Entry(Journal.Head head, Book book) {
        this.head = head;
        this.book = book;
    }

    long position() {
        return head.index();
    }

    TransactionId transaction() {
        return new TransactionId(head.hash());
    }

    Map<Purse, Long> postings() {
        return postings;
    }

    /** Moves base units; a job's held purse can be used once the job is settled. */
    void move(Purse from, Purse to, long amount) throws SQLException {
        if (amount < 0) {
            throw new IllegalStateException("money moves forward only, not " + amount);
        }
        if (amount > 0) {
            post(from, -amount);
            post(to, amount);
        }
    }

    private void post(Purse purse, long amount) throws SQLException {
        postings.merge(purse, amount, Math::addExact);
        switch (purse.kind()) {
            case OUTSIDE -> book.moveOutside(amount);
            case FREE -> {
                AccountRow account = book.account(new Account(purse.owner()));
                account.free = Math.addExact(account.free, amount);
                account.changed = true;
            }
            case ESCROW -> {
                JobRow job = job(purse);
                job.remaining = Math.addExact(job.remaining, amount);
                job.changed = true;
                AccountRow payer = book.account(job.terms().payer());
                payer.locked = Math.addExact(payer.locked, amount);
                payer.changed = true;
            }
            case HELD -> {
                JobRow job = job(purse);
                EscrowedJob.Settled settled = job.settled;
                if (settled == null) {
                    throw new IllegalStateException("job " + job.id() + " holds nothing before it is settled");
                }
                job.held = Math.addExact(job.held, amount);
                job.changed = true;
                AccountRow payout = book.account(settled.payout());
                payout.held = Math.addExact(payout.held, amount);
                payout.changed = true;
            }
        }
    }

    private JobRow job(Purse purse) throws SQLException {
        JobRow job = book.job(new JobId(purse.owner()));
        if (job == null) {
            throw new IllegalStateException("no job has the purse " + purse.owner());
        }
        return job;
    }
}

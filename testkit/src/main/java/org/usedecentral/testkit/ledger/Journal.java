package org.usedecentral.testkit.ledger;

import static org.usedecentral.testkit.ledger.Refusals.conflict;
import static org.usedecentral.testkit.ledger.Refusals.refuse;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.ledger.Committed;
import org.usedecentral.spi.ledger.LedgerEvent;
import org.usedecentral.spi.ledger.LedgerEvents;
import org.usedecentral.spi.protocol.JobId;
import org.usedecentral.spi.protocol.LedgerId;
import org.usedecentral.spi.protocol.LedgerOperation;
import org.usedecentral.spi.protocol.Signed;
import org.usedecentral.spi.protocol.TransactionId;
import org.usedecentral.spi.protocol.WriteId;

/** What was written, in order, and what each write id stands for. Thread-safe: every method holds the journal's monitor. */
final class Journal {
    /** A test that writes more needs a ledger on disk. */
    private static final int MAX_ENTRIES = 1 << 20;

    private record Scope(Account signer, WriteId write) {}

    /** A first result: the entry, or with {@link Rule#REFUSALS_FORGOTTEN} off the refusal. */
    private record First(
            Bytes body,
            @Nullable Committed committed,
            @Nullable DecentralException refusal) {}

    private final LedgerId ledger;
    private final Set<Rule> off;
    private final List<LedgerEvent> entries = new ArrayList<>();
    private final Map<Scope, First> writes = new HashMap<>();
    private boolean closed;

    Journal(LedgerId ledger, Set<Rule> off) {
        this.ledger = ledger;
        this.off = off;
    }

    /** The first result of this write id; null if it is new; {@code CONFLICT} if it stands for other content. */
    synchronized @Nullable Committed repeated(Account signer, WriteId write, Bytes body) {
        First first = writes.get(scope(signer, write));
        if (first == null) {
            return null;
        }
        if (!first.body.equals(body)) {
            throw conflict("write id " + write + " was used for another operation; take a new one");
        }
        if (first.refusal != null) {
            throw first.refusal;
        }
        return first.committed;
    }

    /** The result that the next entry will have if it is taken. */
    synchronized Committed next(Bytes body, long now) {
        if (entries.size() >= MAX_ENTRIES) {
            throw refuse(ErrorCode.OVERLOADED, "a ledger in memory takes " + MAX_ENTRIES + " writes; make a new one");
        }
        Bytes previous = entries.isEmpty()
                ? Bytes.zeros(32)
                : entries.getLast().transaction().value();
        Bytes hash = Signed.journalEntry(ledger, new Signed.JournalPosition(entries.size(), previous, now), body);
        return new Committed(new TransactionId(hash), Committed.Level.FINALIZED, entries.size());
    }

    synchronized void append(Account signer, WriteId write, LedgerOperation operation, Committed result, Entry entry) {
        writes.put(scope(signer, write), new First(entry.body, result, null));
        entries.add(new LedgerEvent(
                result.position(),
                result.transaction(),
                Instant.ofEpochSecond(entry.now),
                operation.label(),
                entry.job));
        notifyAll();
    }

    /** What an entry is about. */
    record Entry(Bytes body, long now, @Nullable JobId job) {}

    synchronized void refused(Account signer, WriteId write, Bytes body, DecentralException refusal) {
        if (off.contains(Rule.REFUSALS_FORGOTTEN)) {
            writes.put(scope(signer, write), new First(body, null, refusal));
        }
    }

    private Scope scope(Account signer, WriteId write) {
        return new Scope(off.contains(Rule.WRITE_SCOPE) ? Account.NONE : signer, write);
    }

    LedgerEvents after(long position) {
        if (position < -1) {
            throw DecentralException.invalid("afterPosition", "events are resumed after a position, or after -1");
        }
        return new Reader(position + 1);
    }

    synchronized void open() {
        closed = false;
    }

    /** Wakes every reader. */
    synchronized void close() {
        closed = true;
        notifyAll();
    }

    private final class Reader implements LedgerEvents {
        private long next;
        private boolean cancelled;

        Reader(long next) {
            this.next = next;
        }

        @Override
        public LedgerEvent next() throws InterruptedException {
            synchronized (Journal.this) {
                while (true) {
                    LedgerEvent event = poll();
                    if (event != null) {
                        return event;
                    }
                    Journal.this.wait();
                }
            }
        }

        @Override
        public @Nullable LedgerEvent poll() {
            synchronized (Journal.this) {
                if (cancelled || closed) {
                    throw refuse(ErrorCode.CANCELLED, "the stream of ledger events was closed");
                }
                return next < entries.size() ? entries.get((int) next++) : null;
            }
        }

        @Override
        public void close() {
            synchronized (Journal.this) {
                cancelled = true;
                Journal.this.notifyAll();
            }
        }
    }
}

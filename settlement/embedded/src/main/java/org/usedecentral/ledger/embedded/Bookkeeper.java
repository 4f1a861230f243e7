package org.usedecentral.ledger.embedded;

import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.Signer;
import org.usedecentral.spi.ledger.Committed;
import org.usedecentral.spi.protocol.JobId;
import org.usedecentral.spi.protocol.LedgerId;
import org.usedecentral.spi.protocol.TransactionId;

/**
 * Applies operations to the book, journals them and commits many at once. An operation is checked before it changes anything; if
 * anything else fails, the whole commit is rolled back. The same code replays a journal for an audit. One thread.
 */
final class Bookkeeper implements AutoCloseable {
    private final Store store;
    private final LedgerId ledger;
    private Book book;
    private Rules rules;
    private Journal.Head head;
    private Journal.Head committed;
    private Store.LedgerRow committedRow;

    private Bookkeeper(Store store, Store.LedgerRow row, Journal.Head head) {
        this.store = store;
        this.ledger = LedgerId.embedded(row.operator(), row.random());
        this.book = new Book(store, row);
        this.rules = new Rules(book);
        this.head = head;
        this.committed = head;
        this.committedRow = row;
    }

    /** Goes on with a ledger; null if the store is empty. */
    static @Nullable Bookkeeper load(Store store) throws SQLException {
        Store.LedgerRow row = store.ledger();
        return row == null ? null : new Bookkeeper(store, row, store.head());
    }

    /** Begins a ledger; not yet committed. */
    static Bookkeeper create(Store store, JournalBody.Genesis genesis, long time) throws SQLException {
        Store.LedgerRow row = new Store.LedgerRow(genesis.operator(), genesis.random(), 0, 0, time);
        Bookkeeper keeper = new Bookkeeper(store, row, Journal.Head.NONE);
        Entry entry = keeper.append(genesis, "genesis", null, time);
        keeper.book.changeSettings(entry.position());
        return keeper;
    }

    LedgerId ledger() {
        return ledger;
    }

    Account operator() {
        return book.ledger().operator();
    }

    /** The last entry, committed or not. */
    Journal.Head head() {
        return head;
    }

    /** The last committed entry. */
    Journal.Head committed() {
        return committed;
    }

    /** The last time the ledger is known to have run. */
    long heartbeat() {
        return Math.max(book.ledger().heartbeat(), head.time());
    }

    Settings settings() throws SQLException {
        return book.settings(book.ledger().settings());
    }

    Book book() {
        return book;
    }

    /**
     * Applies an operation, or finds that it was applied before.
     *
     * @throws DecentralException if the rules refuse it; then nothing changed
     * @throws SQLException if the store failed; then the commit must be rolled back, as after any other exception
     */
    Committed apply(Verified write, long time) throws SQLException {
        Store.Written before = store.written(write.signer(), write.signed().write());
        if (before != null) {
            if (!before.content().equals(write.content())) {
                throw new DecentralException(
                        ErrorCode.CONFLICT,
                        "write id " + write.signed().write() + " of " + write.signer()
                                + " stands for another write: take a new id");
            }
            return result(before.transaction(), before.position());
        }
        Rules.Effect effect = rules.check(write, time);
        try {
            Entry entry = append(
                    new JournalBody.Operation(write.signed()),
                    write.operation().label(),
                    Rules.job(write.operation()),
                    time);
            effect.apply(entry);
            store.addPostings(entry.position(), entry.postings());
            store.addWrite(write.signer(), write.signed().write(), write.content(), entry.position());
            return result(entry.transaction(), entry.position());
        } catch (DecentralException e) {
            // A refusal after the checks would leave half an operation behind.
            throw new IllegalStateException("an effect failed", e);
        }
    }

    private static Committed result(TransactionId transaction, long position) {
        return new Committed(transaction, Committed.Level.FINALIZED, position);
    }

    /** Records other settings, for jobs locked from here on. */
    void change(Settings settings, long time) throws SQLException {
        Entry entry = append(new JournalBody.Change(settings), "change", null, time);
        book.changeSettings(entry.position());
    }

    /** Extends the deadlines that had not passed at the last heartbeat by the time since. */
    void resume(long heartbeat, long time) throws SQLException {
        Entry ignored = append(new JournalBody.Resume(heartbeat), "resume", null, time);
        book.save();
        store.extendDeadlines(heartbeat, time - heartbeat);
        book.forget();
    }

    private Entry append(JournalBody body, String label, @Nullable JobId job, long time) throws SQLException {
        Bytes encoded = body.encode();
        head = Journal.append(ledger, head, time, encoded);
        store.add(new Store.EntryRow(head, label, job, encoded), body.kind());
        return new Entry(head, book);
    }

    /** Writes a heartbeat into the commit. */
    void beat(long time) {
        book.beat(time);
    }

    /** Makes everything ready to commit; nothing is written if it fails. */
    void prepare(@Nullable Signer signer) throws SQLException {
        book.save();
        if (signer != null && head.index() > committed.index()) {
            store.addHead(head.index(), signer.sign(Journal.signed(ledger, head)));
        }
    }

    /** Commits what is prepared. If it fails, whether it was written is not known. */
    void commit() throws SQLException {
        store.sql.commit();
        committed = head;
        committedRow = book.ledger();
        book.trim();
    }

    /** Forgets everything since the last commit. */
    void rollback() throws SQLException {
        store.sql.rollback();
        head = committed;
        book = new Book(store, committedRow);
        rules = new Rules(book);
    }

    @Override
    public void close() throws SQLException {
        store.close();
    }
}

package org.usedecentral.ledger.embedded;

import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;

/** A few connections that read what is committed, beside the writer. Thread-safe. */
final class Readers implements AutoCloseable {
    private static final System.Logger LOGGER = System.getLogger(Readers.class.getName());
    private static final int COUNT = 4;
    private static final long PATIENCE_SECONDS = 10;

    private final ArrayBlockingQueue<Store> idle = new ArrayBlockingQueue<>(COUNT);
    private final List<Store> all = new ArrayList<>(COUNT);
    private volatile boolean closed;

    Readers(Path file) throws SQLException {
        try {
            for (int i = 0; i < COUNT; i++) {
                Store store = new Store(Database.read(file));
                all.add(store);
                idle.add(store);
            }
        } catch (SQLException | RuntimeException e) {
            close();
            throw e;
        }
    }

    /** A read. */
    interface Query<T> {
        T read(Store store) throws SQLException;
    }

    /** Runs a read on what is committed now; {@code OVERLOADED} if every connection stays busy, {@code UNAVAILABLE} if it fails. */
    <T> T read(Query<T> query) {
        Store store = borrow();
        try {
            T answer = query.read(store);
            // Ends the read's snapshot, so that the next one sees newer commits.
            store.sql.commit();
            return answer;
        } catch (SQLException e) {
            rollback(store);
            throw new DecentralException(
                    ErrorCode.UNAVAILABLE, "the ledger cannot be read now (" + e.getMessage() + "): try again", e);
        } catch (RuntimeException e) {
            rollback(store);
            throw e;
        } finally {
            idle.add(store);
        }
    }

    private Store borrow() {
        if (closed) {
            throw new DecentralException(ErrorCode.UNAVAILABLE, "the ledger is closed");
        }
        try {
            Store store = idle.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
            if (store == null) {
                throw new DecentralException(
                        ErrorCode.OVERLOADED, "every reader of the ledger was busy for " + PATIENCE_SECONDS + " s");
            }
            return store;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new DecentralException(ErrorCode.CANCELLED, "interrupted while waiting to read the ledger", e);
        }
    }

    private static void rollback(Store store) {
        try {
            store.sql.rollback();
        } catch (SQLException e) {
            LOGGER.log(System.Logger.Level.WARNING, "a read of the ledger did not end well", e);
        }
    }

    /** Called after the last read. */
    @Override
    public void close() {
        closed = true;
        for (Store store : all) {
            try {
                store.close();
            } catch (SQLException e) {
                LOGGER.log(System.Logger.Level.WARNING, "a reader of the ledger did not close", e);
            }
        }
    }
}

package org.usedecentral.ledger.embedded;

import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.ledger.LedgerEvent;
import org.usedecentral.spi.ledger.LedgerEvents;

/** Reads the journal's operations to whoever follows them, and wakes the waiting after each commit. Thread-safe. */
final class EventFeeds {
    private static final int MOST_FEEDS = 256;

    /** Events that a feed reads at once. */
    private static final int BATCH = 256;

    private static final long WAIT_SECONDS = 10;

    private final Readers readers;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition news = lock.newCondition();
    private final Set<Feed> feeds = new HashSet<>();
    private long last;
    private boolean closed;

    /** Begins with the last committed position. */
    EventFeeds(Readers readers, long last) {
        this.readers = readers;
        this.last = last;
    }

    /** Everything up to {@code position} is committed now. */
    void committed(long position) {
        lock.lock();
        try {
            last = position;
            news.signalAll();
        } finally {
            lock.unlock();
        }
    }

    LedgerEvents after(long position) {
        if (position < -1) {
            throw DecentralException.invalid("afterPosition", "events are resumed after a position, or after -1");
        }
        Feed feed = new Feed(position);
        lock.lock();
        try {
            if (closed) {
                throw new DecentralException(ErrorCode.UNAVAILABLE, "the ledger is closed");
            }
            if (feeds.size() >= MOST_FEEDS) {
                throw new DecentralException(
                        ErrorCode.OVERLOADED, "the ledger's events are followed " + MOST_FEEDS + " times: close one");
            }
            feeds.add(feed);
            return feed;
        } finally {
            lock.unlock();
        }
    }

    /** Ends every feed. */
    void close() {
        lock.lock();
        try {
            closed = true;
            feeds.forEach(feed -> feed.ended = true);
            feeds.clear();
            news.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private final class Feed implements LedgerEvents {
        /** The reading thread's own. */
        private final Queue<LedgerEvent> read = new ArrayDeque<>(BATCH);

        /** The position up to which everything was read. */
        private long position;

        /** Guarded by the lock. */
        private boolean ended;

        Feed(long position) {
            this.position = position;
        }

        @Override
        public LedgerEvent next() throws InterruptedException {
            while (true) {
                LedgerEvent event = poll();
                if (event != null) {
                    return event;
                }
                lock.lockInterruptibly();
                try {
                    if (!ended && last <= position) {
                        boolean ignored = news.await(WAIT_SECONDS, TimeUnit.SECONDS);
                    }
                } finally {
                    lock.unlock();
                }
            }
        }

        @Override
        public @Nullable LedgerEvent poll() {
            long end = end();
            if (read.isEmpty() && end > position) {
                List<LedgerEvent> events = readers.read(store -> store.events(position, end, BATCH));
                read.addAll(events);
                // A read that is not full has passed the entries that are no operations too.
                position = events.size() == BATCH ? events.getLast().position() : end;
            }
            return read.poll();
        }

        private long end() {
            lock.lock();
            try {
                if (ended) {
                    throw new DecentralException(ErrorCode.CANCELLED, "the feed of ledger events is closed");
                }
                return last;
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void close() {
            lock.lock();
            try {
                ended = true;
                feeds.remove(this);
                news.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }
}

package org.usedecentral.models;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.usedecentral.models.FetchLimits.Deadline;

/**
 * One fetch at a time of an artifact, among this process's threads and all processes. Closed by the thread that acquired it.
 *
 * <p>A file lock belongs to the whole process, so threads first take a turn among themselves, on a lock that artifacts share by chance:
 * fetches that have nothing in common may then wait for each other, which costs time once, where one lock for each name would never be
 * freed.
 */
final class ArtifactLock implements AutoCloseable {
    private static final long LOOK_MILLIS = 200;
    private static final Turn[] TURNS = new Turn[64];

    static {
        for (int i = 0; i < TURNS.length; i++) {
            TURNS[i] = new Turn();
        }
    }

    private final Turn turn;
    private final FileChannel channel;
    private final FileLock lock;

    private ArtifactLock(Turn turn, FileChannel channel, FileLock lock) {
        this.turn = turn;
        this.channel = channel;
        this.lock = lock;
    }

    /** Waits for the lock of {@code file}, which is created if need be and stays; {@link FetchFailure} at the deadline. */
    static ArtifactLock acquire(Path file, Deadline deadline) throws FetchFailure, IOException, InterruptedException {
        Turn turn = TURNS[Math.floorMod(file.hashCode(), TURNS.length)];
        while (!turn.lock.tryLock(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
            giveUpAfter(deadline, file);
        }
        FileChannel channel = null;
        FileLock lock = null;
        try {
            channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            for (lock = tryLock(channel); lock == null; lock = tryLock(channel)) {
                giveUpAfter(deadline, file);
                // Nobody signals: another process cannot. Waiting here lets this process's other threads try meanwhile.
                boolean _ = turn.another.await(LOOK_MILLIS, TimeUnit.MILLISECONDS);
            }
            return new ArtifactLock(turn, channel, lock);
        } finally {
            if (lock == null) {
                if (channel != null) {
                    channel.close();
                }
                turn.lock.unlock();
            }
        }
    }

    private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException e) {
            // Held in this process by a copy of this class that another class loader has, or through a link to this
            // file.
            return null;
        }
    }

    private static void giveUpAfter(Deadline deadline, Path file) throws FetchFailure {
        if (deadline.passed()) {
            throw new FetchFailure(
                    "another process, or thread of this one, is still busy with it (it holds " + file + ")");
        }
    }

    @Override
    public void close() throws IOException {
        try (channel) {
            lock.release();
        } finally {
            turn.lock.unlock();
        }
    }

    /** What threads of this process wait on. */
    private static final class Turn {
        final ReentrantLock lock = new ReentrantLock();
        final Condition another = lock.newCondition();
    }
}

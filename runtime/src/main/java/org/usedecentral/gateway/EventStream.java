package org.usedecentral.gateway;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.usedecentral.time.Timers;

/**
 * A client's server-sent events. The thread of the request writes them; while there is none, an alarm writes a comment, and that write is
 * what finds out that the client left. Then {@code clientLeft} runs, on any thread and perhaps twice. A write that waits too long is interrupted,
 * which closes the connection.
 */
final class EventStream implements AutoCloseable {
    /** One newline: a comment ends no event, so no client sees an empty one. */
    private static final byte[] PING = ": ping\n".getBytes(StandardCharsets.US_ASCII);

    private final OutputStream out;
    private final Timers timers;
    private final GatewayLimits limits;
    private final Runnable clientLeft;
    private final ReentrantLock writing = new ReentrantLock();
    private volatile @Nullable Write current;
    private volatile Timers.@Nullable Alarm alarm;
    private volatile boolean ended;
    private Instant lastWrite;

    private record Write(Thread by, Instant since) {}

    EventStream(OutputStream out, Timers timers, GatewayLimits limits, Runnable clientLeft) {
        this.out = out;
        this.timers = timers;
        this.limits = limits;
        this.clientLeft = clientLeft;
        this.lastWrite = timers.clock().instant();
        setAlarm(limits.pingInterval());
    }

    /** Sends the status, and what shows that the client is there. */
    void ping() throws ClientLeft {
        write(null);
    }

    /** Sends events at once. */
    void write(@Nullable JsonBytes events) throws ClientLeft {
        writing.lock();
        try {
            writeLocked(events);
        } finally {
            writing.unlock();
        }
    }

    private void writeLocked(@Nullable JsonBytes events) throws ClientLeft {
        if (ended) {
            throw new ClientLeft();
        }
        Instant now = timers.clock().instant();
        current = new Write(Thread.currentThread(), now);
        lastWrite = now;
        try {
            if (events == null) {
                out.write(PING);
            } else {
                events.writeTo(out);
            }
            out.flush();
        } catch (IOException | RuntimeException e) {
            // Helidon has several exceptions for a connection that broke, and they all mean this.
            leave();
            throw new ClientLeft();
        } finally {
            current = null;
        }
    }

    private void leave() {
        ended = true;
        clientLeft.run();
    }

    private void setAlarm(Duration delay) {
        alarm = timers.after(delay, () -> Thread.startVirtualThread(this::onAlarm));
        if (ended) {
            cancelAlarm();
        }
    }

    private void onAlarm() {
        if (ended) {
            return;
        }
        // Before anything that may block, so that a blocked ping is noticed too.
        setAlarm(limits.pingInterval());
        Write stuck = current;
        if (stuck != null && isPast(stuck.since(), limits.writeTime())) {
            leave();
            stuck.by().interrupt();
            return;
        }
        // A few alarms may wait here for a slow write; the first one after its time ends them all.
        writing.lock();
        try {
            if (!ended && isPast(lastWrite, limits.pingInterval())) {
                writeLocked(null);
            }
        } catch (ClientLeft e) {
            cancelAlarm();
        } finally {
            writing.unlock();
        }
    }

    private boolean isPast(Instant since, Duration time) {
        return !timers.clock().instant().isBefore(since.plus(time));
    }

    private void cancelAlarm() {
        Timers.Alarm last = alarm;
        if (last != null) {
            last.cancel();
        }
    }

    /** Ends pinging, after a write that is under way. The connection stays. */
    @Override
    public void close() {
        writing.lock();
        try {
            // Not before the lock: until then alarms must go on to free a write that hangs.
            ended = true;
            cancelAlarm();
        } finally {
            writing.unlock();
        }
    }
}

package org.usedecentral.testkit.network;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.usedecentral.link.Wire;

/** What happens to the frames of one worker on their way to its orchestrator, and whether any get through. Thread-safe. */
public final class LinkFaults {
    private static final int ADVERT = 4;
    private static final int PING = 6;
    private static final int PONG = 7;

    /** Adverts come every ten seconds and end after sixty. */
    private static final Duration FRESH = Duration.ofSeconds(30);

    private final Clock clock;
    private final List<byte[]> seen = new ArrayList<>();
    private UnaryOperator<List<byte[]>> tampering = UnaryOperator.identity();
    private boolean frozen;
    private int unanswered;
    private Instant advertised;

    LinkFaults(Clock clock) {
        this.clock = clock;
        this.advertised = clock.instant();
    }

    /** From now on nothing leaves the worker, as when its process is stopped. */
    public synchronized void freeze() {
        frozen = true;
    }

    /** Each frame goes through {@code change}, which is given a list of it alone and returns what is sent in its place. */
    public synchronized void tamper(UnaryOperator<List<byte[]>> change) {
        tampering = change;
    }

    /** Every frame that went either way. */
    public synchronized List<byte[]> seen() {
        return List.copyOf(seen);
    }

    /** The orchestrator has taken a PONG for each PING and a fresh advert, or none can come. */
    synchronized boolean isQuiet() {
        return frozen || (unanswered == 0 && clock.instant().isBefore(advertised.plus(FRESH)));
    }

    private synchronized List<byte[]> pass(byte[] frame) {
        seen.add(frame.clone());
        return frozen ? List.of() : tampering.apply(List.of(frame.clone()));
    }

    private synchronized void note(byte[] frame) {
        seen.add(frame.clone());
        unanswered += frame[0] == PING ? 1 : 0;
    }

    private synchronized void taken(int type) {
        unanswered -= type == PONG ? 1 : 0;
        advertised = type == ADVERT ? clock.instant() : advertised;
    }

    /** A new link owes nothing for what an older one was asked. */
    synchronized Wire.Listener linked(Wire.Listener orchestrator) {
        unanswered = 0;
        advertised = clock.instant();
        return new Wire.Listener() {
            @Override
            public void onFrame(byte[] frame, int offset, int length) {
                orchestrator.onFrame(frame, offset, length);
                taken(frame[offset]);
            }

            @Override
            public void onClosed(String reason) {
                orchestrator.onClosed(reason);
            }
        };
    }

    Wire fromWorker(Wire wire) {
        return new Wire() {
            @Override
            public void send(byte[] frame) {
                pass(frame).forEach(wire::send);
            }

            @Override
            public void close(String reason) {
                wire.close(reason);
            }
        };
    }

    Wire toWorker(Wire wire) {
        return new Wire() {
            @Override
            public void send(byte[] frame) {
                note(frame);
                wire.send(frame);
            }

            @Override
            public void close(String reason) {
                wire.close(reason);
            }
        };
    }
}

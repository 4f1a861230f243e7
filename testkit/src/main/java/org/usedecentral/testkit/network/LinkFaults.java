package org.usedecentral.testkit.network;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
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
    private Conversation current;

    /** What one connection owes; frames of an older one that are still under way do not count. */
    private static final class Conversation {
        private int unanswered;
        private boolean answered;
        private Instant advertised;

        Conversation(Instant now) {
            this.advertised = now;
        }
    }

    LinkFaults(Clock clock) {
        this.clock = clock;
        this.current = new Conversation(clock.instant());
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
        return frozen || (current.unanswered == 0 && clock.instant().isBefore(current.advertised.plus(FRESH)));
    }

    /** The newest connection has its handshake behind it at both ends: a heartbeat was answered. */
    synchronized boolean isAnswered() {
        return current.answered;
    }

    private synchronized List<byte[]> pass(byte[] frame) {
        seen.add(frame.clone());
        return frozen ? List.of() : tampering.apply(List.of(frame.clone()));
    }

    private synchronized void note(Conversation conversation, byte[] frame) {
        seen.add(frame.clone());
        conversation.unanswered += frame[0] == PING ? 1 : 0;
    }

    private synchronized void taken(Conversation conversation, int type) {
        conversation.unanswered -= type == PONG ? 1 : 0;
        conversation.answered |= type == PONG;
        conversation.advertised = type == ADVERT ? clock.instant() : conversation.advertised;
    }

    private synchronized Conversation begin() {
        current = new Conversation(clock.instant());
        return current;
    }

    /** The orchestrator's end of a connection, made by {@code accept} from the wire to the worker. */
    Wire.Listener linked(Wire wire, Function<Wire, Wire.Listener> accept) {
        Conversation conversation = begin();
        Wire.Listener orchestrator = accept.apply(toWorker(wire, conversation));
        return new Wire.Listener() {
            @Override
            public void onFrame(byte[] frame, int offset, int length) {
                orchestrator.onFrame(frame, offset, length);
                taken(conversation, frame[offset]);
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

    private Wire toWorker(Wire wire, Conversation conversation) {
        return new Wire() {
            @Override
            public void send(byte[] frame) {
                note(conversation, frame);
                wire.send(frame);
            }

            @Override
            public void close(String reason) {
                wire.close(reason);
            }
        };
    }
}

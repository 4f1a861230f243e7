package org.usedecentral.worker;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.usedecentral.link.Wire;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.time.Timers;

/**
 * Dials and dials again. The pause doubles from one try to the next, and is short again only after a link that has lived a while: an orchestrator that
 * refuses a worker right after its greeting must not hear from it twice a second. Thread-safe.
 */
final class Redialing {
    private static final Logger LOG = System.getLogger(Redialing.class.getName());
    static final Duration FIRST = Duration.ofMillis(500);
    static final Duration LONGEST = Duration.ofSeconds(30);

    /** A link that was open so long was a good one. */
    static final Duration LIVED = Duration.ofSeconds(30);

    private final Timers timers;
    private final Dialer dialer;
    private volatile boolean stopped;

    /** Connects once. */
    interface Dialer {
        /** Throws {@code UNAVAILABLE} if nobody answers; {@code accept} is given the wire otherwise. */
        void dial(URI address, Function<Wire, Wire.Listener> accept);
    }

    /** Told what becomes of one connection. */
    interface Turns {
        /** The handshake is over. */
        void opened();

        /** Once, when the connection is over; also if it was never {@link #opened}. */
        void ended(String reason);
    }

    Redialing(Timers timers, Dialer dialer) {
        this.timers = timers;
        this.dialer = dialer;
    }

    /** Makes a connection, on a thread of its own, and another one whenever it ends. */
    void keep(URI address, BiFunction<Wire, Turns, ? extends Wire.Listener> link) {
        timers.startAfter(Duration.ZERO, "decentral-dial", () -> dial(new Target(address, link), FIRST));
    }

    /** Nothing is dialled any more; connections that stand stay. */
    void stop() {
        stopped = true;
    }

    private record Target(URI address, BiFunction<Wire, Turns, ? extends Wire.Listener> link) {}

    private void dial(Target target, Duration pause) {
        if (stopped) {
            return;
        }
        try {
            dialer.dial(target.address(), wire -> target.link().apply(wire, new Connection(target, pause)));
        } catch (DecentralException e) {
            again(target, pause, e.message());
        }
    }

    private void again(Target target, Duration pause, String reason) {
        if (stopped) {
            return;
        }
        LOG.log(Level.WARNING, "{0} is dialled again in {1}: {2}", target.address(), pause, reason);
        Duration doubled = pause.multipliedBy(2);
        Duration next = doubled.compareTo(LONGEST) > 0 ? LONGEST : doubled;
        timers.startAfter(pause, "decentral-dial", () -> dial(target, next));
    }

    /** One connection's way from dialled to ended. */
    private final class Connection implements Turns {
        private final Target target;
        private final Duration pause;
        private volatile @Nullable Instant openedAt;

        Connection(Target target, Duration pause) {
            this.target = target;
            this.pause = pause;
        }

        @Override
        public void opened() {
            openedAt = timers.clock().instant();
        }

        @Override
        public void ended(String reason) {
            Instant since = openedAt;
            boolean lived = since != null
                    && Duration.between(since, timers.clock().instant()).compareTo(LIVED) >= 0;
            again(target, lived ? FIRST : pause, reason);
        }
    }
}

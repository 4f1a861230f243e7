package org.usedecentral.link;

import io.helidon.common.buffers.BufferData;
import io.helidon.webserver.ConnectionContext;
import io.helidon.websocket.WsCloseCodes;
import io.helidon.websocket.WsListener;
import io.helidon.websocket.WsSession;
import java.io.ByteArrayOutputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;

/**
 * The server's end of a WebSocket as a wire: a frame is a binary message, which may come in fragments. Helidon calls it on one thread, which is the
 * connection's for as long as it lasts.
 */
public final class WebSocketWire implements WsListener {
    private static final Logger LOG = System.getLogger(WebSocketWire.class.getName());

    /** How long the other end has to answer a goodbye; then the socket is closed, which also frees whoever waits to write. */
    private static final Duration GOODBYE_LIMIT = Duration.ofSeconds(2);

    private final Function<Wire, Wire.Listener> accept;
    private final ByteArrayOutputStream fragments = new ByteArrayOutputStream();
    private final AtomicBoolean closing = new AtomicBoolean();
    private final AtomicBoolean ended = new AtomicBoolean();
    private volatile @Nullable SessionWire wire;
    private volatile Wire.@Nullable Listener listener;

    /** A listener for one connection; {@code accept} is given the wire when it opens. */
    public WebSocketWire(Function<Wire, Wire.Listener> accept) {
        this.accept = accept;
    }

    @Override
    public void onOpen(WsSession session) {
        Thread connection = Thread.currentThread();
        SessionWire opened = new SessionWire(session, connection);
        wire = opened;
        listener = accept.apply(opened);
        // A peer that goes without a goodbye is told to no listener: all there is to notice is that its thread ends.
        Thread.ofVirtual().name("decentral-wire").start(() -> awaitEnd(connection));
    }

    @Override
    public void onMessage(WsSession session, BufferData buffer, boolean last) {
        Wire.Listener to = listener;
        if (to == null || closing.get()) {
            return;
        }
        byte[] bytes = buffer.readBytes();
        if (last && fragments.size() == 0) {
            to.onFrame(bytes, 0, bytes.length);
            return;
        }
        if (fragments.size() + bytes.length > Frame.MAX_JOB_LENGTH) {
            refuse(WsCloseCodes.TOO_BIG, "frame too large");
            return;
        }
        fragments.writeBytes(bytes);
        if (last) {
            byte[] frame = fragments.toByteArray();
            fragments.reset();
            to.onFrame(frame, 0, frame.length);
        }
    }

    @Override
    public void onMessage(WsSession session, String text, boolean last) {
        refuse(WsCloseCodes.CANNOT_ACCEPT, "frames are binary");
    }

    private void refuse(int code, String reason) {
        SessionWire opened = wire;
        if (opened != null) {
            opened.close(code, reason);
        }
    }

    @Override
    public void onClose(WsSession session, int status, String reason) {
        end("closed by the worker: " + status + " " + reason);
    }

    @Override
    public void onError(WsSession session, Throwable error) {
        end(String.valueOf(error.getMessage()));
    }

    private void awaitEnd(Thread connection) {
        try {
            connection.join();
            end("the connection ended");
        } catch (InterruptedException e) {
            end("interrupted");
        }
    }

    private void end(String reason) {
        closing.set(true);
        Wire.Listener to = listener;
        if (to != null && ended.compareAndSet(false, true)) {
            to.onClosed(reason);
        }
    }

    /** Helidon's session writes to the socket and blocks while it is full; closing must not, for timers do it. */
    private final class SessionWire implements Wire {
        private final WsSession session;
        private final Thread connection;
        private final ReentrantLock lock = new ReentrantLock();
        private final AtomicBoolean saidGoodbye = new AtomicBoolean();

        SessionWire(WsSession session, Thread connection) {
            this.session = session;
            this.connection = connection;
        }

        @Override
        public void send(byte[] frame) {
            lock.lock();
            try {
                if (closing.get()) {
                    throw new DecentralException(ErrorCode.UNAVAILABLE, "the link is closed");
                }
                session.send(BufferData.create(frame), true);
            } catch (RuntimeException e) {
                throw e instanceof DecentralException known
                        ? known
                        : new DecentralException(ErrorCode.UNAVAILABLE, "the link broke", e);
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void close(String reason) {
            close(WsCloseCodes.NORMAL_CLOSE, reason);
        }

        void close(int code, String reason) {
            closing.set(true);
            if (saidGoodbye.compareAndSet(false, true)) {
                Thread.ofVirtual().name("decentral-wire").start(() -> sayGoodbye(code, reason));
                Thread.ofVirtual().name("decentral-wire").start(this::hangUp);
            }
        }

        private void sayGoodbye(int code, String reason) {
            try {
                session.close(code, shortened(reason));
            } catch (RuntimeException e) {
                LOG.log(Level.DEBUG, "a link ends without goodbye: {0}", e.getMessage());
            }
        }

        private void hangUp() {
            try {
                if (!connection.join(GOODBYE_LIMIT) && session.socketContext() instanceof ConnectionContext context) {
                    context.serverSocket().close();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (RuntimeException e) {
                LOG.log(Level.DEBUG, "a link's socket was closed already: {0}", e.getMessage());
            }
        }

        /** A close frame takes 123 bytes of reason. */
        private static String shortened(String reason) {
            String ascii = reason.replaceAll("[^ -~]", "?");
            return ascii.length() <= 100 ? ascii : ascii.substring(0, 100);
        }
    }
}

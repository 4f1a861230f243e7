package org.usedecentral.link;

import io.helidon.common.buffers.BufferData;
import io.helidon.websocket.WsCloseCodes;
import io.helidon.websocket.WsListener;
import io.helidon.websocket.WsSession;
import java.io.ByteArrayOutputStream;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;

/** The server's end of a WebSocket as a wire: a frame is a binary message, which may come in fragments. Helidon calls it on one thread. */
public final class WebSocketWire implements WsListener {
    private final Function<Wire, Wire.Listener> accept;
    private final ByteArrayOutputStream fragments = new ByteArrayOutputStream();
    private Wire.@Nullable Listener listener;
    private boolean ended;

    /** A listener for one connection; {@code accept} is given the wire when it opens. */
    public WebSocketWire(Function<Wire, Wire.Listener> accept) {
        this.accept = accept;
    }

    @Override
    public void onOpen(WsSession session) {
        listener = accept.apply(new SessionWire(session));
    }

    @Override
    public void onMessage(WsSession session, BufferData buffer, boolean last) {
        Wire.Listener to = listener;
        if (to == null) {
            return;
        }
        byte[] bytes = buffer.readBytes();
        if (last && fragments.size() == 0) {
            to.onFrame(bytes, 0, bytes.length);
            return;
        }
        if (fragments.size() + bytes.length > Frame.MAX_JOB_LENGTH) {
            session.close(WsCloseCodes.TOO_BIG, "frame too large");
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
        session.close(WsCloseCodes.CANNOT_ACCEPT, "frames are binary");
    }

    @Override
    public void onClose(WsSession session, int status, String reason) {
        end("closed by the worker: " + status + " " + reason);
    }

    @Override
    public void onError(WsSession session, Throwable error) {
        end(String.valueOf(error.getMessage()));
    }

    private void end(String reason) {
        Wire.Listener to = listener;
        if (to != null && !ended) {
            ended = true;
            to.onClosed(reason);
        }
    }

    /** Helidon's session writes to the socket and blocks while it is full. */
    private static final class SessionWire implements Wire {
        private final WsSession session;
        private final ReentrantLock lock = new ReentrantLock();
        private boolean closed;

        SessionWire(WsSession session) {
            this.session = session;
        }

        @Override
        public void send(byte[] frame) {
            lock.lock();
            try {
                if (closed) {
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
            lock.lock();
            try {
                if (!closed) {
                    closed = true;
                    session.close(WsCloseCodes.NORMAL_CLOSE, shortened(reason));
                }
            } catch (RuntimeException e) {
                session.terminate();
            } finally {
                lock.unlock();
            }
        }

        /** A close frame takes 123 bytes of reason. */
        private static String shortened(String reason) {
            return reason.length() <= 100 ? reason : reason.substring(0, 100);
        }
    }
}

package org.usedecentral.link;

import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;

/** The worker's end of a WebSocket as a wire, dialled with the JDK's client. Thread-safe. */
public final class WebSocketDialer implements AutoCloseable {
    private static final Duration CONNECT_LIMIT = Duration.ofSeconds(10);

    private final HttpClient client =
            HttpClient.newBuilder().connectTimeout(CONNECT_LIMIT).build();

    /**
     * Dials and waits until the connection stands.
     *
     * @param accept is given the wire
     * @throws DecentralException {@code UNAVAILABLE} if nobody answers, naming the address
     */
    public void dial(URI address, Function<Wire, Wire.Listener> accept) {
        Incoming incoming = new Incoming(accept);
        try {
            client.newWebSocketBuilder()
                    .connectTimeout(CONNECT_LIMIT)
                    .buildAsync(address, incoming)
                    .join();
        } catch (CompletionException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new DecentralException(ErrorCode.UNAVAILABLE, "no link to " + address + ": " + cause, e);
        }
    }

    @Override
    public void close() {
        client.shutdownNow();
    }

    private static final class Incoming implements WebSocket.Listener {
        private final Function<Wire, Wire.Listener> accept;
        private final ByteArrayOutputStream fragments = new ByteArrayOutputStream();
        private Wire.@Nullable Listener listener;
        private boolean ended;

        Incoming(Function<Wire, Wire.Listener> accept) {
            this.accept = accept;
        }

        @Override
        public void onOpen(WebSocket socket) {
            listener = accept.apply(new SocketWire(socket, this::end));
            socket.request(1);
        }

        @Override
        public @Nullable CompletionStage<?> onBinary(WebSocket socket, ByteBuffer data, boolean last) {
            if (fragments.size() + data.remaining() > Frame.MAX_JOB_LENGTH) {
                socket.abort();
                end("a frame too large");
                return null;
            }
            byte[] bytes = new byte[data.remaining()];
            data.get(bytes);
            fragments.writeBytes(bytes);
            Wire.Listener to = listener;
            if (last && to != null) {
                byte[] frame = fragments.toByteArray();
                fragments.reset();
                to.onFrame(frame, 0, frame.length);
            }
            socket.request(1);
            return null;
        }

        @Override
        public @Nullable CompletionStage<?> onClose(WebSocket socket, int status, String reason) {
            end("closed by the orchestrator: " + status + " " + reason);
            return null;
        }

        @Override
        public void onError(WebSocket socket, Throwable error) {
            end(String.valueOf(error));
        }

        private synchronized void end(String reason) {
            Wire.Listener to = listener;
            if (to != null && !ended) {
                ended = true;
                to.onClosed(reason);
            }
        }
    }

    /** One send at a time, each waited for: the JDK's client takes no second one before. */
    private static final class SocketWire implements Wire {
        private final WebSocket socket;
        private final ReentrantLock lock = new ReentrantLock();

        private final Consumer<String> ended;

        SocketWire(WebSocket socket, Consumer<String> ended) {
            this.socket = socket;
            this.ended = ended;
        }

        @Override
        public void send(byte[] frame) {
            lock.lock();
            try {
                socket.sendBinary(ByteBuffer.wrap(frame), true).join();
            } catch (CompletionException | IllegalStateException e) {
                throw new DecentralException(ErrorCode.UNAVAILABLE, "the link broke", e);
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void close(String reason) {
            socket.abort();
            ended.accept(reason);
        }
    }
}

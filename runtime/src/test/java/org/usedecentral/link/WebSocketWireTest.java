package org.usedecentral.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.helidon.webserver.WebServer;
import io.helidon.webserver.websocket.WsRouting;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;

/** Links over real sockets: with this project's own dialer, and with clients that leave, say nothing or send nonsense. */
@Timeout(60)
final class WebSocketWireTest {
    private static final String UPGRADE = """
            GET /link HTTP/1.1
            Host: localhost
            Connection: Upgrade
            Upgrade: websocket
            Sec-WebSocket-Version: 13
            Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==

            """;

    private final End server = new End();
    private final WebServer web = WebServer.builder()
            .host("127.0.0.1")
            .port(0)
            .shutdownHook(false)
            .addRouting(WsRouting.builder().endpoint("/link", () -> new WebSocketWire(server::on)))
            .build()
            .start();
    private final WebSocketDialer dialer = new WebSocketDialer();

    /** One end of a wire, which keeps what comes. */
    private static final class End implements Wire.Listener {
        final CompletableFuture<Wire> wire = new CompletableFuture<>();
        final BlockingQueue<byte[]> frames = new LinkedBlockingQueue<>();
        final BlockingQueue<String> closed = new LinkedBlockingQueue<>();

        End on(Wire out) {
            wire.complete(out);
            return this;
        }

        @Override
        public void onFrame(byte[] frame, int offset, int length) {
            byte[] copy = new byte[length];
            System.arraycopy(frame, offset, copy, 0, length);
            frames.add(copy);
        }

        @Override
        public void onClosed(String reason) {
            closed.add(reason);
        }

        Wire wire() throws Exception {
            return wire.get(10, TimeUnit.SECONDS);
        }

        byte[] take() throws InterruptedException {
            byte[] frame = frames.poll(10, TimeUnit.SECONDS);
            assertThat(frame).isNotNull();
            return frame == null ? new byte[0] : frame;
        }

        void assertClosedOnce() throws Exception {
            assertThat(closed.poll(10, TimeUnit.SECONDS)).as("told of the end").isNotNull();
            Wire out = wire();
            assertThatThrownBy(() -> out.send(new byte[1]))
                    .isInstanceOfSatisfying(
                            DecentralException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNAVAILABLE));
            out.close("once more");
            assertThat(closed.poll(200, TimeUnit.MILLISECONDS)).as("told once").isNull();
        }
    }

    @AfterEach
    void stop() {
        dialer.close();
        web.stop();
    }

    private End dial() {
        End client = new End();
        dialer.dial(URI.create("ws://127.0.0.1:" + web.port() + "/link"), client::on);
        return client;
    }

    /** A client of bytes: the handshake is done, everything else is the test's. */
    private Socket connect() throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), web.port());
        socket.setSoTimeout(10_000);
        socket.getOutputStream().write(UPGRADE.replace("\n", "\r\n").getBytes(StandardCharsets.US_ASCII));
        InputStream in = socket.getInputStream();
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        while (!head.toString(StandardCharsets.US_ASCII).endsWith("\r\n\r\n")) {
            head.write(in.read());
        }
        assertThat(head.toString(StandardCharsets.US_ASCII)).startsWith("HTTP/1.1 101");
        return socket;
    }

    /** A short message of a client, masked with zeros. */
    private static byte[] message(int opcode, String payload) {
        byte[] text = payload.getBytes(StandardCharsets.US_ASCII);
        byte[] frame = new byte[6 + text.length];
        frame[0] = (byte) opcode;
        frame[1] = (byte) (0x80 | text.length);
        System.arraycopy(text, 0, frame, 6, text.length);
        return frame;
    }

    @Test
    void framesGoBothWaysWhateverTheirSize() throws Exception {
        End client = dial();
        for (int size : new int[] {1, 125, 126, 65_536, Frame.MAX_LENGTH}) {
            client.wire().send(new byte[size]);
            assertThat(server.take()).hasSize(size);
        }
        for (int size : new int[] {1, 125, 126, 65_536, Frame.MAX_JOB_LENGTH}) {
            server.wire().send(new byte[size]);
            assertThat(client.take()).hasSize(size);
        }
    }

    @Test
    void aWorkerThatClosesEndsBothEnds() throws Exception {
        End client = dial();
        client.wire().close("the worker stops");
        client.assertClosedOnce();
        server.assertClosedOnce();
    }

    @Test
    void anOrchestratorThatClosesEndsBothEnds() throws Exception {
        End client = dial();
        server.wire().close("the orchestrator stops – „soon“ " + "x".repeat(200));
        server.assertClosedOnce();
        client.assertClosedOnce();
    }

    @Test
    void aPeerThatIsGoneWithoutGoodbyeIsNoticed() throws Exception {
        connect().close();
        server.assertClosedOnce();
    }

    @Test
    void aPeerThatIsResetIsNoticed() throws Exception {
        Socket socket = connect();
        socket.setSoLinger(true, 0);
        socket.close();
        server.assertClosedOnce();
    }

    @Test
    void aPeerThatNeverReadsIsClosedWithoutWaitingForIt() throws Exception {
        try (Socket socket = connect()) {
            Wire wire = server.wire();
            CountDownLatch blocked = new CountDownLatch(1);
            CompletableFuture<ErrorCode> freed = new CompletableFuture<>();
            Thread sender = Thread.ofVirtual().start(() -> {
                try {
                    for (int i = 0; i < 1000; i++) {
                        wire.send(new byte[Frame.MAX_LENGTH]);
                        if (i == 1) {
                            blocked.countDown();
                        }
                    }
                    freed.completeExceptionally(new AssertionError("256 MB went into a socket that nobody reads"));
                } catch (DecentralException e) {
                    freed.complete(e.code());
                }
            });
            blocked.await();
            long begin = System.nanoTime();
            wire.close("no PONG for 20 s");
            assertThat(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin))
                    .as("milliseconds that close took: timers call it")
                    .isLessThan(1000);
            assertThat(freed.get(20, TimeUnit.SECONDS)).isEqualTo(ErrorCode.UNAVAILABLE);
            server.assertClosedOnce();
            sender.join();
            assertThat(socket.isConnected()).isTrue();
        }
    }

    @Test
    void fragmentsArePutTogether() throws Exception {
        try (Socket socket = connect()) {
            socket.getOutputStream().write(message(0x02, "one "));
            socket.getOutputStream().write(message(0x00, "two "));
            socket.getOutputStream().write(message(0x80, "three"));
            assertThat(new String(server.take(), StandardCharsets.US_ASCII)).isEqualTo("one two three");
            socket.getOutputStream().write(message(0x82, "whole"));
            assertThat(new String(server.take(), StandardCharsets.US_ASCII)).isEqualTo("whole");
        }
    }

    @Test
    void textIsRefused() throws Exception {
        try (Socket socket = connect()) {
            socket.getOutputStream().write(message(0x81, "hello"));
            socket.getOutputStream().write(message(0x82, "not heard any more"));
            server.assertClosedOnce();
            assertThat(server.frames).isEmpty();
        }
    }

    @Test
    void nobodyToDialIsSaidWithTheAddress() {
        int free = web.port();
        web.stop();
        URI nobody = URI.create("ws://127.0.0.1:" + free + "/link");
        assertThatThrownBy(() -> dialer.dial(nobody, new End()::on))
                .isInstanceOfSatisfying(
                        DecentralException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNAVAILABLE))
                .hasMessageContaining(nobody.toString());
    }
}

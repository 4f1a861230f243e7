package org.usedecentral.backend.openai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.inference.GenerationEvent.Finished;
import org.usedecentral.spi.inference.TokenStream;
import org.usedecentral.testkit.inference.Collected;

/** Servers that refuse, break, lie and hang: each ends in a coded error, a free slot and a closed connection. */
@Timeout(60)
final class UpstreamFaultTest {
    private static final String HELLO =
            "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"hello\"},\"finish_reason\":null}]}\n\n";
    private static final String STOP =
            "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n";
    private static final String KEY = "sk-very-secret-3141";

    private static DecentralException fails(FaultServer server, String... more) {
        OpenAiBackend backend = TestBackend.start(server, more);
        try {
            DecentralException e = catchThrowableOfType(
                    DecentralException.class,
                    () -> Collected.from(
                            backend.generate(TestBackend.request("hi").build())));
            assertThat(e).as("it fails").isNotNull();
            assertThat(backend.load().running()).as("running").isZero();
            return e;
        } finally {
            backend.close();
        }
    }

    /** A server that answers the counting request well and the stream with this script. */
    private static FaultServer streaming(FaultServer.Script script) {
        return FaultServer.of("x").chat((out, connection) -> {
            FaultServer.Script chosen = connection.request().isStreamed() ? script : FaultServer.counted("");
            chosen.answer(out, connection);
        });
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            401 | {"error":{"message":"Incorrect API key provided: sk-very-secret-3141"}} | UNAVAILABLE
            403 | {"error":"no"} | UNAVAILABLE
            402 | {"error":{"code":"insufficient_credits"}} | UNAVAILABLE
            404 | {"error":{"message":"model \\"m\\" not found, try pulling it first","type":"not_found_error"}} | MODEL_NOT_FOUND
            400 | {"error":{"message":"temperature must be in 0..2","type":"invalid_request_error","param":"temperature"}} | INVALID_REQUEST
            422 | {"detail":[{"msg":"Field required"}]} | INVALID_REQUEST
            400 | {"error":{"message":"…","code":"context_length_exceeded"}} | CONTEXT_TOO_LONG
            400 | {"object":"error","message":"This model's maximum context length is 4096 tokens. However, you requested 5000 tokens","type":"BadRequestError","code":400} | CONTEXT_TOO_LONG
            400 | {"error":{"code":400,"message":"request (5000 tokens) exceeds the available context size (4096 tokens), try increasing it","type":"exceed_context_size_error","n_prompt_tokens":5000,"n_ctx":4096}} | CONTEXT_TOO_LONG
            429 | {"error":{"message":"rate limit"}} | OVERLOADED
            500 | <html>oops</html> | UNAVAILABLE
            501 | {"error":{"type":"not_supported_error"}} | UNSUPPORTED_FEATURE
            503 | {"error":{"message":"Loading model","type":"unavailable_error","code":503}} | UNAVAILABLE
            302 | {} | UNAVAILABLE
            """)
    void refusalsBecomeOurCodes(int status, String body, ErrorCode code) {
        try (FaultServer server = FaultServer.of("x").chat(FaultServer.json(status, body))) {
            DecentralException e = fails(server, "api-key", KEY);
            assertThat(e.code()).as(e.message()).isEqualTo(code);
            assertThat(e.message()).doesNotContain("secret", "oops", "try pulling");
            assertThat(server.received().getLast().head()).contains("Bearer " + KEY);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                HELLO, // ends without a reason
                HELLO + "data: {\"choices\":[{\"ind", // cut in the middle of an event
                HELLO + "data: [DONE]\n\n",
                HELLO + "data: not json\n\n" + STOP,
                HELLO + "data: []\n\n" + STOP,
                HELLO + "data: {\"foo\":1}\n\n" + STOP,
                HELLO + "data: {\"choices\":[{\"index\":5,\"delta\":{\"content\":\"x\"}}]}\n\n" + STOP,
                HELLO + "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"abort\"}]}\n\n",
                HELLO + STOP + "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"length\"}]}\n\n",
                HELLO + STOP + HELLO,
                HELLO
                        + "data: {\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":3,\"id\":\"a\",\"function\":{\"name\":\"f\"}}]}}]}\n\n",
                HELLO
                        + "data: {\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"1\"}}]}}]}\n\n",
            })
    void malformedStreamsFail(String text) {
        try (FaultServer server = streaming(FaultServer.stream(text))) {
            DecentralException e = fails(server);
            assertThat(e.code()).as(e.message()).isEqualTo(ErrorCode.UNAVAILABLE);
            assertThat(e.message()).doesNotContain("hello");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            data: {"error":{"message":"boom","type":"server_error","code":500}} | UNAVAILABLE
            error: {"code":500,"message":"boom","type":"server_error"} | UNAVAILABLE
            data: {"object":"error","message":"boom","type":"InternalServerError","code":500} | UNAVAILABLE
            data: {"error":{"message":"x","type":"rate_limit_error"}} | OVERLOADED
            data: {"error":{"message":"x","type":"invalid_request_error","code":"context_length_exceeded"}} | CONTEXT_TOO_LONG
            """)
    void errorsInTheStreamBecomeOurCodes(String line, ErrorCode code) throws InterruptedException {
        try (FaultServer server = streaming(FaultServer.stream(HELLO + line + "\n\n"))) {
            OpenAiBackend backend = TestBackend.start(server);
            try (TokenStream stream = backend.generate(TestBackend.request("hi").build())) {
                assertThat(stream.next()).hasFieldOrPropertyWithValue("text", "hello");
                DecentralException e = catchThrowableOfType(DecentralException.class, stream::next);
                assertThat(e.code()).as(e.message()).isEqualTo(code);
                assertThat(catchThrowableOfType(DecentralException.class, stream::poll))
                        .isSameAs(e);
            }
            backend.close();
        }
    }

    @Test
    void invalidUtf8Fails() {
        try (FaultServer server = streaming((out, connection) -> {
            FaultServer.beginStream(out);
            FaultServer.write(out, "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"");
            out.write(new byte[] {(byte) 0xC3, 0x28, (byte) 0xFF});
            FaultServer.write(out, "\"}}]}\n\n" + STOP);
        })) {
            assertThat(fails(server).code()).isEqualTo(ErrorCode.UNAVAILABLE);
        }
    }

    @Test
    void aGiantLineIsNotKept() {
        try (FaultServer server = streaming((out, connection) -> {
            FaultServer.beginStream(out);
            FaultServer.write(out, "data: ");
            String kilobytes = "x".repeat(64 << 10);
            for (int i = 0; i < 1024; i++) {
                FaultServer.write(out, kilobytes);
            }
        })) {
            assertThat(fails(server).message()).contains("longer than");
        }
    }

    @Test
    void anotherContentTypeFails() {
        try (FaultServer server = streaming(FaultServer.json(200, "{\"choices\":[]}"))) {
            assertThat(fails(server).message()).contains("content type");
        }
    }

    @Test
    void headersThatNeverEndFail() {
        try (FaultServer server = streaming((out, connection) -> {
            FaultServer.write(out, "HTTP/1.1 200 OK\r\n");
            connection.awaitDisconnect();
        })) {
            assertThat(fails(server, "read-timeout", "PT0.3S").message()).contains("read-timeout");
        }
    }

    @Test
    void endlessHeadersFail() {
        try (FaultServer server = streaming((out, connection) -> {
            FaultServer.write(out, "HTTP/1.1 200 OK\r\n");
            for (int i = 0; i < 100_000; i++) {
                FaultServer.write(out, "x-header-" + i + ": " + "y".repeat(100) + "\r\n");
            }
        })) {
            assertThat(fails(server).code()).isEqualTo(ErrorCode.UNAVAILABLE);
        }
    }

    @Test
    void aSilentServerFailsAndIsLeft() throws InterruptedException {
        try (FaultServer server = streaming((out, connection) -> {
            FaultServer.beginStream(out);
            FaultServer.write(out, HELLO);
            connection.awaitDisconnect();
        })) {
            assertThat(fails(server, "read-timeout", "PT0.3S").message()).contains("read-timeout");
            assertThat(server.awaitDisconnect()).isTrue();
        }
    }

    @Test
    void aSlowDripIsASilentServer() {
        CountDownLatch never = new CountDownLatch(1);
        try (FaultServer server = streaming((out, connection) -> {
            FaultServer.beginStream(out);
            while (!never.await(20, TimeUnit.MILLISECONDS)) {
                FaultServer.write(out, ": still here\n");
            }
        })) {
            assertThat(fails(server, "read-timeout", "PT0.5S").message()).contains("read-timeout");
        }
    }

    @Test
    void closingLeavesTheServerAtOnceAndWakesTheReader() throws Exception {
        try (FaultServer server = streaming((out, connection) -> {
            FaultServer.beginStream(out);
            FaultServer.write(out, HELLO);
            connection.awaitDisconnect();
        })) {
            OpenAiBackend backend = TestBackend.start(server);
            TokenStream stream = backend.generate(TestBackend.request("hi").build());
            assertThat(stream.next()).isNotInstanceOf(Finished.class);
            assertThat(stream.inputTokens()).isEqualTo(5);
            assertThat(stream.poll()).isNull();
            Thread closer = Thread.ofVirtual().start(stream::close);
            DecentralException e = catchThrowableOfType(DecentralException.class, stream::next);
            assertThat(e.code()).isEqualTo(ErrorCode.CANCELLED);
            closer.join();
            assertThat(server.awaitDisconnect()).isTrue();
            assertThat(backend.load().running()).isZero();
            backend.close();
        }
    }

    @Test
    void aReaderThatDoesNotReadHoldsTheServerBack() throws Exception {
        CountDownLatch blocked = new CountDownLatch(1);
        long limit = 256L << 20;
        try (FaultServer server = streaming((out, connection) -> {
            FaultServer.beginStream(out);
            byte[] event = HELLO.repeat(1000).getBytes(StandardCharsets.UTF_8);
            for (long sent = 0; sent < limit; sent += event.length) {
                out.write(event);
            }
            blocked.countDown();
        })) {
            OpenAiBackend backend = TestBackend.start(server);
            TokenStream stream = backend.generate(TestBackend.request("hi").build());
            assertThat(stream.next()).isNotInstanceOf(Finished.class);
            assertThat(blocked.await(1, TimeUnit.SECONDS))
                    .as("a server that could send %d bytes to nobody", limit)
                    .isFalse();
            stream.close();
            backend.close();
        }
    }
}

package org.usedecentral.testkit.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.ModelId;
import org.usedecentral.spi.inference.Feature;
import org.usedecentral.spi.inference.FinishReason;
import org.usedecentral.spi.inference.GenerationEvent;
import org.usedecentral.spi.inference.GenerationRequest;
import org.usedecentral.spi.inference.InferenceBackend;
import org.usedecentral.spi.inference.Message;
import org.usedecentral.spi.inference.PartKind;
import org.usedecentral.spi.inference.TokenStream;
import org.usedecentral.spi.inference.Tool;
import org.usedecentral.spi.inference.ToolChoice;
import org.usedecentral.spi.inference.Usage;

final class ScriptedBackendTest {
    private static final ModelId MODEL = new ModelId("m");
    private static final Duration LIMIT = Duration.ofSeconds(20);

    private final ScriptedBackend backend = ScriptedBackend.builder()
            .model(ScriptedBackend.card("m", Feature.values()))
            .slots(2)
            .build();

    @AfterEach
    void close() {
        backend.close();
    }

    /** An answer without a limit lasts seconds, as an engine's does, so that there is time to cancel it. */
    static InferenceBackend unhurried(ScriptedBackend backend) {
        Script endless = Script.words(2000).paced(Duration.ofMillis(1));
        backend.answer(request -> request.maxOutputTokens() == 0 ? endless : backend.usual(request));
        return backend;
    }

    private static GenerationRequest.Builder request() {
        return GenerationRequest.builder(MODEL, List.of(Message.of(Message.Role.USER, "two words")));
    }

    private Collected ask(GenerationRequest.Builder request) throws InterruptedException {
        return Collected.from(backend.generate(request.build()));
    }

    @Test
    void saysWhatTheScriptSays() throws InterruptedException {
        backend.play(Script.silent()
                .reasoning("Hm. ", "Well.")
                .tokens("Yes", ", ", "sir")
                .refusal("No"));
        Collected answer = ask(request());
        assertThat(answer.text()).isEqualTo("Yes, sir");
        assertThat(answer.text(0, PartKind.REASONING)).isEqualTo("Hm. Well.");
        assertThat(answer.text(0, PartKind.REFUSAL)).isEqualTo("No");
        assertThat(answer.usage()).isEqualTo(new Usage(3, 6, 0, 2));
        assertThat(answer.reason()).isEqualTo(FinishReason.STOP);
    }

    @Test
    void playsPlannedScriptsInOrderThenTheUsualOne() throws InterruptedException {
        backend.play(Script.of("usual"));
        backend.playOnce(Script.of("first"));
        backend.playOnce(Script.of("second"));
        assertThat(ask(request()).text()).isEqualTo("first");
        assertThat(ask(request()).text()).isEqualTo("second");
        assertThat(ask(request()).text()).isEqualTo("usual");
        assertThat(backend.requests()).hasSize(3);
    }

    @Test
    void callsToolsOnlyWhenThereAreAny() throws InterruptedException {
        backend.play(Script.silent().call(0, "c1", "weather", "{\"city\":\"Zürich\"}"));
        assertThat(ask(request()).reason()).isEqualTo(FinishReason.STOP);
        List<Tool> tools = List.of(new Tool("weather", "", "{}", false));
        Collected called = ask(request().tools(tools, ToolChoice.AUTO));
        assertThat(called.reason()).isEqualTo(FinishReason.TOOL_CALLS);
        assertThat(called.output().getFirst()).endsWith("0weather{\"city\":\"Zürich\"}");
        assertThat(called.usage().outputTokens()).isEqualTo(2);
    }

    @Test
    void waitsAtAGateUntilItIsOpened() throws Exception {
        Gate gate = new Gate();
        backend.play(Script.of("a").waitFor(gate).tokens("b"));
        TokenStream stream = backend.generate(request().build());
        assertThat(stream.next()).isInstanceOf(GenerationEvent.TextDelta.class);
        assertThat(stream.poll()).isNull();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Collected> rest = threads.submit(() -> Collected.from(stream));
            gate.awaitReached(LIMIT);
            assertThat(rest.isDone()).isFalse();
            gate.open();
            assertThat(rest.get(LIMIT.toSeconds(), TimeUnit.SECONDS).text()).isEqualTo("b");
        }
    }

    @Test
    void isCancelledAtAGate() throws Exception {
        Gate gate = new Gate();
        backend.play(Script.silent().waitFor(gate));
        TokenStream stream = backend.generate(request().build());
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<ErrorCode> why = threads.submit(() -> {
                try {
                    throw new AssertionError(stream.next());
                } catch (DecentralException e) {
                    return e.code();
                }
            });
            gate.awaitReached(LIMIT);
            stream.close();
            assertThat(why.get(LIMIT.toSeconds(), TimeUnit.SECONDS)).isEqualTo(ErrorCode.CANCELLED);
        }
        backend.awaitRunning(0, LIMIT);
    }

    @Test
    void freezesAndThaws() throws Exception {
        backend.play(Script.of("a", "b", "c"));
        TokenStream stream = backend.generate(request().build());
        assertThat(stream.next()).isInstanceOf(GenerationEvent.TextDelta.class);
        backend.freeze();
        assertThat(stream.poll()).isNull();
        assertThat(backend.load().running()).isEqualTo(1);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Collected> rest = threads.submit(() -> Collected.from(stream));
            backend.thaw();
            assertThat(rest.get(LIMIT.toSeconds(), TimeUnit.SECONDS).text()).isEqualTo("bc");
        }
    }

    @Test
    void failsWhereTheScriptSays() throws InterruptedException {
        backend.play(Script.of("a").fail(new DecentralException(ErrorCode.UNAVAILABLE, "the device was lost")));
        TokenStream stream = backend.generate(request().build());
        assertThat(stream.next()).isInstanceOf(GenerationEvent.TextDelta.class);
        assertThatExceptionOfType(DecentralException.class)
                .isThrownBy(stream::next)
                .withMessage("the device was lost");
        backend.awaitRunning(0, LIMIT);
    }

    @Test
    void refusesAsLongAsItIsTold() throws InterruptedException {
        backend.refuse(new IllegalStateException("broken"));
        assertThatExceptionOfType(IllegalStateException.class)
                .isThrownBy(() -> backend.generate(request().build()));
        backend.refuse(null);
        assertThat(ask(request().maxOutputTokens(5)).text()).isEqualTo("word0");
    }

    @Test
    void pausesInRealTime() throws InterruptedException {
        backend.play(Script.of("a", "b").paced(Duration.ofMillis(20)));
        long start = System.nanoTime();
        assertThat(ask(request()).text()).isEqualTo("ab");
        assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(40_000_000L);
    }

    @Test
    void resumesInTheMiddleOfAToken() throws InterruptedException {
        backend.play(Script.of("Once ", "upon ", "a time"));
        Collected answer = ask(request().resumeFrom("Once up"));
        assertThat(answer.text()).isEqualTo("on a time");
        assertThat(answer.usage().outputTokens()).isEqualTo(2);
    }

    @Test
    void choicesTakeTurns() throws InterruptedException {
        backend.play(Script.of("a", "b"));
        Collected answer = ask(request().choices(3));
        assertThat(answer.output()).hasSize(3).allMatch(output -> output.startsWith("ab\0"));
        assertThat(answer.usage().outputTokens()).isEqualTo(6);
        assertThat(answer.events())
                .extracting(event -> ((GenerationEvent.TextDelta) event).choice())
                .containsExactly(0, 1, 2, 0, 1, 2);
    }

    @Test
    void liesAboutItsUsageWhenTold() throws InterruptedException {
        backend.play(Script.of("a").claimUsage(new Usage(1, 99)).inputTokens(7));
        TokenStream stream = backend.generate(request().build());
        assertThat(stream.inputTokens()).isEqualTo(7);
        assertThat(Collected.from(stream).usage()).isEqualTo(new Usage(1, 99));
    }

    @Test
    void closingTheBackendEndsWhatRuns() {
        TokenStream stream = backend.generate(request().build());
        backend.close();
        assertThatExceptionOfType(DecentralException.class).isThrownBy(stream::next);
        assertThatExceptionOfType(DecentralException.class)
                .isThrownBy(() -> backend.generate(request().build()))
                .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.UNAVAILABLE));
    }
}

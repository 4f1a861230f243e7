package org.usedecentral.testkit.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.usedecentral.engine.CrashRecords;
import org.usedecentral.engine.EngineLimits;
import org.usedecentral.engine.EngineProcess;
import org.usedecentral.engine.EngineSpec;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.ModelId;
import org.usedecentral.spi.inference.EmbeddingRequest;
import org.usedecentral.spi.inference.GenerationEvent;
import org.usedecentral.spi.inference.GenerationRequest;
import org.usedecentral.spi.inference.Message;
import org.usedecentral.spi.inference.TokenStream;
import org.usedecentral.testkit.inference.Collected;
import org.usedecentral.testkit.network.Await;
import org.usedecentral.time.SystemTimers;

/** What an engine host passes on, and what becomes of it when something goes wrong. */
@Timeout(120)
final class EngineProcessTest {
    private final SystemTimers timers = new SystemTimers(SystemTimers.CLOCK);
    private final List<EngineProcess> engines = new ArrayList<>();

    @TempDir
    private Path directory;

    @AfterEach
    void close() {
        engines.forEach(EngineProcess::close);
        timers.close();
        assertThat(ProcessHandle.current().children())
                .noneMatch(child -> child.info().commandLine().orElse("").contains("decentral.engine="));
    }

    private EngineProcess create(EngineLimits limits, String... keys) {
        EngineProcess engine = TestHost.create(TestHost.parts(timers, directory, limits), keys);
        engines.add(engine);
        return engine;
    }

    private EngineProcess started(EngineLimits limits) {
        EngineProcess engine = create(limits);
        engine.launch();
        engine.start(TestHost.context(directory));
        return engine;
    }

    private static GenerationRequest ask(String prompt) {
        return GenerationRequest.builder(ScriptedEngine.MODEL, List.of(Message.of(Message.Role.USER, prompt)))
                .build();
    }

    private static DecentralException fails(ThrowingCallable call) {
        DecentralException e = catchThrowableOfType(DecentralException.class, call);
        assertThat(e).as("a failure").isNotNull();
        return e;
    }

    private DecentralException failsToStart(String how) {
        EngineProcess engine = create(EngineLimits.DEFAULT, "start", how);
        DecentralException why = fails(() -> engine.start(TestHost.context(directory)));
        assertThat(engine.pid()).isEmpty();
        return why;
    }

    @Test
    void aRefusalToStartComesAsTheEngineSaidIt() {
        DecentralException why = failsToStart("REFUSED");
        assertThat(why.code()).isEqualTo(ErrorCode.INVALID_REQUEST);
        assertThat(why.message()).isEqualTo("the key 'x' is wrong: correct it");
        assertThat(why.parameter()).isEqualTo("key");
    }

    @Test
    void aHostThatEndsWhileItsEngineStartsIsAnErrorWithItsExitCode() {
        DecentralException why = failsToStart("EXIT");
        assertThat(why.code()).isEqualTo(ErrorCode.UNAVAILABLE);
        assertThat(why.message()).contains("hosted", "exit code 7");
    }

    @Test
    void anEngineGetsArtifactsFromTheWorkerAndNeitherKeysNorPlugins() {
        assertThat(failsToStart("ARTIFACT").message()).isEqualTo("fetched fetched-engine");
        assertThat(failsToStart("DIGEST").message()).isEqualTo("digest " + "ab".repeat(32));
        assertThat(failsToStart("SIGNER").code()).isEqualTo(ErrorCode.FORBIDDEN);
        assertThat(failsToStart("PLUGINS").code()).isEqualTo(ErrorCode.UNSUPPORTED_FEATURE);
    }

    @Test
    void aProviderThatAnotherProcessCouldNotLoadIsRefusedWithTheRemedy() {
        EngineSpec nested = new EngineSpec("fat", "x", "org.example.InANestedJar", Map.of());
        assertThatThrownBy(() -> EngineProcess.create(nested, TestHost.parts(timers, directory, EngineLimits.DEFAULT)))
                .hasMessageContainingAll("org.example.InANestedJar", "isolation: none");
    }

    @Test
    void errorsCrossWithCodeMessageAndField() throws InterruptedException {
        EngineProcess engine = started(EngineLimits.DEFAULT);
        try (TokenStream stream = engine.generate(ask("fail"))) {
            assertThat(stream.next()).isInstanceOf(GenerationEvent.TextDelta.class);
            assertThat(stream.next()).isInstanceOf(GenerationEvent.TextDelta.class);
            DecentralException why = fails(stream::next);
            assertThat(why.code()).isEqualTo(ErrorCode.INVALID_REQUEST);
            assertThat(why.parameter()).isEqualTo("temperature");
            assertThat(why.message()).isEqualTo("too hot: choose less than this");
        }
        try (TokenStream stream = engine.generate(ask("break"))) {
            DecentralException why = fails(() -> Collected.from(stream));
            assertThat(why.code()).isEqualTo(ErrorCode.INTERNAL);
            assertThat(why.message()).contains("a broken part");
        }
        GenerationRequest unknown = GenerationRequest.builder(new ModelId("other"), ask("x").messages())
                .build();
        assertThat(fails(() -> engine.countInputTokens(unknown)).code()).isEqualTo(ErrorCode.MODEL_NOT_FOUND);
        assertThat(engine.pid()).isPresent();
        assertThat(engine.restarts()).isZero();
    }

    @Test
    void aFastEngineWaitsForASlowReaderAndNothingIsLost() throws InterruptedException {
        EngineProcess engine = started(EngineLimits.DEFAULT);
        try (TokenStream slow = engine.generate(ask("flood 2000"))) {
            assertThat(slow.next()).isInstanceOf(GenerationEvent.TextDelta.class);
            // The others are not kept waiting by one that is not read.
            assertThat(Collected.drained(engine.generate(ask("flood 500"))).text())
                    .endsWith(" word499");
            assertThat(Collected.from(slow).text()).startsWith(" word1 ").endsWith(" word1999");
        }
    }

    @Test
    void anEventLargerThanTheWindowIsDelivered() throws InterruptedException {
        EngineProcess engine = started(EngineLimits.DEFAULT);
        assertThat(Collected.from(engine.generate(ask("wide"))).text()).hasSize(300_000);
    }

    @Test
    void anInterruptReachesTheCallInTheHost() throws Exception {
        EngineProcess engine = started(EngineLimits.DEFAULT);
        CompletableFuture<Throwable> thrown = new CompletableFuture<>();
        Thread caller = Thread.ofPlatform().start(() -> {
            try {
                thrown.completeExceptionally(new AssertionError(
                        "got " + engine.embed(EmbeddingRequest.of(ScriptedEngine.MODEL, List.of("wait")))));
            } catch (InterruptedException | RuntimeException e) {
                thrown.complete(e);
            }
        });
        Await.until(() -> caller.getState() == Thread.State.WAITING, "it waits for the engine");
        caller.interrupt();
        assertThat(thrown.get(20, TimeUnit.SECONDS)).isInstanceOf(InterruptedException.class);
        // The host serves on.
        assertThat(engine.embed(EmbeddingRequest.of(ScriptedEngine.MODEL, List.of("a")))
                        .vectors())
                .hasSize(1);
    }

    @Test
    void aFrozenHostIsKilledAndReplaced() throws Exception {
        EngineLimits limits = new EngineLimits(
                Duration.ofMillis(50),
                10,
                EngineLimits.DEFAULT.start(),
                EngineLimits.DEFAULT.close(),
                TestHost.QUICK.backOff());
        EngineProcess engine = started(limits);
        long before = engine.pid().orElseThrow();
        try (TokenStream stream = engine.generate(ask("silent"))) {
            EngineCrashTest.signal(before, "STOP");
            DecentralException why = fails(stream::next);
            assertThat(why.code()).isEqualTo(ErrorCode.UNAVAILABLE);
            assertThat(why.message()).contains("did not answer");
        }
        assertThat(ProcessHandle.of(before).filter(ProcessHandle::isAlive)).isEmpty();
        Await.until(() -> engine.restarts() > 0 && engine.pid().isPresent(), "another host runs");
        assertThat(engine.models()).isNotEmpty();
    }

    @Test
    void whileItIsAwayItOffersNothingAndSaysWhy() throws Exception {
        EngineLimits patient = new EngineLimits(
                EngineLimits.DEFAULT.ping(),
                EngineLimits.DEFAULT.unansweredPings(),
                EngineLimits.DEFAULT.start(),
                EngineLimits.DEFAULT.close(),
                new EngineLimits.BackOff(Duration.ofMinutes(5), Duration.ofMinutes(5), Duration.ofMinutes(5)));
        EngineProcess engine = started(patient);
        EngineCrashTest.signal(engine.pid().orElseThrow(), "SEGV");
        Await.until(() -> engine.models().isEmpty(), "its models are gone");
        Await.until(() -> !CrashRecords.of(directory).list().isEmpty(), "the crash is on record");
        assertThat(engine.load().slots()).isZero();
        assertThat(engine.devices()).isNotEmpty();
        assertThat(engine.pid()).isEmpty();
        DecentralException why = fails(() -> engine.generate(ask("x")));
        assertThat(why.code()).isEqualTo(ErrorCode.UNAVAILABLE);
        CrashRecords.Crash crash = CrashRecords.of(directory).list().getFirst();
        assertThat(crash.engine()).isEqualTo("hosted");
        assertThat(crash.cause()).contains("SIGSEGV");
        assertThat(Files.readString(crash.file())).contains("hs_err_");
    }

    @Test
    void whatAHostPrintsIsLoggedWithItsNameAndNotWithoutEnd() throws Exception {
        ConcurrentLinkedQueue<String> logged = new ConcurrentLinkedQueue<>();
        Handler handler = new Handler() {
            @Override
            public void publish(LogRecord record) {
                logged.add(record.getLevel() + " "
                        + java.text.MessageFormat.format(record.getMessage(), record.getParameters()));
            }

            @Override
            public void flush() {
                // Nothing is held back.
            }

            @Override
            public void close() {
                // Nothing is open.
            }
        };
        Logger logger = Logger.getLogger("org.usedecentral.engine.HostOutput");
        logger.addHandler(handler);
        try {
            EngineProcess engine = create(EngineLimits.DEFAULT, "start", "TALK");
            engine.start(TestHost.context(directory));
            Await.until(() -> logged.size() >= 100, "the first hundred lines are logged");
            assertThat(logged)
                    .contains("INFO engine hosted: printed by native code", "WARNING engine hosted: logged")
                    .contains("WARNING engine hosted: in two lines");
            engine.close();
            assertThat(logged).hasSizeLessThan(150);
        } finally {
            logger.removeHandler(handler);
        }
    }

    @Test
    void closingEndsTheProcessAlsoOneThatWasNeverUsed() {
        EngineProcess engine = started(EngineLimits.DEFAULT);
        long pid = engine.pid().orElseThrow();
        assertThat(ProcessHandle.current().children()).anyMatch(EngineCrashTest::isHost);
        engine.close();
        engine.close();
        assertThat(ProcessHandle.of(pid).filter(ProcessHandle::isAlive)).isEmpty();
        assertThat(CrashRecords.of(directory).list()).isEmpty();
        EngineProcess unused = create(EngineLimits.DEFAULT);
        unused.launch();
        unused.close();
        assertThat(engine.models()).isEmpty();
    }

    @Test
    void aKilledWorkerLeavesNoHost() throws Exception {
        Process worker = new ProcessBuilder(
                        Path.of(System.getProperty("java.home", ""), "bin", "java")
                                .toString(),
                        "-cp",
                        System.getProperty("java.class.path", ""),
                        LonelyWorker.class.getName(),
                        directory.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader said =
                new BufferedReader(new InputStreamReader(worker.getInputStream(), StandardCharsets.UTF_8))) {
            long pid = Long.parseLong(said.readLine());
            ProcessHandle host = ProcessHandle.of(pid).orElseThrow();
            assertThat(host.isAlive()).isTrue();
            worker.destroyForcibly();
            Await.until(() -> !host.isAlive(), "the host of a killed worker ends");
        } finally {
            worker.destroyForcibly();
        }
    }
}

package org.usedecentral.testkit.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.usedecentral.engine.CrashRecords;
import org.usedecentral.engine.EngineProcess;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.inference.GenerationEvent;
import org.usedecentral.spi.inference.GenerationRequest;
import org.usedecentral.spi.inference.Message;
import org.usedecentral.spi.inference.TokenStream;
import org.usedecentral.testkit.network.Await;
import org.usedecentral.time.SystemTimers;

/** An engine host that dies again and again under four streams: each fails with the cause, the engine comes back, and nothing is left over. */
@Timeout(300)
final class EngineCrashTest {
    private static final int CYCLES = 100;
    private static final int WARM = 10;
    private static final int STREAMS = 4;

    /** Each of these writes what it knows, which takes the JVM a while; the rest are killed at once. */
    private static final int SEGV_EVERY = 5;

    @TempDir
    private Path directory;

    /** What a leak would show in. */
    private record Held(long files, int threads, long children, List<String> temporary, long heap) {
        static Held now() throws IOException {
            System.gc();
            long files;
            try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
                files = open.count();
            }
            List<String> temporary;
            try (Stream<Path> all = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
                temporary = all.map(file -> file.getFileName().toString())
                        .filter(name -> name.startsWith("decentral-engine-"))
                        .sorted()
                        .toList();
            }
            Runtime runtime = Runtime.getRuntime();
            return new Held(
                    files,
                    ManagementFactory.getThreadMXBean().getThreadCount(),
                    ProcessHandle.current().children().count(),
                    temporary,
                    runtime.totalMemory() - runtime.freeMemory());
        }
    }

    @Test
    void aHundredDeathsLeaveNothingBehind() throws Exception {
        List<String> temporary = Held.now().temporary();
        try (SystemTimers timers = new SystemTimers(SystemTimers.CLOCK);
                EngineProcess engine = TestHost.create(TestHost.parts(timers, directory, TestHost.QUICK))) {
            engine.start(TestHost.context(directory));
            engine.load(ScriptedEngine.artifact("second"), directory.resolve("weights"));
            for (int i = 0; i < WARM; i++) {
                killUnderStreams(engine, i);
            }
            Held before = Held.now();
            for (int i = WARM; i < CYCLES; i++) {
                killUnderStreams(engine, i);
            }
            Await.until(() -> held().files() <= before.files() + 1, "files are closed: " + before);
            Await.until(() -> held().threads() <= before.threads() + 3, "threads have ended: " + before);
            Held after = Held.now();
            assertThat(after.children()).isEqualTo(before.children());
            assertThat(after.temporary()).isEqualTo(before.temporary());
            assertThat(after.heap()).as("bytes in use").isLessThan(before.heap() + (8L << 20));
            assertThat(engine.restarts()).isEqualTo(CYCLES);
            assertThat(CrashRecords.of(directory).list()).hasSize(20);
            try (Stream<Path> kept = Files.list(directory.resolve("engines/crashes"))) {
                assertThat(kept.count()).isLessThanOrEqualTo(40);
            }
        }
        assertThat(Held.now().temporary()).isEqualTo(temporary);
        assertThat(ProcessHandle.current().children()).noneMatch(EngineCrashTest::isHost);
    }

    private static Held held() {
        try {
            return Held.now();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** By a word near the start: the system gives only so much of a long command line. */
    static boolean isHost(ProcessHandle process) {
        return process.info().commandLine().orElse("").contains("decentral.engine=");
    }

    private static GenerationRequest endless() {
        return GenerationRequest.builder(ScriptedEngine.MODEL, List.of(Message.of(Message.Role.USER, "go on and on")))
                .build();
    }

    private static void killUnderStreams(EngineProcess engine, int cycle) throws Exception {
        List<TokenStream> streams = new ArrayList<>();
        for (int i = 0; i < STREAMS; i++) {
            streams.add(engine.generate(endless()));
        }
        assertThat(streams.getFirst().next()).isInstanceOf(GenerationEvent.TextDelta.class);
        boolean segv = cycle % SEGV_EVERY == 0;
        signal(engine.pid().orElseThrow(), segv ? "SEGV" : "KILL");
        for (TokenStream stream : streams) {
            DecentralException why = catchThrowableOfType(DecentralException.class, () -> {
                while (!(stream.next() instanceof GenerationEvent.Finished)) {
                    assertThat(stream.inputTokens()).isPositive();
                }
            });
            assertThat(why).as("a stream of a dead engine").isNotNull();
            assertThat(why.code()).isEqualTo(ErrorCode.UNAVAILABLE);
            assertThat(why).hasMessageContaining(segv ? "SIGSEGV" : "SIGKILL").hasMessageContaining("hosted");
            stream.close();
        }
        Await.until(() -> engine.restarts() == cycle + 1, "the engine is back");
        assertThat(engine.models()).extracting(card -> card.id().value()).contains("m", "second");
        assertThat(engine.lastFault().orElseThrow()).contains(segv ? "SIGSEGV" : "SIGKILL");
    }

    static void signal(long pid, String signal) throws IOException, InterruptedException {
        int code = new ProcessBuilder("kill", "-" + signal, Long.toString(pid))
                .inheritIO()
                .start()
                .waitFor();
        assertThat(code).as("kill -%s %s", signal, pid).isZero();
    }
}

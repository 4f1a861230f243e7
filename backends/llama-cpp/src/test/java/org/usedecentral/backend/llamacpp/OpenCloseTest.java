package org.usedecentral.backend.llamacpp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.inference.TokenStream;
import org.usedecentral.spi.models.ModelArtifact;

@Timeout(600)
final class OpenCloseTest {
    private static final int CYCLES = 20;

    @Test
    @EnabledOnOs(value = OS.LINUX, disabledReason = "only Linux tells a process its memory in a file")
    void twentyCyclesDoNotGrow() throws Exception {
        Path status = Path.of("/proc/self/status");
        long after5 = 0;
        for (int i = 0; i < CYCLES; i++) {
            try (LlamaCppBackend backend = TestEngine.start("slots", "2", "threads", "1")) {
                TestEngine.run(backend, TestEngine.greedy("Hello", 4).build());
            }
            if (i == 4) {
                after5 = residentKiB(status);
            }
        }
        // A leaked model is 98 MiB and a leaked context 46 MiB, each time.
        assertThat(residentKiB(status) - after5).isLessThan(64 * 1024);
    }

    static long residentKiB(Path status) throws Exception {
        System.gc();
        return Files.readAllLines(status).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void closingEndsRunningStreams() throws Exception {
        LlamaCppBackend backend = TestEngine.start("slots", "1");
        TokenStream stream =
                backend.generate(TestEngine.greedy("Tell me a long story.", 0).build());
        stream.next();
        backend.close();
        assertThatThrownBy(() -> TestEngine.drain(stream))
                .isInstanceOfSatisfying(
                        DecentralException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNAVAILABLE));
        assertThatThrownBy(() -> backend.generate(TestEngine.greedy("x", 1).build()))
                .isInstanceOf(DecentralException.class);
        stream.close();
        backend.close();
    }

    @Test
    void closingWhileManyComeAndGo() throws Exception {
        for (int round = 0; round < 5; round++) {
            LlamaCppBackend backend = TestEngine.start("slots", "2", "threads", "1");
            Thread[] clients = new Thread[6];
            for (int i = 0; i < clients.length; i++) {
                clients[i] = Thread.ofVirtual().start(() -> untilRefused(backend));
            }
            TimeUnit.MILLISECONDS.sleep(100);
            backend.close();
            for (Thread client : clients) {
                assertThat(client.join(java.time.Duration.ofSeconds(20))).isTrue();
            }
        }
    }

    private static void untilRefused(LlamaCppBackend backend) {
        while (true) {
            try {
                TestEngine.run(backend, TestEngine.greedy("Hello", 3).build());
            } catch (DecentralException e) {
                if (e.code() != ErrorCode.OVERLOADED) {
                    return;
                }
                Thread.onSpinWait();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
    }

    @Test
    void logsToTheSystemLoggerAtDebugOnly() {
        Logger logger = Logger.getLogger(LlamaLog.class.getName());
        List<LogRecord> records = Collections.synchronizedList(new ArrayList<>());
        Handler handler = new Handler() {
            @Override
            public void publish(LogRecord record) {
                records.add(record);
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        handler.setLevel(Level.ALL);
        logger.addHandler(handler);
        logger.setLevel(Level.FINE);
        logger.setUseParentHandlers(false);
        try {
            TestEngine.start("slots", "1", "context", "256").close();
        } finally {
            logger.removeHandler(handler);
            logger.setLevel(null);
            logger.setUseParentHandlers(true);
        }
        assertThat(records).isNotEmpty().allMatch(record -> record.getLevel().equals(Level.FINE));
    }

    @Test
    void loadsAnArtifactOnceOnly() throws Exception {
        try (LlamaCppBackend backend = TestEngine.startEmpty()) {
            assertThat(backend.models()).isEmpty();
            assertThatThrownBy(() -> backend.generate(TestEngine.greedy("x", 1).build()))
                    .isInstanceOfSatisfying(
                            DecentralException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.MODEL_NOT_FOUND));
            ModelArtifact artifact = new ModelArtifact("smollm2", Bytes.zeros(32), 98_362_432, "Q4_1", "Apache-2.0");
            backend.load(artifact, TestEngine.model());
            assertThat(backend.models().getFirst().digest()).isEqualTo(Bytes.zeros(32));
            assertThat(TestEngine.run(backend, TestEngine.greedy("Hello", 2).build())
                            .text())
                    .isNotEmpty();
            assertThatThrownBy(() -> backend.load(artifact, TestEngine.model()))
                    .isInstanceOfSatisfying(
                            DecentralException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFLICT));
        }
    }
}

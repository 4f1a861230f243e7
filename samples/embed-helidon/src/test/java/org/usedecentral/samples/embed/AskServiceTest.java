package org.usedecentral.samples.embed;

import static org.assertj.core.api.Assertions.assertThat;

import io.helidon.config.Config;
import io.helidon.config.ConfigSources;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The sample as it stands, with the real engine and model. */
class AskServiceTest {
    @TempDir
    private Path directory;

    @Test
    @Timeout(300)
    void answersFromInsideAPlainHelidonServiceAndLeavesNoThread() throws IOException, InterruptedException {
        Set<Long> before = threads();
        Config config = Config.just(
                ConfigSources.create(Map.of(
                        "server.port",
                        "0",
                        "decentral.data-directory",
                        directory.toString(),
                        // A machine that builds at the same time may need longer for a first token.
                        "decentral.orchestrator.start-timeout",
                        "PT90S",
                        "decentral.orchestrator.stall-timeout",
                        "PT90S")),
                ConfigSources.classpath("application.yaml"));
        try (HttpClient client = HttpClient.newHttpClient();
                AskService service = AskService.start(config)) {
            URI base = URI.create("http://127.0.0.1:" + service.server().port());
            HttpResponse<String> answer = client.send(
                    HttpRequest.newBuilder(base.resolve("/ask"))
                            .POST(HttpRequest.BodyPublishers.ofString("Name the capital of France."))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.body()).isNotBlank();

            String key = service.node()
                    .apiKeys()
                    .create("test", service.node().developmentPayer())
                    .secret();
            HttpResponse<String> chat = client.send(
                    HttpRequest.newBuilder(base.resolve("/v1/chat/completions"))
                            .header("authorization", "Bearer " + key)
                            .header("content-type", "application/json")
                            .POST(HttpRequest.BodyPublishers.ofString("""
                                            {"model": "smollm2-135m-instruct", "temperature": 0, "max_tokens": 48,
                                             "messages": [{"role": "user", "content": "Name the capital of France."}]}"""))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            assertThat(chat.statusCode()).isEqualTo(200);
            assertThat(chat.body()).contains("Paris").contains("\"decentral\"");
        }
        assertThat(Thread.getAllStackTraces().keySet())
                .filteredOn(thread -> !before.contains(thread.threadId()))
                .filteredOn(thread -> !thread.isDaemon() || thread.getName().startsWith("decentral"))
                .extracting(Thread::getName)
                .isEmpty();
    }

    private static Set<Long> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::threadId)
                .collect(Collectors.toSet());
    }
}

package org.usedecentral.backend.openai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.inference.Feature;
import org.usedecentral.spi.inference.ModelCard;
import org.usedecentral.testkit.TurnableClock;
import org.usedecentral.testkit.network.Await;

@Timeout(60)
final class UpstreamModelsTest {
    private static final String MODELS = "{\"id\":\"m\",\"owned_by\":\"vllm\",\"max_model_len\":1000},"
            + "{\"id\":\"/weights/no-name.gguf\",\"owned_by\":\"vllm\"}";

    @Test
    void aServerThatIsAwayIsAskedAgainAfterAPauseThatGrows() {
        TurnableClock clock = new TurnableClock();
        try (FaultServer server = new FaultServer()) {
            server.on("/v1/models", FaultServer.json(503, "{}"));
            OpenAiBackend backend = TestBackend.start(server.url(), clock);
            assertThat(backend.models()).isEmpty();
            assertThat(server.received()).hasSize(1);

            clock.advance(Duration.ofSeconds(1));
            assertThat(backend.models()).isEmpty();
            Await.until(() -> server.received().size() == 2, "it is asked again");

            server.models(MODELS);
            clock.advance(Duration.ofSeconds(1));
            assertThat(backend.models()).as("the second pause is two seconds").isEmpty();
            clock.advance(Duration.ofSeconds(1));
            Await.until(() -> !backend.models().isEmpty(), "the models are there");
            assertThat(server.received()).hasSize(3);
            backend.close();
        }
    }

    @Test
    void nobodyListeningIsNotTheEndOfTheWorker() {
        FaultServer gone = new FaultServer();
        String url = gone.url();
        gone.close();
        OpenAiBackend backend = TestBackend.start(url, new TurnableClock());
        assertThat(backend.models()).isEmpty();
        DecentralException e = catchThrowableOfType(
                DecentralException.class,
                () -> backend.generate(TestBackend.request("hi").build()));
        assertThat(e.code()).isEqualTo(ErrorCode.MODEL_NOT_FOUND);
        backend.close();
    }

    @Test
    void aServerThatFallsAwayLosesItsModels() {
        TurnableClock clock = new TurnableClock();
        FaultServer server = new FaultServer().models(MODELS);
        OpenAiBackend backend = TestBackend.start(server.url(), clock);
        assertThat(backend.models()).hasSize(1);
        server.close();
        DecentralException e = catchThrowableOfType(
                DecentralException.class,
                () -> backend.generate(TestBackend.request("hi").build()));
        assertThat(e.code()).as(e.message()).isEqualTo(ErrorCode.UNAVAILABLE);
        Await.until(() -> backend.models().isEmpty(), "its models are gone");
        backend.close();
    }

    @Test
    void cardsSayWhatTheServerAndTheOperatorSay() {
        try (FaultServer server = new FaultServer().models(MODELS)) {
            String digest = "ab".repeat(32);
            OpenAiBackend backend = TestBackend.start(
                    server,
                    "upstream-models.0.id",
                    "ours",
                    "upstream-models.0.upstream",
                    "/weights/no-name.gguf",
                    "upstream-models.0.context",
                    "512",
                    "upstream-models.0.max-output",
                    "100",
                    "upstream-models.0.digest",
                    digest,
                    "upstream-models.1.id",
                    "not-there");
            assertThat(backend.models()).hasSize(1);
            ModelCard card = backend.models().getFirst();
            assertThat(card.id().value()).isEqualTo("ours");
            assertThat(card.limits().contextTokens()).isEqualTo(512);
            assertThat(card.limits().maxOutputTokens()).isEqualTo(100);
            assertThat(card.digest()).hasToString(digest);
            assertThat(card.features()).contains(Feature.LOGPROBS).doesNotContain(Feature.DETERMINISTIC, Feature.TOOLS);
            backend.close();
        }
    }

    @Test
    void aFeatureTheServerHasNoWordsForStopsTheStart() {
        try (FaultServer server = FaultServer.of("library")) {
            DecentralException e = catchThrowableOfType(
                    DecentralException.class,
                    () -> TestBackend.start(
                            server, "upstream-models.0.id", "m", "upstream-models.0.features", "generate,grammar"));
            assertThat(e.code()).isEqualTo(ErrorCode.INVALID_REQUEST);
            assertThat(e.message()).contains("GRAMMAR", "ollama");
        }
    }
}

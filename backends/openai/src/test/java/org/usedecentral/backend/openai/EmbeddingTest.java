package org.usedecentral.backend.openai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.inference.EmbeddingRequest;
import org.usedecentral.spi.inference.Embeddings;

@Timeout(30)
final class EmbeddingTest {
    private static final String USAGE = ",\"usage\":{\"prompt_tokens\":6,\"total_tokens\":6}}";

    private static Embeddings embed(FaultServer server) throws InterruptedException {
        OpenAiBackend backend =
                TestBackend.start(server, "upstream-models.0.id", "m", "upstream-models.0.features", "embed");
        try {
            return backend.embed(EmbeddingRequest.of(TestBackend.MODEL, List.of("a", "b")));
        } finally {
            assertThat(backend.load().running()).isZero();
            backend.close();
        }
    }

    @Test
    void vectorsStandInTheOrderOfTheirInputs() throws InterruptedException {
        String body =
                "{\"data\":[{\"index\":1,\"embedding\":[3,4]},{\"index\":0,\"embedding\":\"AACAPwAAAMA=\"}]" + USAGE;
        try (FaultServer server = FaultServer.of("x").on("/v1/embeddings", FaultServer.json(200, body))) {
            Embeddings embeddings = embed(server);
            assertThat(embeddings.vectors().get(0).toArray()).containsExactly(1f, -2f);
            assertThat(embeddings.vectors().get(1).toArray()).containsExactly(3f, 4f);
            assertThat(embeddings.usage().inputTokens()).isEqualTo(6);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"data\":[{\"index\":0,\"embedding\":[1]}]" + USAGE,
                "{\"data\":[{\"index\":0,\"embedding\":[1]},{\"index\":0,\"embedding\":[1]}]" + USAGE,
                "{\"data\":[{\"index\":0,\"embedding\":[1]},{\"index\":1,\"embedding\":[1,2]}]" + USAGE,
                "{\"data\":[{\"index\":0,\"embedding\":[1]},{\"index\":1,\"embedding\":[null]}]" + USAGE,
                "{\"data\":[{\"index\":0,\"embedding\":[1]},{\"index\":1,\"embedding\":[]}]" + USAGE,
                "{\"data\":[{\"index\":0,\"embedding\":\"AAA\"},{\"index\":1,\"embedding\":[1]}]" + USAGE,
                "{\"data\":[{\"index\":0,\"embedding\":[1]},{\"index\":1,\"embedding\":[2]}]}",
                "{}",
            })
    void answersThatAreNotEmbeddingsFail(String body) {
        try (FaultServer server = FaultServer.of("x").on("/v1/embeddings", FaultServer.json(200, body))) {
            DecentralException e = catchThrowableOfType(DecentralException.class, () -> embed(server));
            assertThat(e.code()).isEqualTo(ErrorCode.UNAVAILABLE);
        }
    }

    @Test
    void aModelThatOnlyEmbedsDoesNotGenerate() {
        try (FaultServer server = FaultServer.of("x")) {
            OpenAiBackend backend =
                    TestBackend.start(server, "upstream-models.0.id", "m", "upstream-models.0.features", "embed");
            DecentralException e = catchThrowableOfType(
                    DecentralException.class,
                    () -> backend.generate(TestBackend.request("hi").build()));
            assertThat(e.code()).isEqualTo(ErrorCode.UNSUPPORTED_FEATURE);
            backend.close();
        }
    }
}

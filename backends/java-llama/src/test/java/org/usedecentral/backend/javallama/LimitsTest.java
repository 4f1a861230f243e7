package org.usedecentral.backend.javallama;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.inference.FinishReason;
import org.usedecentral.spi.inference.GenerationEvent;
import org.usedecentral.spi.inference.GenerationRequest;
import org.usedecentral.spi.inference.InferenceBackend;
import org.usedecentral.spi.inference.Message;
import org.usedecentral.spi.inference.Message.Role;
import org.usedecentral.spi.inference.Sampling;
import org.usedecentral.spi.inference.TokenStream;
import org.usedecentral.spi.models.ModelArtifact;

/** What the library cannot do is said, and never tried. */
final class LimitsTest {
    @TempDir
    private Path directory;

    private static void refused(ErrorCode code, String word, ThrowingCallable call) {
        DecentralException e = catchThrowableOfType(DecentralException.class, call);
        assertThat(e).as("refused with %s", code).isNotNull();
        assertThat(e.code()).as(e.message()).isEqualTo(code);
        assertThat(e.message()).contains(word);
    }

    private static GenerationRequest.Builder greedy(Message... messages) {
        return GenerationRequest.builder(RealEngine.MODEL, List.of(messages))
                .sampling(Sampling.builder().temperature(0).build())
                .maxOutputTokens(40);
    }

    @Test
    void answersOneModelAndRefusesTheRest() throws InterruptedException {
        InferenceBackend backend = RealEngine.start(directory);
        Message question = Message.of(Role.USER, "Name the capital of France.");
        try (backend) {
            StringBuilder text = new StringBuilder();
            GenerationEvent.Finished end = null;
            try (TokenStream stream = backend.generate(greedy(question).build())) {
                while (end == null) {
                    switch (stream.next()) {
                        case GenerationEvent.TextDelta delta -> text.append(delta.text());
                        case GenerationEvent.Finished finished -> end = finished;
                        case GenerationEvent.ToolCallDelta call -> throw new AssertionError(call);
                    }
                }
            }
            assertThat(text.toString()).contains("Paris");
            assertThat(end.reasons()).containsExactly(FinishReason.STOP);

            ModelArtifact second = new ModelArtifact("second", Bytes.zeros(32), 1, "", "Apache-2.0");
            refused(ErrorCode.CONFLICT, "one backend a model", () -> backend.load(second, RealEngine.weights()));
            refused(
                    ErrorCode.INVALID_REQUEST,
                    "system message",
                    () -> backend.generate(greedy(question, Message.of(Role.SYSTEM, "Be brief."))
                            .build()));
            refused(
                    ErrorCode.UNSUPPORTED_FEATURE,
                    "tool message",
                    () -> backend.generate(
                            greedy(question, Message.of(Role.TOOL, "42")).build()));
        }
        refused(
                ErrorCode.MODEL_NOT_FOUND,
                "smollm2",
                () -> backend.generate(greedy(question).build()));
    }

    @Test
    void aFileThatIsNoModelIsRefusedBeforeTheLibrarySeesIt() throws IOException {
        Path text = Files.writeString(directory.resolve("model.gguf"), "not a model");
        refused(
                ErrorCode.INVALID_REQUEST,
                "not a GGUF file",
                () -> RealEngine.start(directory, Map.of("model", text.toString())));
        refused(
                ErrorCode.INVALID_REQUEST,
                "nowhere.gguf",
                () -> RealEngine.start(directory, Map.of("model", "/nowhere.gguf")));
    }

    @Test
    void configurationThatItDoesNotHaveIsRefused() {
        refused(
                ErrorCode.INVALID_REQUEST,
                "no key 'gpu-layers'",
                () -> RealEngine.start(directory, Map.of("gpu-layers", "1")));
        refused(ErrorCode.INVALID_REQUEST, "slots", () -> RealEngine.start(directory, Map.of("slots", "0")));
        refused(ErrorCode.INVALID_REQUEST, "number", () -> RealEngine.start(directory, Map.of("threads", "many")));
    }
}

package org.usedecentral.backend.openai;

import java.nio.file.Path;
import java.time.Clock;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.usedecentral.spi.ModelId;
import org.usedecentral.spi.inference.Feature;
import org.usedecentral.spi.inference.InferenceBackend;
import org.usedecentral.testkit.TurnableClock;
import org.usedecentral.testkit.inference.InferenceBackendContract;
import org.usedecentral.testkit.inference.ScriptedBackend;

/** The contract through a whole network: this backend, a gateway's HTTP, an orchestrator, a worker, and a scripted engine; it does not sample, so
 * penalties are not among its features. */
final class GatewayContractTest implements InferenceBackendContract {
    private static final Clock CLOCK = new TurnableClock();

    @TempDir
    private static Path directory;

    private static TestGateway gateway;
    private static OpenAiBackend backend;

    @BeforeAll
    static void start() {
        ScriptedBackend engine = ScriptedBackend.builder()
                .model(ScriptedBackend.card(
                        TestBackend.MODEL.value(),
                        Feature.DETERMINISTIC,
                        Feature.MULTIPLE_CHOICES,
                        Feature.TOOLS,
                        Feature.LOGIT_BIAS,
                        Feature.MIN_P,
                        Feature.LOGPROBS,
                        Feature.IMAGES,
                        Feature.JSON_SCHEMA))
                .slots(32)
                .build();
        gateway = TestGateway.over(engine, directory);
        backend = TestBackend.start(
                gateway.url(),
                CLOCK,
                "api-key",
                gateway.key(),
                "slots",
                "4",
                "upstream-models.0.id",
                TestBackend.MODEL.value(),
                "upstream-models.0.features",
                "generate,deterministic,multiple-choices,tools,logit-bias,min-p,logprobs,images,json-schema");
    }

    @AfterAll
    static void stop() {
        backend.close();
        gateway.close();
    }

    @Override
    public InferenceBackend backend() {
        return backend;
    }

    @Override
    public ModelId model() {
        return TestBackend.MODEL;
    }

    /** The scripted engine repeats it. */
    @Override
    public String longPrompt() {
        return IntStream.range(0, 1_500).mapToObj(i -> "word" + i).collect(Collectors.joining(" ", "Say: ", ""));
    }

    @Override
    public boolean countsInputTokens() {
        return false;
    }

    @Override
    public boolean sameForEverySeed() {
        return true;
    }
}

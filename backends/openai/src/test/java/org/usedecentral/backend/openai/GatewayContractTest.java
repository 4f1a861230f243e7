package org.usedecentral.backend.openai;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.usedecentral.spi.ModelId;
import org.usedecentral.spi.inference.Feature;
import org.usedecentral.spi.inference.InferenceBackend;
import org.usedecentral.testkit.TurnableClock;
import org.usedecentral.testkit.inference.InferenceBackendContract;
import org.usedecentral.testkit.inference.Script;
import org.usedecentral.testkit.inference.ScriptedBackend;

/** The contract through a whole network: this backend, a gateway's HTTP, an orchestrator, a worker, and a scripted engine that can everything. */
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
                        Feature.PENALTIES,
                        Feature.LOGIT_BIAS,
                        Feature.MIN_P,
                        Feature.LOGPROBS,
                        Feature.IMAGES,
                        Feature.JSON_SCHEMA))
                .slots(32)
                .build();
        Script slow = Script.words(2_000).paced(Duration.ofMillis(2));
        engine.answer(request -> slow);
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
                "generate,deterministic,multiple-choices,tools,penalties,logit-bias,min-p,logprobs,images,json-schema");
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

    @Override
    public boolean sameForEverySeed() {
        return true;
    }
}

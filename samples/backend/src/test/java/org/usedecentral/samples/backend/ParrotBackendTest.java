package org.usedecentral.samples.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.helidon.config.Config;
import io.helidon.config.ConfigSources;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.usedecentral.node.Node;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ModelId;
import org.usedecentral.spi.inference.GenerationRequest;
import org.usedecentral.spi.inference.InferenceBackend;
import org.usedecentral.spi.inference.Message;
import org.usedecentral.testkit.inference.Collected;
import org.usedecentral.testkit.inference.InferenceBackendContract;

final class ParrotBackendTest implements InferenceBackendContract {
    private final InferenceBackend parrot = new ParrotProvider().create(Config.empty(), "polly");

    @Override
    public InferenceBackend backend() {
        return parrot;
    }

    @Override
    public ModelId model() {
        return ParrotProvider.MODEL.id();
    }

    @Override
    public boolean sameForEverySeed() {
        return true;
    }

    @Test
    void answersInANode(@TempDir Path directory) throws InterruptedException {
        Config config = Config.just(ConfigSources.create(Map.of(
                "data-directory", directory.toString(),
                "backends.0.type", "parrot",
                "backends.0.slots", "2")));
        try (Node node = Node.create(config).start()) {
            GenerationRequest request = GenerationRequest.builder(
                            model(), List.of(Message.of(Message.Role.USER, "Pretty Polly!")))
                    .maxOutputTokens(5)
                    .build();
            Collected answer = Collected.from(node.jobs().submit(node.developmentPayer(), request));
            assertThat(answer.text()).isEqualTo("Pretty Polly! Pretty Polly! Pretty ");
            assertThat(answer.usage().outputTokens()).isEqualTo(5);
        }
    }

    @Test
    void needsASlot() {
        Config config = Config.just(ConfigSources.create(Map.of("slots", "0")));
        assertThatExceptionOfType(DecentralException.class)
                .isThrownBy(() -> new ParrotProvider().create(config, "polly"))
                .withMessageContaining("slot");
    }
}

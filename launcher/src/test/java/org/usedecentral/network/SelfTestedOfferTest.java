package org.usedecentral.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.helidon.config.Config;
import io.helidon.config.ConfigSources;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.usedecentral.node.Node;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.ModelId;
import org.usedecentral.spi.inference.GenerationRequest;
import org.usedecentral.spi.inference.Message;
import org.usedecentral.testkit.inference.Collected;
import org.usedecentral.testkit.inference.Script;
import org.usedecentral.testkit.inference.ScriptedBackend;

/** A whole node whose models are tested before it offers them. */
@Timeout(60)
final class SelfTestedOfferTest {
    @TempDir
    Path directory;

    private final ScriptedBackend good = ScriptedBackend.of("good");
    private final ScriptedBackend bad = ScriptedBackend.of("bad");

    private Node node(Map<String, String> config) {
        return Node.builder()
                .config(Config.just(ConfigSources.create(config)))
                .dataDirectory(directory)
                .backend(good)
                .backend(bad)
                .build();
    }

    private static GenerationRequest request(String model) {
        return GenerationRequest.builder(new ModelId(model), List.of(Message.of(Message.Role.USER, "hello")))
                .maxOutputTokens(16)
                .build();
    }

    @Test
    void aModelThatFailsItsSelfTestIsNotOffered() throws Exception {
        bad.refuse(new DecentralException(ErrorCode.INTERNAL, "the weights are broken"));
        try (Node node = node(Map.of()).start()) {
            // It works again, but nobody asks it.
            bad.refuse(null);
            assertThat(node.worker().orElseThrow().notOffered())
                    .containsOnlyKeys("bad")
                    .containsEntry("bad", "the weights are broken");
            assertThat(Collected.from(node.jobs().submit(node.developmentPayer(), request("good")))
                            .usage()
                            .outputTokens())
                    .isEqualTo(16);
            int asked = bad.requests().size();
            assertThatThrownBy(() -> node.jobs().submit(node.developmentPayer(), request("bad")))
                    .isInstanceOf(DecentralException.class)
                    .hasMessageContaining("bad");
            assertThat(bad.requests()).hasSize(asked);
            assertThat(Files.readString(directory.resolve("speeds.json")))
                    .contains("good")
                    .doesNotContain("bad");
        }
    }

    @Test
    void aModelThatSaysNothingIsNotOffered() {
        bad.play(Script.silent());
        try (Node node = node(Map.of("worker.self-test", "full")).start()) {
            assertThat(node.worker().orElseThrow().notOffered()).containsOnlyKeys("bad");
        }
    }

    @Test
    void whoTrustsTestsNothing() {
        bad.refuse(new DecentralException(ErrorCode.INTERNAL, "the weights are broken"));
        try (Node node = node(Map.of("worker.self-test", "off")).start()) {
            assertThat(node.worker().orElseThrow().notOffered()).isEmpty();
            assertThat(good.requests()).isEmpty();
        }
    }

    @Test
    void anotherWordIsRefusedBeforeAnythingStarts() {
        Node node = node(Map.of("worker.self-test", "sometimes"));
        assertThatThrownBy(node::start)
                .isInstanceOf(DecentralException.class)
                .hasMessageContaining("worker.self-test must be full, quick or off, not 'sometimes'");
        assertThat(good.requests()).isEmpty();
    }
}

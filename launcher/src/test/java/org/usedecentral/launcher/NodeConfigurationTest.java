package org.usedecentral.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.helidon.config.Config;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.usedecentral.node.Node;
import org.usedecentral.node.NodeConfig;
import org.usedecentral.spi.DecentralException;

final class NodeConfigurationTest {
    @TempDir
    Path folder;

    /** What a test says; the rest says nothing. */
    private record Said(
            Map<String, String> command,
            Map<String, String> set,
            Map<String, String> properties,
            Map<String, String> environment,
            @Nullable String yaml) {
        static final Said NOTHING = new Said(Map.of(), Map.of(), Map.of(), Map.of(), null);

        Said command(Map<String, String> value) {
            return new Said(value, set, properties, environment, yaml);
        }

        Said set(Map<String, String> value) {
            return new Said(command, value, properties, environment, yaml);
        }

        Said properties(Map<String, String> value) {
            return new Said(command, set, value, environment, yaml);
        }

        Said environment(Map<String, String> value) {
            return new Said(command, set, properties, value, yaml);
        }

        Said yaml(String value) {
            return new Said(command, set, properties, environment, value);
        }
    }

    private Config merge(Said said) throws IOException {
        Optional<Path> file = Optional.empty();
        if (said.yaml() != null) {
            file = Optional.of(Files.writeString(folder.resolve("decentral.yaml"), said.yaml()));
        }
        return NodeConfiguration.merge(new NodeConfiguration.Layers(
                said.command(),
                said.set(),
                new Surroundings(said.environment(), said.properties(), folder),
                file,
                Map.of("gateway.jobs-per-key", "3")));
    }

    private NodeConfig node(Said said) throws IOException {
        return Node.create(merge(said)).configuration();
    }

    @Test
    void everyLayerGoesAboveTheNext() throws IOException {
        Said file = Said.NOTHING.yaml("gateway: {port: 1, host: file}\norchestrator: {max-jobs: 7}\n");
        Said environment = file.environment(Map.of("DECENTRAL_GATEWAY_PORT", "2", "DECENTRAL_WORKER_REGION", "env"));
        Said properties = environment.properties(Map.of("decentral.gateway.port", "3"));
        Said set = properties.set(Map.of("gateway.port", "4"));
        Said command = set.command(Map.of("gateway.port", "5"));

        assertThat(node(file).gateway().port()).isEqualTo(1);
        assertThat(node(environment).gateway().port()).isEqualTo(2);
        assertThat(node(properties).gateway().port()).isEqualTo(3);
        assertThat(node(set).gateway().port()).isEqualTo(4);
        NodeConfig all = node(command);
        assertThat(all.gateway().port()).isEqualTo(5);
        assertThat(all.gateway().host()).isEqualTo("file");
        assertThat(all.worker().region()).isEqualTo("env");
        assertThat(all.orchestrator().maxJobs()).isEqualTo(7);
        assertThat(all.gateway().jobsPerKey()).isEqualTo(3);
    }

    @Test
    void anUnderscoreIsADotAfterTheRootAndAnIndexAndADashElsewhere() throws IOException {
        Config config = merge(Said.NOTHING.environment(Map.of(
                "DECENTRAL_ORCHESTRATOR_START_TIMEOUT", "PT3S",
                "DECENTRAL_BACKENDS_0_GPU_LAYERS", "12",
                "DECENTRAL_WORKER_MODELS", "a,b")));
        assertThat(config.get("backends.0.gpu-layers").asInt().get()).isEqualTo(12);
        NodeConfig read = Node.create(config).configuration();
        assertThat(read.orchestrator().startTimeout()).hasSeconds(3);
        assertThat(read.worker().models()).containsExactly("a", "b");
    }

    @Test
    void whatIsNoConfigurationOfANodeIsLeftAlone() throws IOException {
        Config config = merge(Said.NOTHING
                .environment(Map.of("DECENTRAL_CACHE", "/x", "DECENTRAL_DATA_DIR", "/y", "GATEWAY_PORT", "9"))
                .properties(Map.of("decentral.cache", "/z", "gateway.port", "9")));
        assertThat(config.get("cache").exists()).isFalse();
        assertThat(Node.create(config).configuration().gateway().port()).isEqualTo(8080);
    }

    @Test
    void aNodeThatIsToldNothingRunsTheSmallModel() throws IOException {
        Config config = merge(Said.NOTHING);
        assertThat(types(config)).containsExactly("llama-cpp");
        assertThat(Node.create(config).configuration().worker().models())
                .containsExactly(NodeConfiguration.DEFAULT_MODEL);
    }

    @Test
    void settingOneKeyOfTheBackendKeepsTheRestOfTheDefault() throws IOException {
        Config config = merge(Said.NOTHING.set(Map.of("backends.0.threads", "2")));
        assertThat(types(config)).containsExactly("llama-cpp");
        assertThat(config.get("backends.0.threads").asInt().get()).isEqualTo(2);
        assertThat(Node.create(config).configuration().worker().models())
                .containsExactly(NodeConfiguration.DEFAULT_MODEL);
    }

    @Test
    void aBackendWithWeightsOrOfAnotherTypeGetsNoModelOfTheCatalogue() throws IOException {
        assertThat(node(Said.NOTHING.yaml("backends: [{type: llama-cpp, model: /m.gguf}]\n"))
                        .worker()
                        .models())
                .isEmpty();
        assertThat(node(Said.NOTHING.yaml("backends: [{type: openai}]\n"))
                        .worker()
                        .models())
                .isEmpty();
        assertThat(node(Said.NOTHING.set(Map.of("worker.models.0", "mine")))
                        .worker()
                        .models())
                .containsExactly("mine");
    }

    @Test
    void anEmptyListOfBackendsMeansNone() throws IOException {
        Config config = merge(Said.NOTHING.yaml("backends: []\n"));
        assertThat(types(config)).isEmpty();
        assertThat(Node.create(config).configuration().worker().models()).isEmpty();
    }

    @Test
    void aNodeThatDoesNotWorkGetsNoBackend() throws IOException {
        assertThat(types(merge(Said.NOTHING.command(Map.of("worker.enabled", "false")))))
                .isEmpty();
    }

    @Test
    void aFileOfCommentsHasNoKeys() throws IOException {
        assertThat(node(Said.NOTHING.yaml("# nothing\n\n")).gateway().port()).isEqualTo(8080);
    }

    @Test
    void valuesAreTakenAsTheyStand() throws IOException {
        assertThat(node(Said.NOTHING.yaml("worker: {region: \"${HOME}\"}\n"))
                        .worker()
                        .region())
                .isEqualTo("${HOME}");
    }

    @Test
    void aKeyThatNoNodeKnowsIsNamed() {
        assertThatThrownBy(() -> merge(Said.NOTHING.set(Map.of("gatewy.port", "1"))))
                .isInstanceOf(DecentralException.class)
                .hasMessageContaining("gatewy.port")
                .hasMessageContaining("gateway");
        assertThatThrownBy(() -> node(Said.NOTHING.yaml("gateway: {prt: 1}\n")))
                .isInstanceOf(DecentralException.class)
                .hasMessageContaining("gateway.prt");
    }

    @Test
    void aFileThatCannotBeReadIsNamed() {
        assertThatThrownBy(() -> merge(Said.NOTHING.yaml("gateway: {port: 1\nworker\n")))
                .isInstanceOf(DecentralException.class)
                .hasMessageContaining("decentral.yaml")
                .hasMessageNotContaining("\n");
        assertThatThrownBy(() -> NodeConfiguration.merge(new NodeConfiguration.Layers(
                        Map.of(),
                        Map.of(),
                        new Surroundings(Map.of(), Map.of(), folder),
                        Optional.of(folder.resolve("none.yaml")),
                        Map.of())))
                .isInstanceOf(DecentralException.class)
                .hasMessageContaining("none.yaml");
    }

    /** What the documentation calls all of it, with its defaults: a node takes it, and it knows every key there is. */
    @Test
    void theDocumentedExampleIsRight() throws IOException {
        String page = Files.readString(
                Path.of(System.getProperty("basedir", "")).toAbsolutePath().resolve("../docs/configuration.md"));
        String yaml = page.substring(page.indexOf("```yaml") + 7, page.indexOf("```", page.indexOf("```yaml") + 7));
        Config config = merge(Said.NOTHING.yaml(yaml));
        NodeConfig documented = Node.create(config).configuration();
        NodeConfig bare = Node.create(Config.empty()).configuration();

        NodeConfig asDocumented = NodeConfig.builder(documented)
                .clearDataDirectory()
                .orchestrator(o -> o.from(documented.orchestrator()).clearModelCeilings())
                .worker(w -> w.from(documented.worker())
                        .clearModels()
                        .clearPayout()
                        .region("")
                        .clearModelPrices()
                        .clearOrchestrators())
                .build();
        assertThat(asDocumented).isEqualTo(bare);
        for (String section : List.of("gateway", "orchestrator", "worker")) {
            Set<String> named = config.get(section).asNodeList().orElse(List.of()).stream()
                    .map(Config::name)
                    .collect(Collectors.toSet());
            assertThat(named).as(section).containsExactlyInAnyOrderElementsOf(keys(section));
        }
    }

    /** The keys there are, as the refusal of an unknown one lists them. */
    private Set<String> keys(String section) {
        try {
            node(Said.NOTHING.command(Map.of(section + ".none-such", "1")));
        } catch (DecentralException e) {
            String list = e.message()
                    .substring(e.message().lastIndexOf('[') + 1, e.message().lastIndexOf(']'));
            return Set.of(list.split(", "));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        throw new AssertionError("an unknown key was taken");
    }

    private static List<String> types(Config config) {
        return config.get("backends").asNodeList().orElse(List.of()).stream()
                .map(backend -> backend.get("type").asString().orElse(""))
                .toList();
    }
}

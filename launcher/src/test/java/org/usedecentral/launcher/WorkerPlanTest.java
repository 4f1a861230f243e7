package org.usedecentral.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.usedecentral.hardware.Machine;
import org.usedecentral.models.Platform;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.inference.Device;

/** What a worker that is told of no model is configured to run. */
final class WorkerPlanTest {
    private static final long GIBI = 1L << 30;
    private static final Platform LINUX = new Platform("linux", "x64");

    /** A model beside the shipped ones, 5 GiB and a quarter a slot of 4096 tokens. */
    private static final Map<String, String> BIG = Map.of(
            "catalogue.0.id",
            "big",
            "catalogue.0.file",
            "/models/big.gguf",
            "catalogue.0.size",
            Long.toString(5 * GIBI),
            "catalogue.0.cache-bytes-per-token",
            Long.toString(GIBI / 4 / 4096));

    private static Machine machine(long available) {
        Machine.Gpu gpu = new Machine.Gpu(
                "A GPU", Optional.of(Device.Kind.CUDA), new Machine.Memory(24 * GIBI, 24 * GIBI), "1", "");
        return new Machine(
                "Linux",
                new Machine.Processor("A processor", 8, 8),
                new Machine.Memory(8 * GIBI, available),
                List.of(gpu),
                List.of());
    }

    private static Map<String, String> keys(long available, Map<String, String> said) {
        Map<String, String> all = new HashMap<>(BIG);
        all.putAll(said);
        NodeConfiguration.Layers layers = new NodeConfiguration.Layers(
                all, Map.of(), new Surroundings(Map.of(), Map.of(), Path.of("")), Optional.empty(), Map.of());
        return NodeConfiguration.merge(layers, new WorkerPlan(() -> machine(available), LINUX))
                .asMap()
                .orElse(Map.of());
    }

    @Test
    void whereTheCatalogueHasAnEngineForTheGpuItsMemoryCounts() {
        assertThat(keys(4 * GIBI, Map.of()))
                .containsEntry("worker.models.0", "big")
                .containsEntry("backends.0.slots", "16");
    }

    @Test
    void elsewhereItIsTheLargestThatFitsTheProcessorsMemory() {
        for (String device : List.of("cpu", "rocm")) {
            Map<String, String> said = Map.of("backends.0.device", device);
            assertThat(keys(7 * GIBI, said))
                    .containsEntry("worker.models.0", "big")
                    .containsEntry("backends.0.slots", "5");
            assertThat(keys(4 * GIBI, said)).containsEntry("worker.models.0", NodeConfiguration.DEFAULT_MODEL);
        }
    }

    @Test
    void sparedMemoryIsForTheProcessorWhereNoLayersGoToAGpu() {
        assertThat(keys(7 * GIBI, Map.of("backends.0.gpu-layers", "0")))
                .containsEntry("worker.models.0", "big")
                .containsEntry("backends.0.slots", "5");
    }

    @Test
    void anEngineOfTheOperatorsOwnIsTrustedToUseTheGpuUnlessItMayNot() {
        assertThat(keys(4 * GIBI, Map.of("backends.0.library", "/opt/llama")))
                .containsEntry("worker.models.0", "big")
                .containsEntry("backends.0.slots", "16");
        assertThat(keys(4 * GIBI, Map.of("backends.0.library", "/opt/llama", "backends.0.gpu-layers", "0")))
                .containsEntry("worker.models.0", NodeConfiguration.DEFAULT_MODEL);
    }

    @Test
    void whatIsSaidIsKept() {
        assertThat(keys(7 * GIBI, Map.of("backends.0.slots", "2"))).containsEntry("backends.0.slots", "2");
        assertThat(keys(7 * GIBI, Map.of("worker.models.0", "big"))).doesNotContainKey("backends.0.slots");
    }

    @Test
    void zeroSlotsMeansChooseForMe() {
        assertThat(keys(7 * GIBI, Map.of("backends.0.slots", "0", "backends.0.device", "cpu")))
                .containsEntry("backends.0.slots", "5");
        assertThat(keys(7 * GIBI, Map.of("backends.0.slots", "0", "worker.models.0", "big")))
                .containsEntry("backends.0.slots", "4");
    }

    @Test
    void withoutMemoryTheStartEndsAndSaysWhy() {
        assertThatThrownBy(() -> keys(GIBI / 100, Map.of("backends.0.device", "cpu")))
                .isInstanceOf(DecentralException.class)
                .hasMessageContaining("no model of the catalogue fits")
                .hasMessageContaining("worker.models");
    }
}

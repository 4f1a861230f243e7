package org.usedecentral.hardware;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.usedecentral.spi.inference.Device;

/** Outputs as the tools' makers document them, and everything else. */
final class DriverToolsTest {
    private static final long MEBI = 1L << 20;

    private final Map<String, DriverTools.Output> outputs = new HashMap<>();
    private final List<String> notes = new ArrayList<>();

    /** A tool by its name and, where it has several commands, its last word but one. */
    private void prints(String command, String text) {
        outputs.put(command, new DriverTools.Output(text, ""));
    }

    private List<Machine.Gpu> gpus() throws InterruptedException {
        return look(false);
    }

    private List<Machine.Gpu> look(boolean mac) throws InterruptedException {
        DriverTools tools = new DriverTools(command -> {
            boolean old =
                    command.getFirst().equals("nvidia-smi") && !command.get(1).contains("compute_cap");
            return outputs.getOrDefault(command.getFirst() + (old ? " old" : ""), DriverTools.Output.MISSING);
        });
        return tools.gpus(mac, notes);
    }

    @Test
    void noToolIsNoGpuAndNoNews() throws Exception {
        assertThat(gpus()).isEmpty();
        assertThat(look(true)).isEmpty();
        assertThat(notes).isEmpty();
    }

    @Test
    void nvidiaHasALineAGpu() throws Exception {
        prints("nvidia-smi", """
                NVIDIA H100 80GB HBM3, 81559, 81008, 550.90.07, 9.0
                NVIDIA GeForce RTX 4090, 24564, 23028, 535.183.01, 8.9
                """);
        assertThat(gpus())
                .containsExactly(
                        new Machine.Gpu(
                                "NVIDIA H100 80GB HBM3",
                                Optional.of(Device.Kind.CUDA),
                                new Machine.Memory(81_559 * MEBI, 81_008 * MEBI),
                                "550.90.07",
                                "compute capability 9.0"),
                        new Machine.Gpu(
                                "NVIDIA GeForce RTX 4090",
                                Optional.of(Device.Kind.CUDA),
                                new Machine.Memory(24_564 * MEBI, 23_028 * MEBI),
                                "535.183.01",
                                "compute capability 8.9"));
        assertThat(notes).isEmpty();
    }

    @Test
    void nvidiaThatSharesTheMachinesMemoryHasNoFigure() throws Exception {
        prints("nvidia-smi", "NVIDIA GB10, [N/A], [N/A], 580.95.05, 12.1\n");
        assertThat(gpus().getFirst().memory()).isEqualTo(new Machine.Memory(0, 0));
    }

    @Test
    void anOldNvidiaDriverIsAskedWithoutItsComputeCapability() throws Exception {
        outputs.put(
                "nvidia-smi",
                DriverTools.Output.failed("ends with 2: Field \"compute_cap\" is not a valid field to query."));
        prints("nvidia-smi old", "Tesla K80, 11441, 11438, 470.256.02\n");
        assertThat(gpus())
                .containsExactly(new Machine.Gpu(
                        "Tesla K80",
                        Optional.of(Device.Kind.CUDA),
                        new Machine.Memory(11_441 * MEBI, 11_438 * MEBI),
                        "470.256.02",
                        ""));
        assertThat(notes).isEmpty();
    }

    @Test
    void aDriverThatIsDownIsANote() throws Exception {
        for (String command : List.of("nvidia-smi", "nvidia-smi old")) {
            outputs.put(
                    command,
                    DriverTools.Output.failed("ends with 9: NVIDIA-SMI has failed because it couldn't communicate with"
                            + " the NVIDIA driver."));
        }
        assertThat(gpus()).isEmpty();
        assertThat(notes).hasSize(1);
        assertThat(notes.getFirst()).startsWith("nvidia-smi ends with 9: NVIDIA-SMI has failed");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "garbage",
                "NVIDIA H100, many, 1, 550.1, 9.0",
                "NVIDIA H100, 81559, 81008",
                "NVIDIA H100, -5, 81008, 550.1, 9.0",
                "NVIDIA H100, 99999999999999999999, 1, 550.1, 9.0",
                "{\"gpu\": 0}"
            })
    void nvidiaGarbageIsANoteAndNoGpu(String line) throws Exception {
        prints("nvidia-smi", line + "\n");
        prints("nvidia-smi old", line + "\n");
        assertThat(gpus()).isEmpty();
        assertThat(notes).hasSize(1);
        assertThat(notes.getFirst()).contains("prints something unknown");
    }

    @Test
    void nothingAndNoDevicesAreNoGpu() throws Exception {
        prints("nvidia-smi", "");
        assertThat(gpus()).isEmpty();
        prints("nvidia-smi", "No devices were found\n");
        assertThat(gpus()).isEmpty();
        assertThat(notes).isEmpty();
    }

    @Test
    void rocmFiveAndSixSpellTheirKeysDifferently() throws Exception {
        prints("rocm-smi", """
                WARNING: AMD GPU device(s) is/are in a low-power state. Check power control/runtime_status

                {"card0": {"Card series": "Navi 31 [Radeon RX 7900 XT/7900 XTX]", "Card model": "0x0e3b",
                  "VRAM Total Memory (B)": "25753026560", "VRAM Total Used Memory (B)": "27156480"}}
                """);
        assertThat(gpus())
                .containsExactly(new Machine.Gpu(
                        "Navi 31 [Radeon RX 7900 XT/7900 XTX]",
                        Optional.of(Device.Kind.ROCM),
                        new Machine.Memory(25_753_026_560L, 25_725_870_080L),
                        "",
                        ""));
        prints("rocm-smi", """
                {"card0": {"VRAM Total Memory (B)": "206141652992", "VRAM Total Used Memory (B)": "299905024",
                  "Card Series": "AMD Instinct MI300X", "GFX Version": "gfx942"},
                 "card1": {"VRAM Total Memory (B)": "206141652992", "VRAM Total Used Memory (B)": "299905024",
                  "Card Series": "AMD Instinct MI300X", "GFX Version": "gfx942"}}
                """);
        assertThat(gpus()).extracting(Machine.Gpu::name).containsExactly("AMD Instinct MI300X", "AMD Instinct MI300X");
        assertThat(notes).isEmpty();
    }

    @Test
    void amdSmiOfRocmSixAndSevenComesBeforeRocmSmi() throws Exception {
        String gpu =
                "{\"gpu\": 0, \"asic\": {\"market_name\": \"AMD Radeon PRO W7900\"}, \"driver\": {\"version\": \"6.8.5\"},"
                        + " \"vram\": {\"type\": \"GDDR6\", \"size\": {\"value\": 49136, \"unit\": \"MB\"}}}";
        prints("rocm-smi", "{}");
        for (String output : List.of("[" + gpu + "]", "{\"gpu_data\": [" + gpu + "]}")) {
            prints("amd-smi", output);
            assertThat(gpus())
                    .containsExactly(new Machine.Gpu(
                            "AMD Radeon PRO W7900",
                            Optional.of(Device.Kind.ROCM),
                            new Machine.Memory(49_136 * MEBI, 49_136 * MEBI),
                            "6.8.5",
                            ""));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "not json",
                "7",
                "{\"card0\": {\"Card Series\": \"x\"}}",
                "{\"card0\": {\"VRAM Total Memory (B)\": \"lots\", \"VRAM Total Used Memory (B)\": \"1\"}}",
                "{\"card0\": "
            })
    void rocmGarbageIsANoteAndNoGpu(String output) throws Exception {
        prints("rocm-smi", output);
        prints("amd-smi", "[{\"vram\": {\"size\": {\"value\": 1, \"unit\": \"bananas\"}}}]");
        assertThat(gpus()).isEmpty();
        assertThat(notes).hasSize(2).allMatch(note -> note.contains("prints something unknown"));
    }

    @Test
    void macsHaveMetal() throws Exception {
        prints("system_profiler", """
                {"SPDisplaysDataType": [
                  {"_name": "Apple M2 Max", "spdisplays_mtlgpufamilysupport": "spdisplays_metal3",
                   "sppci_cores": "38", "sppci_model": "Apple M2 Max", "spdisplays_vendor": "sppci_vendor_Apple"},
                  {"_name": "kHW_AMDRadeonPro5500MItem", "spdisplays_metal": "spdisplays_supported",
                   "spdisplays_vram": "8 GB", "sppci_model": "AMD Radeon Pro 5500M"},
                  {"_name": "Old", "spdisplays_metal": "spdisplays_notsupported", "sppci_model": "Old"}]}
                """);
        assertThat(look(true))
                .containsExactly(
                        new Machine.Gpu(
                                "Apple M2 Max",
                                Optional.of(Device.Kind.METAL),
                                new Machine.Memory(0, 0),
                                "",
                                "38 cores"),
                        new Machine.Gpu(
                                "AMD Radeon Pro 5500M",
                                Optional.of(Device.Kind.METAL),
                                new Machine.Memory(8L << 30, 8L << 30),
                                "",
                                ""),
                        new Machine.Gpu("Old", Optional.empty(), new Machine.Memory(0, 0), "", ""));
        prints("system_profiler", "{\"SPDisplaysDataType\": 7}");
        assertThat(look(true)).isEmpty();
        prints("system_profiler", "<plist>");
        assertThat(look(true)).isEmpty();
        assertThat(notes).hasSize(2);
    }
}

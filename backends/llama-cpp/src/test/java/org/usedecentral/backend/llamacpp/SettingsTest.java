package org.usedecentral.backend.llamacpp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.helidon.config.Config;
import java.nio.file.Path;
import java.util.Map;
import java.util.OptionalLong;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.inference.InferenceBackendProvider;

final class SettingsTest {
    @Test
    void everyKeyHasADefault() {
        Settings settings = Settings.from(Config.empty());
        assertThat(settings.library()).isEmpty();
        assertThat(settings.model()).isEmpty();
        assertThat(settings.context()).isEqualTo(4096);
        assertThat(settings.slots()).isEqualTo(4);
        assertThat(settings.threads()).isZero();
        assertThat(settings.batch()).isEqualTo(64);
        assertThat(settings.gpuLayers()).isEqualTo(-1);
    }

    @Test
    void readsItsKeys() {
        Settings settings = Settings.from(TestEngine.config(Map.of("library", "lib", "slots", "2", "gpu-layers", "0")));
        assertThat(settings.library()).contains(Path.of("lib"));
        assertThat(settings.slots()).isEqualTo(2);
        assertThat(settings.gpuLayers()).isZero();
    }

    @Test
    void namesTheKeyThatIsWrong() {
        assertRefused("slots", "0", "slots of backend llama-cpp must lie in 1 … 64");
        assertRefused("context", "many", "context of backend llama-cpp is not a number");
        assertRefused("contxt", "1024", "no key 'contxt'");
    }

    @Test
    void readsBytesWithTheirUnit() {
        assertThat(limit("8GiB")).hasValue(8L << 30);
        assertThat(limit("1.5 gib")).hasValue(3L << 29);
        assertThat(limit("500MB")).hasValue(500_000_000);
        assertThat(limit("1048576")).hasValue(1 << 20);
        assertThat(Settings.from(Config.empty()).memoryLimit()).isEmpty();
        for (String wrong : new String[] {"lots", "-1GiB", "8 apples", "1.5.2GiB", ""}) {
            assertRefused("memory-limit", wrong, "memory-limit of backend llama-cpp must be a number of bytes");
        }
        assertRefused("memory-limit", "0", "must be above 0");
    }

    private static OptionalLong limit(String text) {
        return Settings.from(TestEngine.config(Map.of("memory-limit", text))).memoryLimit();
    }

    @Test
    void readsHowAModelIsSpread() {
        GpuOptions gpu = Settings.from(TestEngine.config(Map.of(
                        "split-mode", "row",
                        "main-gpu", "1",
                        "tensor-split.0", "3",
                        "tensor-split.1", "1",
                        "flash-attention", "on",
                        "kv-cache-type", "q8_0")))
                .gpu();
        assertThat(gpu.splitNumber()).isEqualTo(2);
        assertThat(gpu.mainGpu()).isEqualTo(1);
        assertThat(gpu.shares()).containsExactly(3f, 1f);
        assertThat(gpu.cache().flashNumber(false)).isEqualTo(1);
        assertThat(gpu.cache().typeNumber()).isEqualTo(8);
        GpuOptions.Cache standard = Settings.from(Config.empty()).gpu().cache();
        assertThat(standard.flashNumber(false)).isZero();
        assertThat(standard.flashNumber(true)).isEqualTo(-1);
        assertThat(standard.typeNumber()).isEqualTo(1);
        Settings cpu = Settings.from(TestEngine.config(Map.of("device", "cpu", "gpu-layers", "5")));
        assertThat(cpu.gpuLayers()).isZero();
    }

    @Test
    void namesTheGpuOptionThatIsWrong() {
        assertRefused("split-mode", "diagonal", "split-mode of backend llama-cpp must be one of [layer, none, row]");
        assertRefused("main-gpu", "16", "main-gpu of backend llama-cpp must lie in 0 … 15");
        assertRefused("flash-attention", "maybe", "must be one of [auto, on, off]");
        assertRefused("kv-cache-type", "q3", "must be one of [bf16, f16, f32, iq4_nl, q4_0");
        assertRefused("device", "tpu", "device of backend llama-cpp must be one of [auto, cpu, cuda");
        assertRefused("prefix-cache", "yes", "must be one of [true, false]");
        assertThatThrownBy(() -> Settings.from(TestEngine.config(Map.of("tensor-split.0", "0", "tensor-split.1", "0"))))
                .hasMessageContaining("one above 0");
        assertThatThrownBy(() -> Settings.from(TestEngine.config(Map.of("tensor-split.0", "many"))))
                .hasMessageContaining("must be a list of numbers");
        assertThatThrownBy(() ->
                        Settings.from(TestEngine.config(Map.of("kv-cache-type", "q8_0", "flash-attention", "off"))))
                .hasMessageContaining("kv-cache-type q8_0 needs flash-attention");
    }

    private static void assertRefused(String key, String value, String reason) {
        assertThatThrownBy(() -> new LlamaCppBackendProvider().create(TestEngine.config(Map.of(key, value)), "x"))
                .isInstanceOfSatisfying(DecentralException.class, e -> {
                    assertThat(e.code()).isEqualTo(ErrorCode.INVALID_REQUEST);
                    assertThat(e.parameter()).isEqualTo(key);
                })
                .hasMessageContaining(reason);
    }

    @Test
    void theProviderIsFoundByItsKey() {
        assertThat(ServiceLoader.load(InferenceBackendProvider.class))
                .anyMatch(provider -> provider.configKey().equals("llama-cpp"));
    }
}

package org.usedecentral.backend.llamacpp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.helidon.config.Config;
import java.nio.file.Path;
import java.util.Map;
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
        assertThat(settings.batch()).isEqualTo(128);
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

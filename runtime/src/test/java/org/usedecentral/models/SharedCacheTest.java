package org.usedecentral.models;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SharedCacheTest {
    private static Optional<Path> locate(String property, Map<String, String> environment) {
        return SharedCache.locate(
                Optional.of(property).filter(text -> !text.isEmpty()), environment, Optional.of("/home/a"));
    }

    @Test
    void looksInOrder() {
        Map<String, String> all = Map.of("DECENTRAL_CACHE", "/own", "XDG_CACHE_HOME", "/xdg");
        assertThat(locate("/property", all)).contains(Path.of("/property"));
        assertThat(locate("", all)).contains(Path.of("/own"));
        assertThat(locate("", Map.of("XDG_CACHE_HOME", "/xdg"))).contains(Path.of("/xdg/decentral"));
        assertThat(locate("", Map.of("XDG_CACHE_HOME", "relative"))).contains(Path.of("/home/a/.cache/decentral"));
        assertThat(locate("", Map.of())).contains(Path.of("/home/a/.cache/decentral"));
    }

    @Test
    void canBeOff() {
        assertThat(locate("off", Map.of())).isEmpty();
        assertThat(locate("", Map.of("DECENTRAL_CACHE", "off"))).isEmpty();
        assertThat(SharedCache.locate(Optional.empty(), Map.of(), Optional.empty()))
                .isEmpty();
    }
}

package org.usedecentral.models;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * Where downloads are kept, so that nodes with different data directories, tests and builds of one user fetch once: the system property
 * {@code decentral.cache}, else the environment's {@code DECENTRAL_CACHE}, else {@code $XDG_CACHE_HOME/decentral}, else
 * {@code ~/.cache/decentral}. The value {@code off} means none: everything then goes to the data directory.
 */
public final class SharedCache {
    static final String PROPERTY = "decentral.cache";
    static final String VARIABLE = "DECENTRAL_CACHE";

    private SharedCache() {}

    /** This process's shared cache; it need not exist yet. */
    public static Optional<Path> locate() {
        return locate(
                Optional.ofNullable(System.getProperty(PROPERTY)),
                System.getenv(),
                Optional.ofNullable(System.getProperty("user.home")));
    }

    /** As {@link #locate()}, for a process with these surroundings. */
    public static Optional<Path> locate(
            Optional<String> property, Map<String, String> environment, Optional<String> home) {
        Optional<String> chosen =
                property.or(() -> named(environment, VARIABLE)).filter(value -> !value.isBlank());
        if (chosen.isPresent()) {
            return chosen.filter(value -> !value.equals("off"))
                    .map(value -> Path.of(value).toAbsolutePath().normalize());
        }
        return named(environment, "XDG_CACHE_HOME")
                .map(Path::of)
                .filter(Path::isAbsolute)
                .or(() -> home.filter(value -> !value.isBlank())
                        .map(value -> Path.of(value, ".cache"))
                        .filter(Path::isAbsolute))
                .map(cache -> cache.resolve("decentral"));
    }

    private static Optional<String> named(Map<String, String> environment, String name) {
        return Optional.ofNullable(environment.get(name)).filter(value -> !value.isBlank());
    }
}

package org.usedecentral.launcher;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** What the process was started with. Immutable, so that a command can be tested without its process. */
record Surroundings(Map<String, String> environment, Map<String, String> properties, Path home) {
    Surroundings {
        environment = Map.copyOf(environment);
        properties = Map.copyOf(properties);
    }

    static Surroundings ofProcess() {
        Map<String, String> properties = new HashMap<>();
        for (String name : System.getProperties().stringPropertyNames()) {
            properties.put(name, System.getProperty(name, ""));
        }
        return new Surroundings(System.getenv(), properties, Path.of(System.getProperty("user.home", ".")));
    }

    /** An environment variable that says something. */
    Optional<String> variable(String name) {
        return Optional.ofNullable(environment.get(name)).filter(value -> !value.isBlank());
    }
}

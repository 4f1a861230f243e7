package org.usedecentral.routing;

import io.helidon.config.Config;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.usedecentral.spi.DecentralException;

/** Reads a policy's keys and refuses every other one. */
final class Settings {
    /** What the runtime reads of a policy's configuration. */
    private static final Set<String> RUNTIMES = Set.of("type", "name", "weight");

    private final Config config;

    Settings(Config config, Set<String> keys) {
        this.config = config;
        if (!config.exists() || config.isLeaf()) {
            return;
        }
        for (Config child : config.asNodeList().orElse(List.of())) {
            if (!keys.contains(child.name()) && !RUNTIMES.contains(child.name())) {
                throw DecentralException.invalid(
                        child.name(),
                        "key '" + child.name() + "' is unknown; beside " + new TreeSet<>(RUNTIMES)
                                + (keys.isEmpty() ? " there is none" : " there are " + new TreeSet<>(keys)));
            }
        }
    }

    double number(String key, double otherwise, double low, double high) {
        double value;
        try {
            value = config.get(key).asDouble().orElse(otherwise);
        } catch (RuntimeException e) {
            throw DecentralException.invalid(key, key + " must be a number");
        }
        if (!(value >= low && value <= high)) {
            throw DecentralException.invalid(key, key + " must lie in " + low + " … " + high + ", not " + value);
        }
        return value;
    }
}

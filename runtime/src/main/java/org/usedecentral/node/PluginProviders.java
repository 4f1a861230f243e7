package org.usedecentral.node;

import io.helidon.config.Config;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.TreeMap;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.Plugin;
import org.usedecentral.spi.PluginProvider;

/**
 * The providers of one contract on the class path. A bad, duplicate, incompatible or unknown one stops the start, by name; nothing is ever "first one wins".
 *
 * @param <T> the contract
 */
final class PluginProviders<T extends Plugin> {
    private final String kind;
    private final Map<String, PluginProvider<T>> byType;

    private PluginProviders(String kind, Map<String, PluginProvider<T>> byType) {
        this.kind = kind;
        this.byType = byType;
    }

    /**
     * Finds them.
     *
     * @param kind what a person calls such plugins, such as {@code backend}
     */
    static <T extends Plugin> PluginProviders<T> find(String kind, Class<? extends PluginProvider<T>> contract) {
        Map<String, PluginProvider<T>> byType = new TreeMap<>();
        Iterator<? extends PluginProvider<T>> found =
                ServiceLoader.load(contract).iterator();
        while (true) {
            PluginProvider<T> provider;
            try {
                if (!found.hasNext()) {
                    return new PluginProviders<>(kind, byType);
                }
                provider = found.next();
            } catch (ServiceConfigurationError | LinkageError e) {
                throw new DecentralException(
                        ErrorCode.INVALID_REQUEST,
                        "a " + kind + " plugin cannot be loaded: " + e.getMessage()
                                + "; remove its jar from the class path or replace it",
                        e);
            }
            check(kind, provider);
            PluginProvider<T> other = byType.putIfAbsent(provider.configKey(), provider);
            if (other != null) {
                throw new DecentralException(
                        ErrorCode.CONFLICT,
                        "two " + kind + " plugins are both of type '" + provider.configKey() + "': "
                                + where(other) + " and " + where(provider)
                                + "; remove one of them from the class path");
            }
        }
    }

    private static void check(String kind, PluginProvider<?> provider) {
        if (provider.apiVersion() != PluginProvider.API_VERSION) {
            throw new DecentralException(
                    ErrorCode.CONFLICT,
                    kind + " plugin '" + provider.configKey() + "' (" + where(provider) + ") is built for plugin API "
                            + provider.apiVersion() + ", this node has " + PluginProvider.API_VERSION
                            + "; install a build of it for this version");
        }
    }

    private static String where(PluginProvider<?> provider) {
        return provider.getClass().getName();
    }

    /** The types that can be configured, in order. */
    List<String> types() {
        return List.copyOf(byType.keySet());
    }

    /** Makes the plugins of a list such as {@code backends: [{type: llama-cpp, …}]}. */
    List<T> createAll(Config list) {
        List<T> plugins = new ArrayList<>();
        for (Config item : list.asNodeList().orElse(List.of())) {
            plugins.add(create(item));
        }
        return plugins;
    }

    /** Makes the plugin of one node, whose {@code type} names the provider and whose {@code name} is the type by default. */
    T create(Config item) {
        String type = item.get("type")
                .asString()
                .orElseThrow(() -> new DecentralException(
                        ErrorCode.INVALID_REQUEST,
                        item.key() + ": a " + kind + " needs a type; available: " + types()));
        String name = item.get("name").asString().orElse(type);
        PluginProvider<T> provider = byType.get(type);
        if (provider == null) {
            throw new DecentralException(
                    ErrorCode.INVALID_REQUEST,
                    item.key() + ": no " + kind + " plugin of type '" + type + "' is on the class path; available: "
                            + types());
        }
        try {
            return provider.create(item, name);
        } catch (DecentralException e) {
            throw new DecentralException(
                    e.code(), kind + " '" + name + "' (" + where(provider) + "): " + e.message(), e);
        } catch (RuntimeException | LinkageError e) {
            throw new DecentralException(
                    ErrorCode.INVALID_REQUEST,
                    kind + " '" + name + "' (" + where(provider) + ") cannot be created: " + e
                            + "; correct its configuration at " + item.key() + " or remove it",
                    e);
        }
    }
}

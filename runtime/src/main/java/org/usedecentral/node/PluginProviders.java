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
            String type;
            try {
                if (!found.hasNext()) {
                    return new PluginProviders<>(kind, byType);
                }
                provider = found.next();
                check(kind, provider);
                type = provider.configKey();
            } catch (DecentralException e) {
                throw e;
            } catch (ServiceConfigurationError | LinkageError | RuntimeException e) {
                throw new DecentralException(
                        ErrorCode.INVALID_REQUEST,
                        "a " + kind + " plugin cannot be loaded: " + why(e)
                                + ProviderFiles.firstBroken(contract)
                                        .map(broken -> "; it is " + broken)
                                        .orElse("")
                                + "; remove its jar from the class path or replace it",
                        e);
            }
            PluginProvider<T> other = byType.putIfAbsent(type, provider);
            if (other != null) {
                throw new DecentralException(
                        ErrorCode.CONFLICT,
                        "two " + kind + " plugins are both of type '" + type + "': " + where(other) + " and "
                                + where(provider) + "; remove one of them from the class path");
            }
        }
    }

    /** ServiceLoader names the class; the deepest cause says what is wrong with it. */
    private static String why(Throwable error) {
        Throwable deepest = error;
        while (deepest.getCause() != null) {
            deepest = deepest.getCause();
        }
        boolean named = error instanceof ServiceConfigurationError;
        String what = String.valueOf(named ? error.getMessage() : error);
        return named && error.getCause() != null ? what + ": " + deepest : what;
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
        for (Config item : items(list)) {
            plugins.add(create(item));
        }
        return plugins;
    }

    /** The nodes of a list; {@code INVALID_REQUEST} if it is something else, which must not be taken for an empty one. */
    List<Config> items(Config list) {
        if (!list.exists()) {
            return List.of();
        }
        List<Config> items = list.isLeaf() ? List.of() : list.asNodeList().orElse(List.of());
        // Sources of flat keys make an object of a list, with its numbers for names.
        boolean isList = !list.isLeaf()
                && items.stream().allMatch(item -> item.name().chars().allMatch(Character::isDigit));
        if (!isList) {
            throw DecentralException.invalid(
                    list.key().toString(),
                    list.key() + " must be a list of " + kind + " plugins, each with a type; available: " + types());
        }
        return items;
    }

    /** The provider that a node's {@code type} names. */
    PluginProvider<T> provider(Config item) {
        String type = item.get("type")
                .asString()
                .orElseThrow(() -> new DecentralException(
                        ErrorCode.INVALID_REQUEST, at(item) + "a " + kind + " needs a type; available: " + types()));
        PluginProvider<T> provider = byType.get(type);
        if (provider == null) {
            throw new DecentralException(
                    ErrorCode.INVALID_REQUEST,
                    at(item) + "no " + kind + " plugin of type '" + type + "' is on the class path; available: "
                            + types() + "; correct the type, or put the plugin's jar on the class path");
        }
        return provider;
    }

    /** Makes the plugin of one node, whose {@code type} names the provider and whose {@code name} is the type by default. */
    T create(Config item) {
        PluginProvider<T> provider = provider(item);
        String name = item.get("name").asString().orElse(provider.configKey());
        try {
            return provider.create(item, name);
        } catch (DecentralException e) {
            throw new DecentralException(
                    e.code(), at(item) + kind + " '" + name + "' (" + where(provider) + "): " + e.message(), e);
        } catch (RuntimeException | LinkageError | ServiceConfigurationError e) {
            throw new DecentralException(
                    ErrorCode.INVALID_REQUEST,
                    at(item) + kind + " '" + name + "' (" + where(provider) + ") cannot be created: " + e
                            + "; correct its configuration or remove it",
                    e);
        }
    }

    /** Where in the configuration; nothing for a default that nobody wrote down. */
    private static String at(Config item) {
        return item.key().toString().isEmpty() ? "" : item.key() + ": ";
    }
}

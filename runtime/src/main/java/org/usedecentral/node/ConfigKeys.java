package org.usedecentral.node;

import io.helidon.config.Config;
import java.lang.reflect.Method;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.usedecentral.spi.DecentralException;

/** Refuses keys that no blueprint has, so that a misspelt or removed one is not passed over, and what is neither true nor false where one of them must be. */
final class ConfigKeys {
    private static final Set<String> PLUGINS =
            Set.of("backends", "routing-policies", "proof-schemes", "ledger", "catalogue");

    private ConfigKeys() {}

    static void check(Config root) {
        check(root, NodeConfigBlueprint.class, PLUGINS);
        check(root.get("orchestrator"), OrchestratorConfigBlueprint.class, Set.of());
        check(root.get("worker"), WorkerConfigBlueprint.class, Set.of());
        check(root.get("gateway"), GatewayConfigBlueprint.class, Set.of());
        checkEach(root.get("orchestrator.model-ceilings"), ModelPriceConfigBlueprint.class);
        checkEach(root.get("worker.model-prices"), ModelPriceConfigBlueprint.class);
        checkEach(root.get("worker.orchestrators"), OrchestratorLinkConfigBlueprint.class);
    }

    private static void checkEach(Config list, Class<?> blueprint) {
        for (Config item : list.asNodeList().orElse(List.of())) {
            check(item, blueprint, Set.of());
        }
    }

    private static void check(Config node, Class<?> blueprint, Set<String> more) {
        if (!node.exists() || node.isLeaf()) {
            return;
        }
        Map<String, Method> known = keys(blueprint);
        for (Config child : node.asNodeList().orElse(List.of())) {
            Method key = known.get(child.name());
            if (key == null && !more.contains(child.name())) {
                Set<String> there = new TreeSet<>(known.keySet());
                there.addAll(more);
                throw DecentralException.invalid(
                        child.key().toString(),
                        "configuration key '" + child.key() + "' is unknown; "
                                + (node.key().isRoot() ? "at the top" : "under '" + node.key() + "'") + " there are "
                                + there);
            }
            if (key != null && key.getReturnType() == boolean.class) {
                requireBoolean(child);
            }
        }
    }

    /** Helidon takes whatever is not true for false, also a slip of the pen. */
    private static void requireBoolean(Config node) {
        String value = node.asString().orElse("");
        if (!value.equalsIgnoreCase("true") && !value.equalsIgnoreCase("false")) {
            throw DecentralException.invalid(
                    node.key().toString(),
                    "configuration key '" + node.key() + "' must be true or false, not '" + value + "'");
        }
    }

    private static Map<String, Method> keys(Class<?> blueprint) {
        Map<String, Method> keys = new TreeMap<>();
        for (Method method : blueprint.getDeclaredMethods()) {
            if (!method.isSynthetic()) {
                keys.put(dashed(method.getName()), method);
            }
        }
        return keys;
    }

    private static String dashed(String camelCase) {
        return camelCase.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
    }
}

package org.usedecentral.node;

import io.helidon.config.Config;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.usedecentral.spi.DecentralException;

/** Refuses keys that no blueprint has, so that a misspelt or removed one is not passed over. */
final class ConfigKeys {
    private static final Set<String> PLUGINS =
            Set.of("backends", "routing-policies", "proof-schemes", "ledger", "mesh", "catalogue");

    private ConfigKeys() {}

    static void check(Config root) {
        Set<String> known = keys(NodeConfigBlueprint.class);
        known.addAll(PLUGINS);
        check(root, known);
        check(root.get("orchestrator"), keys(OrchestratorConfigBlueprint.class));
        check(root.get("worker"), keys(WorkerConfigBlueprint.class));
        check(root.get("gateway"), keys(GatewayConfigBlueprint.class));
    }

    private static void check(Config node, Set<String> known) {
        if (!node.exists() || node.isLeaf()) {
            return;
        }
        for (Config child : node.asNodeList().orElse(List.of())) {
            if (!known.contains(child.name())) {
                throw DecentralException.invalid(
                        child.key().toString(),
                        "configuration key '" + child.key() + "' is unknown; "
                                + (node.key().isRoot() ? "at the top" : "under '" + node.key() + "'") + " there are "
                                + new TreeSet<>(known));
            }
        }
    }

    private static Set<String> keys(Class<?> blueprint) {
        Set<String> keys = new TreeSet<>();
        Arrays.stream(blueprint.getDeclaredMethods())
                .filter(method -> !method.isSynthetic())
                .map(Method::getName)
                .forEach(name -> keys.add(dashed(name)));
        return keys;
    }

    private static String dashed(String camelCase) {
        return camelCase.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
    }
}

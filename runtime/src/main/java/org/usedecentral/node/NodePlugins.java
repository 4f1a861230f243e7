package org.usedecentral.node;

import io.helidon.config.Config;
import io.helidon.config.ConfigMappingException;
import io.helidon.config.ConfigSources;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.usedecentral.engine.EngineParts;
import org.usedecentral.orchestrator.Parts.WeighedPolicy;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.Plugin;
import org.usedecentral.spi.PluginContext;
import org.usedecentral.spi.inference.InferenceBackend;
import org.usedecentral.spi.ledger.SettlementLedger;
import org.usedecentral.spi.ledger.SettlementLedgerProvider;
import org.usedecentral.spi.proof.ProofScheme;
import org.usedecentral.spi.proof.ProofSchemeProvider;
import org.usedecentral.spi.routing.RoutingPolicy;
import org.usedecentral.spi.routing.RoutingPolicyProvider;

/** The plugins of one node: created from configuration or given by its builder, then started by the node. */
record NodePlugins(
        SettlementLedger ledger, List<ProofScheme> proofSchemes, List<WeighedPolicy> policies, NodeBackends engines) {
    /** DESIGN: stake has the most say, and load the least, since it changes by the second. */
    private static final Map<String, Double> DEFAULT_WEIGHTS =
            Map.of("stake", 0.4, "reputation", 0.3, "latency", 0.2, "load", 0.1);

    private static final String DEFAULT_LEDGER = "embedded";
    private static final String DEFAULT_PROOF = "sha256-ed25519";

    NodePlugins {
        proofSchemes = List.copyOf(proofSchemes);
        policies = List.copyOf(policies);
    }

    /** Started in this order. */
    List<InferenceBackend> backends() {
        return engines.all();
    }

    /** Finds and creates what {@code config} names; what a builder gave replaces the default, not what is configured. */
    static NodePlugins create(Config config, Node.Builder given, EngineParts engines) {
        return new NodePlugins(
                ledger(config.get("ledger"), given),
                proofSchemes(config.get("proof-schemes")),
                policies(config.get("routing-policies"), given.policies()),
                NodeBackends.create(config.get("backends"), given.backends(), engines));
    }

    private static SettlementLedger ledger(Config config, Node.Builder given) {
        if (given.ledger() != null) {
            return given.ledger();
        }
        PluginProviders<SettlementLedger> providers = PluginProviders.find("ledger", SettlementLedgerProvider.class);
        return providers.create(config.exists() ? config : typed(DEFAULT_LEDGER));
    }

    private static List<ProofScheme> proofSchemes(Config config) {
        PluginProviders<ProofScheme> providers = PluginProviders.find("proof scheme", ProofSchemeProvider.class);
        List<ProofScheme> schemes =
                config.exists() ? providers.createAll(config) : List.of(providers.create(typed(DEFAULT_PROOF)));
        if (schemes.isEmpty()) {
            throw DecentralException.invalid(
                    config.key().toString(),
                    config.key() + ": a node needs a proof scheme; available: " + providers.types());
        }
        return schemes;
    }

    private static List<WeighedPolicy> policies(Config config, List<WeighedPolicy> given) {
        PluginProviders<RoutingPolicy> providers = PluginProviders.find("routing policy", RoutingPolicyProvider.class);
        List<WeighedPolicy> policies = new ArrayList<>(given);
        for (Config item : providers.items(config)) {
            RoutingPolicy policy = providers.create(item);
            policies.add(new WeighedPolicy(policy, weight(item, policy)));
        }
        if (policies.isEmpty()) {
            for (String type : providers.types()) {
                Double weight = DEFAULT_WEIGHTS.get(type);
                if (weight != null) {
                    policies.add(new WeighedPolicy(providers.create(typed(type)), weight));
                }
            }
        }
        return policies;
    }

    private static double weight(Config item, RoutingPolicy policy) {
        double weight;
        try {
            weight = item.get("weight").asDouble().orElse(DEFAULT_WEIGHTS.getOrDefault(policy.type(), 1.0));
        } catch (ConfigMappingException e) {
            weight = Double.NaN;
        }
        if (!(weight >= 0 && weight <= 1000)) {
            String key = item.get("weight").key().toString();
            throw DecentralException.invalid(
                    key,
                    key + ": the weight of routing policy '" + policy.name() + "' must be a number in 0 … 1000, not "
                            + item.get("weight").asString().orElse(""));
        }
        return weight;
    }

    private static Config typed(String type) {
        return Config.just(ConfigSources.create(Map.of("type", type)));
    }

    /** Starts a plugin; one that fails stops the node, by name. */
    static void start(Plugin plugin, PluginContext context) {
        try {
            plugin.start(context);
        } catch (DecentralException e) {
            throw new DecentralException(
                    e.code(),
                    "plugin '" + plugin.name() + "' of type " + plugin.type() + " does not start: " + e.message(),
                    e);
        } catch (RuntimeException | LinkageError e) {
            throw new DecentralException(
                    ErrorCode.INTERNAL,
                    "plugin '" + plugin.name() + "' of type " + plugin.type() + " does not start: " + e
                            + "; correct or remove it from the configuration",
                    e);
        }
    }
}

package org.usedecentral.node;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.usedecentral.link.LinkLimits;
import org.usedecentral.orchestrator.Settings;
import org.usedecentral.spi.ModelId;
import org.usedecentral.spi.protocol.TokenPrices;
import org.usedecentral.worker.WorkerSettings;

/** Configuration as the packages below the node take it. */
final class NodeSettings {
    private NodeSettings() {}

    static Settings orchestrator(OrchestratorConfig config) {
        return new Settings(
                new Settings.Timeouts(
                        config.startTimeout(), config.stallTimeout(), config.commitTimeout(), config.jobTimeout()),
                new Settings.Ceilings(
                        prices(config.modelCeilings()), new TokenPrices(config.inputCeiling(), config.outputCeiling())),
                LinkLimits.DEFAULT,
                config.defaultOutputTokens(),
                config.maxJobs());
    }

    static WorkerSettings worker(WorkerConfig config) {
        return new WorkerSettings(
                prices(config.modelPrices()),
                new TokenPrices(config.inputPrice(), config.outputPrice()),
                config.region());
    }

    private static Map<ModelId, TokenPrices> prices(List<ModelPriceConfig> entries) {
        Map<ModelId, TokenPrices> prices = new HashMap<>();
        for (ModelPriceConfig entry : entries) {
            prices.put(new ModelId(entry.model()), new TokenPrices(entry.input(), entry.output()));
        }
        return prices;
    }
}

package org.usedecentral.node;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.usedecentral.link.LinkLimits;
import org.usedecentral.measure.SelfTest;
import org.usedecentral.orchestrator.Settings;
import org.usedecentral.spi.DecentralException;
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

    /**
     * How thoroughly models are tested at the start.
     *
     * @throws DecentralException {@code INVALID_REQUEST} if it is none of the words there are
     */
    static SelfTest.Extent selfTest(WorkerConfig config) {
        return switch (config.selfTest()) {
            case "full" -> SelfTest.Extent.FULL;
            case "quick" -> SelfTest.Extent.QUICK;
            case "off" -> SelfTest.Extent.OFF;
            default ->
                throw DecentralException.invalid(
                        "worker.self-test",
                        "worker.self-test must be full, quick or off, not '" + config.selfTest() + "'");
        };
    }

    private static Map<ModelId, TokenPrices> prices(List<ModelPriceConfig> entries) {
        Map<ModelId, TokenPrices> prices = new HashMap<>();
        for (ModelPriceConfig entry : entries) {
            prices.put(new ModelId(entry.model()), new TokenPrices(entry.input(), entry.output()));
        }
        return prices;
    }
}

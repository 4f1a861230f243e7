package org.usedecentral.samples.backend;

import io.helidon.config.Config;
import java.util.List;
import java.util.Set;
import org.usedecentral.spi.ModelId;
import org.usedecentral.spi.inference.Device;
import org.usedecentral.spi.inference.Feature;
import org.usedecentral.spi.inference.InferenceBackend;
import org.usedecentral.spi.inference.InferenceBackendProvider;
import org.usedecentral.spi.inference.ModelCard;
import org.usedecentral.spi.inference.ModelLimits;
import org.usedecentral.spi.inference.Slots;

/** Makes backend {@code parrot}; key {@code slots} says how many generations it runs at once, 4 by default. */
public final class ParrotProvider implements InferenceBackendProvider {
    static final String TYPE = "parrot";
    static final ModelCard MODEL = new ModelCard(
            new ModelId("parrot"),
            null,
            new ModelLimits(8192, 8192, 0),
            "",
            Set.of(Feature.GENERATE, Feature.DETERMINISTIC, Feature.CONTINUOUS_BATCHING));

    @Override
    public String configKey() {
        return TYPE;
    }

    @Override
    public InferenceBackend create(Config config, String name) {
        Slots slots = new Slots(config.get("slots").asInt().orElse(4));
        List<Device> devices = List.of(new Device(Device.Kind.CPU, "parrot", 0));
        return new ParrotBackend(name, TYPE, devices, List.of(MODEL), slots);
    }
}

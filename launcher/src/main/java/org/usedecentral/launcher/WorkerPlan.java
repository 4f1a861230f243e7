package org.usedecentral.launcher;

import io.helidon.config.Config;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.usedecentral.hardware.Machine;
import org.usedecentral.hardware.MachineSource;
import org.usedecentral.hardware.ModelChoice;
import org.usedecentral.models.Catalogue;
import org.usedecentral.models.CatalogueEntry;
import org.usedecentral.models.Platform;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.inference.Device;

/** Chooses model and slots by the machine's memory, for a worker that is told of neither. One thread. */
final class WorkerPlan implements NodeConfiguration.Chooser {
    private static final Logger LOG = System.getLogger(WorkerPlan.class.getName());
    private static final String ENGINE = "llama.cpp";
    private static final String AUTO = "auto";
    private static final int DEFAULT_CONTEXT = 4096;

    private final MachineSource source;
    private final Platform platform;

    WorkerPlan(MachineSource source, Platform platform) {
        this.source = source;
        this.platform = platform;
    }

    static WorkerPlan ofProcess() {
        return new WorkerPlan(MachineSource.ofProcess(), Platform.current());
    }

    @Override
    public Map<String, String> choose(Config said) {
        ModelChoice.Choice choice = choice(said, look(source));
        LOG.log(Level.INFO, choice.why());
        Map<String, String> keys = new HashMap<>(Map.of("worker.models.0", choice.model()));
        if (!said.get(NodeConfiguration.SLOTS).exists()
                || said.get(NodeConfiguration.SLOTS).asString().orElse("").equals("0")) {
            keys.put(NodeConfiguration.SLOTS, Integer.toString(choice.slots()));
        }
        return keys;
    }

    private static Machine look(MachineSource source) {
        try {
            return source.look();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new DecentralException(ErrorCode.CANCELLED, "interrupted while looking at the machine", e);
        }
    }

    /** What would be chosen on that machine. */
    ModelChoice.Choice choice(Config said, Machine machine) {
        Catalogue catalogue = Catalogue.of(platform, said.get("catalogue"));
        int context = said.get("backends.0.context").asInt().orElse(DEFAULT_CONTEXT);
        List<Entry> candidates = catalogue.entries().stream()
                .filter(entry -> entry.kind() == CatalogueEntry.Kind.MODEL
                        && entry.use() == CatalogueEntry.Use.CHAT
                        && entry.format() == CatalogueEntry.Format.GGUF)
                .map(entry -> new Entry(entry, context))
                .toList();
        return ModelChoice.choose(machine, place(catalogue, said, machine), candidates);
    }

    /** Where the configured engine computes: on a GPU only if its library can. A library of the operator's own is trusted to. */
    static Machine.Place place(Catalogue catalogue, Config said, Machine machine) {
        String device = said.get("backends.0.device").asString().orElse(AUTO);
        if (device.equals("cpu")
                || said.get("backends.0.gpu-layers").asString().orElse("").equals("0")) {
            return machine.place(List.of());
        }
        if (!said.get("backends.0.library").asString().orElse(AUTO).equals(AUTO)) {
            return machine.place();
        }
        List<String> devices = catalogue.entries().stream()
                .filter(entry ->
                        entry.kind() == CatalogueEntry.Kind.ENGINE && entry.id().startsWith(ENGINE))
                .map(CatalogueEntry::device)
                .filter(word -> device.equals(AUTO) || word.equals(device))
                .toList();
        return machine.place(List.of(Device.Kind.CUDA, Device.Kind.ROCM, Device.Kind.METAL).stream()
                .filter(kind -> devices.contains(kind.name().toLowerCase(Locale.ROOT)))
                .toList());
    }

    private record Entry(CatalogueEntry entry, int context) implements ModelChoice.Candidate {
        @Override
        public String id() {
            return entry.id();
        }

        @Override
        public long memory(int slots) {
            return entry.memoryBytes(context, slots);
        }
    }
}

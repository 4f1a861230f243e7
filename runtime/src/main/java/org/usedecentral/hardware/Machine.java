package org.usedecentral.hardware;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.usedecentral.spi.inference.Device;

/**
 * A machine, as it was when it was looked at. Immutable.
 *
 * @param os name and version
 * @param gpus those of a driver that engines can use come first
 * @param notes what could not be found out, and why, for a person
 */
public record Machine(String os, Processor processor, Memory memory, List<Gpu> gpus, List<String> notes) {
    /** Of a GPU that shares the machine's memory an engine may take so much. */
    private static final double SHARED_FRACTION = 0.75;

    public Machine {
        gpus = List.copyOf(gpus);
        notes = List.copyOf(notes);
    }

    /**
     * The processor.
     *
     * @param name as its maker calls it; empty when unknown
     * @param cores physical ones
     * @param threads that run at once
     */
    public record Processor(String name, int cores, int threads) {}

    /**
     * Bytes.
     *
     * @param available what programs could take now without swapping
     */
    public record Memory(long total, long available) {}

    /**
     * A GPU.
     *
     * @param api through which engines use it; empty: no driver for computing was found
     * @param memory bytes of its own; total 0: it shares the machine's, or nobody says
     * @param driver its version; empty when unknown
     * @param detail what else its tool says, such as {@code compute capability 9.0}; may be empty
     */
    public record Gpu(String name, Optional<Device.Kind> api, Memory memory, String driver, String detail) {}

    /**
     * Where an engine would compute, and with how much memory.
     *
     * @param name for a person
     * @param available bytes for weights and KV caches together
     * @param total bytes the devices have
     */
    public record Place(Device.Kind kind, String name, long available, long total) {}

    /**
     * The GPUs of the interface that has the most memory free, all of them together, as engines split layers over them; the processor where there are none.
     */
    public Place place() {
        return place(List.of(Device.Kind.CUDA, Device.Kind.ROCM, Device.Kind.METAL));
    }

    /** The same for an engine that can use those interfaces alone. */
    public Place place(List<Device.Kind> interfaces) {
        return interfaces.stream()
                .map(this::place)
                .flatMap(Optional::stream)
                .max(Comparator.comparingLong(Place::available))
                .orElseGet(() -> new Place(
                        Device.Kind.CPU,
                        processor.name().isEmpty() ? "the processor" : processor.name(),
                        memory.available(),
                        memory.total()));
    }

    private Optional<Place> place(Device.Kind api) {
        List<Gpu> usable =
                gpus.stream().filter(gpu -> gpu.api().equals(Optional.of(api))).toList();
        if (usable.isEmpty()) {
            return Optional.empty();
        }
        long available = 0;
        long total = 0;
        boolean shared = false;
        for (Gpu gpu : usable) {
            available += gpu.memory().available();
            total += gpu.memory().total();
            shared |= gpu.memory().total() == 0;
        }
        if (shared) {
            available += (long) (SHARED_FRACTION * memory.available());
            total += memory.total();
        }
        String name = usable.getFirst().name();
        return Optional.of(new Place(
                api, usable.size() == 1 ? name : usable.size() + " GPUs, the first " + name, available, total));
    }
}

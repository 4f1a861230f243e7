package org.usedecentral.hardware;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Puts together what the operating system and the drivers say. Thread-safe. */
final class ThisMachine implements MachineSource {
    private final Probe probe;
    private final DriverTools tools;

    /** The operating system's view. */
    interface Probe {
        Seen look();
    }

    /**
     * What the operating system says.
     *
     * @param cards names of graphics cards, whether they can compute or not
     */
    record Seen(
            String os, Machine.Processor processor, Machine.Memory memory, List<String> cards, List<String> notes) {}

    ThisMachine(Probe probe, DriverTools tools) {
        this.probe = probe;
        this.tools = tools;
    }

    @Override
    public Machine look() throws InterruptedException {
        Seen seen = probe.look();
        List<String> notes = new ArrayList<>(seen.notes());
        List<Machine.Gpu> gpus = new ArrayList<>(tools.gpus(isMac(seen.os()), notes));
        for (String card : seen.cards()) {
            if (gpus.stream().noneMatch(gpu -> isSame(gpu.name(), card))) {
                gpus.add(new Machine.Gpu(card, Optional.empty(), new Machine.Memory(0, 0), "", ""));
            }
        }
        return new Machine(seen.os(), seen.processor(), seen.memory(), gpus, notes);
    }

    private static boolean isMac(String os) {
        return os.toLowerCase(Locale.ROOT).contains("macos");
    }

    /** The operating system has a maker's name around, or a code name before, what the driver calls the card. */
    private static boolean isSame(String driver, String system) {
        String one = letters(driver);
        String other = letters(system);
        return other.contains(one)
                || one.contains(other)
                || (one.startsWith("nvidia") && other.contains(one.substring("nvidia".length())));
    }

    private static String letters(String name) {
        return name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]", "");
    }
}

package org.usedecentral.hardware;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;
import oshi.SystemInfo;
import oshi.hardware.CentralProcessor;
import oshi.hardware.GlobalMemory;
import oshi.hardware.GraphicsCard;
import oshi.hardware.HardwareAbstractionLayer;

/** The operating system's view, through OSHI. */
final class OshiProbe implements ThisMachine.Probe {
    @Override
    public ThisMachine.Seen look() {
        try {
            SystemInfo system = new SystemInfo();
            HardwareAbstractionLayer hardware = system.getHardware();
            CentralProcessor processor = hardware.getProcessor();
            return new ThisMachine.Seen(
                    system.getOperatingSystem().toString(),
                    new Machine.Processor(
                            processor.getProcessorIdentifier().getName().strip(),
                            processor.getPhysicalProcessorCount(),
                            processor.getLogicalProcessorCount()),
                    memory(hardware.getMemory()),
                    hardware.getGraphicsCards().stream()
                            .map(GraphicsCard::getName)
                            .toList(),
                    List.of());
        } catch (RuntimeException | LinkageError e) {
            return withoutOshi(e);
        }
    }

    /** A container's limit is the JVM's to know; the machine's memory is not this process's then. */
    private static Machine.Memory memory(GlobalMemory machine) {
        Machine.Memory own = ownMemory();
        return own.total() > 0 && own.total() < machine.getTotal()
                ? new Machine.Memory(own.total(), Math.min(own.available(), machine.getAvailable()))
                : new Machine.Memory(machine.getTotal(), machine.getAvailable());
    }

    private static Machine.Memory ownMemory() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system
                ? new Machine.Memory(system.getTotalMemorySize(), system.getFreeMemorySize())
                : new Machine.Memory(0, 0);
    }

    /** Its native part does not load everywhere, such as where the temporary directory must not hold programs. */
    private static ThisMachine.Seen withoutOshi(Throwable why) {
        int threads = Runtime.getRuntime().availableProcessors();
        return new ThisMachine.Seen(
                System.getProperty("os.name", "") + " " + System.getProperty("os.version", ""),
                new Machine.Processor("", threads, threads),
                ownMemory(),
                List.of(),
                List.of("the hardware library does not work here (" + why + "): cores and graphics cards are guessed"));
    }
}

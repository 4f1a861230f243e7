package org.usedecentral.launcher;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.usedecentral.hardware.Machine;
import org.usedecentral.hardware.ModelChoice;

/** What the doctor looks at that is not Decentral's own. Stateless. */
final class MachineChecks {
    private static final int JAVA = 25;
    private static final int FEW_CPUS = 2;
    private static final long SMALL_MEMORY = 2L << 30;
    private static final long SMALL_DISK = 2L << 30;
    private static final long TINY_DISK = 256L << 20;
    private static final long PROGRAM_SECONDS = 20;
    private static final int FIRST_LINE = 200;

    private MachineChecks() {}

    static Check java() {
        String version = Runtime.version() + ", " + System.getProperty("java.vendor", "");
        return Runtime.version().feature() >= JAVA
                ? Check.ok("java", version)
                : Check.fail("java", version, "install JDK " + JAVA + " or later and set JAVA_HOME to it");
    }

    static Check cpu() {
        int processors = Runtime.getRuntime().availableProcessors();
        String detail = processors + " processors, " + System.getProperty("os.arch");
        return processors >= FEW_CPUS
                ? Check.ok("cpu", detail)
                : Check.warn("cpu", detail, "one processor serves and infers in turns: expect few tokens a second");
    }

    static Check memory() {
        if (!(ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system)) {
            return Check.warn("memory", "this Java does not say", "see that 2 GiB are free");
        }
        long total = system.getTotalMemorySize();
        String detail =
                (total >> 20) + " MiB, heap up to " + (Runtime.getRuntime().maxMemory() >> 20) + " MiB";
        return total >= SMALL_MEMORY
                ? Check.ok("memory", detail)
                : Check.warn("memory", detail, "set backends.0.slots=1 and backends.0.context=1024");
    }

    /** A line a GPU, and one for each driver's tool that does not do. */
    static List<Check> gpus(Machine machine) {
        List<Check> checks = new ArrayList<>();
        for (Machine.Gpu gpu : machine.gpus()) {
            String memory = gpu.memory().total() == 0
                    ? "shares the machine's memory"
                    : ModelChoice.gibibytes(gpu.memory().available()) + " of "
                            + ModelChoice.gibibytes(gpu.memory().total()) + " free";
            String driver = gpu.driver().isEmpty() ? "" : ", driver " + gpu.driver();
            String detail = gpu.detail().isEmpty() ? "" : ", " + gpu.detail();
            checks.add(
                    gpu.api().isPresent()
                            ? Check.ok("gpu", gpu.name() + ", " + gpu.api().get() + ", " + memory + driver + detail)
                            : Check.ok("gpu", gpu.name() + ": no driver for computing, so it is not used"));
        }
        if (machine.gpus().isEmpty()) {
            checks.add(Check.ok("gpu", "none: engines use " + machine.place().name()));
        }
        machine.notes()
                .forEach(note -> checks.add(
                        Check.warn("gpu", note, "repair the driver, or ignore it: the processor is used instead")));
        return checks;
    }

    static Check disk(String name, Path folder) {
        Path existing = folder.toAbsolutePath();
        while (existing != null && !Files.exists(existing)) {
            existing = existing.getParent();
        }
        if (existing == null) {
            return Check.fail(name, folder + " is nowhere", "name another directory");
        }
        try {
            long free = Files.getFileStore(existing).getUsableSpace();
            String detail = (free >> 20) + " MiB free for " + folder;
            if (free < TINY_DISK) {
                return Check.fail(name, detail, "free some space, or name a directory on another disk");
            }
            return free < SMALL_DISK
                    ? Check.warn(name, detail, "models need hundreds of MiB each")
                    : Check.ok(name, detail);
        } catch (IOException e) {
            return Check.warn(name, folder + ": " + e.getMessage(), "see that the disk is there");
        }
    }

    /**
     * Whether a program runs that downloads are made with.
     *
     * @param needed whether something is still to be fetched
     */
    static Check program(String name, List<String> command, boolean needed, String remedy) throws InterruptedException {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectInput(
                            ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                    .start();
            try (InputStream output = process.getInputStream()) {
                if (!process.waitFor(PROGRAM_SECONDS, TimeUnit.SECONDS)) {
                    return absent(name, "does not answer", needed, remedy);
                }
                String said = new String(output.readNBytes(FIRST_LINE), StandardCharsets.UTF_8)
                        .lines()
                        .findFirst()
                        .orElse("");
                return process.exitValue() == 0
                        ? Check.ok(name, said)
                        : absent(name, "ends with " + process.exitValue() + ": " + said, needed, remedy);
            } finally {
                process.destroyForcibly();
            }
        } catch (IOException e) {
            return absent(name, "is not installed", needed, remedy);
        }
    }

    private static Check absent(String name, String detail, boolean needed, String remedy) {
        return needed
                ? Check.fail(name, detail, remedy)
                : Check.warn(name, detail + "; what it would fetch is here already", remedy);
    }
}

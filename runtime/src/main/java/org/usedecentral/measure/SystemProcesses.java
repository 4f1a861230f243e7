package org.usedecentral.measure;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.LongSupplier;

/** Processes as the system shows them: on Linux through {@code /proc}, elsewhere what Java knows. Stateless. */
final class SystemProcesses {
    /** Linux shows user and system time in hundredths of a second on every architecture Java runs on. */
    private static final long TICK_NANOS = 10_000_000;

    /** In {@code /proc/PID/stat}, counted from the field behind the command's name. */
    private static final int USER_TIME = 11;

    private static final int SYSTEM_TIME = 12;

    private SystemProcesses() {}

    /** This process. */
    static final class Own implements ProcessMeter {
        private final Path folder = Path.of("/proc/self");

        @Override
        public Use read() {
            long cpu = ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system
                    ? system.getProcessCpuTime()
                    : HIDDEN;
            return new Use(Math.max(HIDDEN, cpu), memory(folder, "VmRSS:"), memory(folder, "VmHWM:"));
        }
    }

    /** A process by its id. */
    static final class Other implements ProcessMeter {
        private final LongSupplier pid;

        Other(LongSupplier pid) {
            this.pid = pid;
        }

        @Override
        public Use read() {
            long id = pid.getAsLong();
            Path folder = Path.of("/proc", Long.toString(id));
            return new Use(cpu(folder, id), memory(folder, "VmRSS:"), memory(folder, "VmHWM:"));
        }
    }

    private static long cpu(Path folder, long pid) {
        try {
            return cpuNanos(Files.readString(folder.resolve("stat"), StandardCharsets.ISO_8859_1));
        } catch (IOException e) {
            return ProcessHandle.of(pid)
                    .flatMap(process -> process.info().totalCpuDuration())
                    .map(Duration::toNanos)
                    .orElse(ProcessMeter.HIDDEN);
        }
    }

    /** User and system time of a {@code stat} file; the command's name may hold anything, also brackets. */
    static long cpuNanos(String stat) {
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", SYSTEM_TIME + 2);
        return (Long.parseLong(fields[USER_TIME]) + Long.parseLong(fields[SYSTEM_TIME])) * TICK_NANOS;
    }

    private static long memory(Path folder, String field) {
        try {
            return bytes(Files.readString(folder.resolve("status"), StandardCharsets.ISO_8859_1), field);
        } catch (IOException e) {
            return ProcessMeter.HIDDEN;
        }
    }

    /** A field of a {@code status} file, such as {@code VmRSS:   123456 kB}. */
    static long bytes(String status, String field) {
        return status.lines()
                .filter(line -> line.startsWith(field))
                .map(line -> line.substring(field.length()).replace("kB", "").strip())
                .mapToLong(text -> Long.parseLong(text) << 10)
                .findFirst()
                .orElse(ProcessMeter.HIDDEN);
    }
}

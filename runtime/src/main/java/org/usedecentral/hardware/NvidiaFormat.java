package org.usedecentral.hardware;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.usedecentral.spi.inference.Device;

/** {@code nvidia-smi --format=csv,noheader,nounits}: a line a GPU, memory in MiB; what a GPU does not have stands in brackets, such as {@code [N/A]}. */
final class NvidiaFormat {
    private static final long MEBI = 1L << 20;

    /** From the right, since a name may hold a comma. */
    private static final Pattern LINE = Pattern.compile(
            "(.+?), *(\\d{1,9}|\\[.+?]), *(\\d{1,9}|\\[.+?]), *([0-9.]+)(?:, *([0-9]+\\.[0-9]+|\\[.+?]))?");

    private NvidiaFormat() {}

    static List<Machine.Gpu> read(String text) throws DriverTools.Unreadable {
        List<Machine.Gpu> gpus = new ArrayList<>();
        for (String line : text.lines().map(String::strip).toList()) {
            if (line.isEmpty() || line.equals("No devices were found")) {
                continue;
            }
            Matcher fields = LINE.matcher(line);
            if (!fields.matches()) {
                throw new DriverTools.Unreadable(DriverTools.shortened(line));
            }
            gpus.add(new Machine.Gpu(
                    fields.group(1),
                    Optional.of(Device.Kind.CUDA),
                    new Machine.Memory(bytes(fields.group(2)), bytes(fields.group(3))),
                    fields.group(4),
                    capability(fields.group(5))));
        }
        return gpus;
    }

    /** A GPU that shares the machine's memory has no figure of its own. */
    private static long bytes(String mebibytes) {
        return mebibytes.startsWith("[") ? 0 : Long.parseLong(mebibytes) * MEBI;
    }

    private static String capability(@Nullable String version) {
        return version == null || version.startsWith("[") ? "" : "compute capability " + version;
    }
}

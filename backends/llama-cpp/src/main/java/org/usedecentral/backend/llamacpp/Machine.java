package org.usedecentral.backend.llamacpp;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import org.usedecentral.spi.inference.Device;

/**
 * What a machine shows of its accelerators before any library is loaded: files that their drivers put in known places.
 *
 * @param os as {@code os.name} has it
 * @param architecture as {@code os.arch} has it
 * @param has whether a file is there
 */
record Machine(String os, String architecture, Predicate<Path> has) {
    private static final List<String> LIBRARY_FOLDERS =
            List.of("/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64", "/usr/lib", "/lib64");

    /** The one this process runs on. */
    static Machine here() {
        return new Machine(System.getProperty("os.name"), System.getProperty("os.arch"), Files::exists);
    }

    /** The kinds of device to try, best first; always ends with the processor. */
    List<Device.Kind> candidates() {
        List<Device.Kind> kinds = new ArrayList<>();
        if (isMac()) {
            if (isArm()) {
                kinds.add(Device.Kind.METAL);
            }
        } else {
            if (hasNvidiaDriver()) {
                kinds.add(Device.Kind.CUDA);
            }
            if (has("/dev/kfd")) {
                kinds.add(Device.Kind.ROCM);
            }
            if (hasVulkan()) {
                kinds.add(Device.Kind.VULKAN);
            }
        }
        kinds.add(Device.Kind.CPU);
        return List.copyOf(kinds);
    }

    private boolean isMac() {
        return os.toLowerCase(Locale.ROOT).startsWith("mac");
    }

    private boolean isArm() {
        return architecture.equals("aarch64") || architecture.equals("arm64");
    }

    private boolean hasNvidiaDriver() {
        return has("/proc/driver/nvidia/version")
                || has("/dev/nvidiactl")
                || has("/usr/lib/wsl/lib/libcuda.so.1")
                || has("C:\\Windows\\System32\\nvcuda.dll");
    }

    /** The loader alone can only find a software renderer: there must be a graphics device too. */
    private boolean hasVulkan() {
        return has("C:\\Windows\\System32\\vulkan-1.dll")
                || (has("/dev/dri/renderD128")
                        && LIBRARY_FOLDERS.stream().anyMatch(folder -> has(folder + "/libvulkan.so.1")));
    }

    private boolean has(String path) {
        return has.test(Path.of(path));
    }
}

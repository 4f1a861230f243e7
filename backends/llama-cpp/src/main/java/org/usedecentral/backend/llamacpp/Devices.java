package org.usedecentral.backend.llamacpp;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.usedecentral.spi.inference.Device;

/** What llama.cpp computes on: its GPUs if layers go there, and the processor. */
final class Devices {
    private static final int CPU = 0;
    private static final int GPU = 1;
    private static final int INTEGRATED_GPU = 2;

    private Devices() {}

    static List<Device> used(LlamaApi api, boolean offload) {
        List<Device> gpus = new ArrayList<>();
        List<Device> cpus = new ArrayList<>();
        for (int i = 0; i < api.deviceCount(); i++) {
            MemorySegment device = api.device(i);
            int type = api.deviceType(device);
            String name = api.deviceName(device);
            if (type == CPU) {
                cpus.add(new Device(
                        Device.Kind.CPU, api.deviceDescription(device).strip(), api.deviceMemory(device)));
            } else if (offload && (type == GPU || type == INTEGRATED_GPU)) {
                gpus.add(new Device(kind(name), api.deviceDescription(device).strip(), api.deviceMemory(device)));
            }
        }
        return List.copyOf(gpus.isEmpty() ? cpus : gpus);
    }

    /**
     * How many bytes models may take where nobody says: nine tenths of what the GPUs have free; three quarters of main
     * memory, since a model's file is read through the page cache and may count as used already.
     */
    static long safeMemory(LlamaApi api, boolean onGpu) {
        long free = 0;
        long main = 0;
        for (int i = 0; i < api.deviceCount(); i++) {
            MemorySegment device = api.device(i);
            int type = api.deviceType(device);
            if (type == CPU) {
                main += api.deviceMemory(device);
            } else if (type == GPU || type == INTEGRATED_GPU) {
                free += api.deviceFreeMemory(device);
            }
        }
        long safe = onGpu ? free / 10 * 9 : main / 4 * 3;
        return safe > 0 ? safe : Long.MAX_VALUE;
    }

    private static Device.Kind kind(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        if (lower.startsWith("cuda")) {
            return Device.Kind.CUDA;
        }
        if (lower.startsWith("metal") || lower.startsWith("mtl")) {
            return Device.Kind.METAL;
        }
        if (lower.startsWith("rocm") || lower.startsWith("hip")) {
            return Device.Kind.ROCM;
        }
        return lower.startsWith("vulkan") ? Device.Kind.VULKAN : Device.Kind.CPU;
    }
}

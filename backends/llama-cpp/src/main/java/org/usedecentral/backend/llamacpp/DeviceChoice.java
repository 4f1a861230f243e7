package org.usedecentral.backend.llamacpp;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.inference.Device;

/**
 * Which native library to load for the {@code device} that is configured, and whether what it found is that device. A
 * process loads one library and keeps it, so {@code auto} looks at the machine first; each of the catalogue's libraries
 * can also compute on the processor.
 */
final class DeviceChoice {
    private static final System.Logger LOGGER = System.getLogger(DeviceChoice.class.getName());
    private static final String AUTO = "auto";

    /** The words of the key {@code device}. */
    static final List<String> WORDS = List.of(AUTO, "cpu", "cuda", "metal", "rocm", "vulkan");

    private final String device;
    private final Optional<Path> library;
    private final Machine machine;

    /** The catalogue as far as it concerns engines. */
    interface Engines {
        /** The folder of an engine; throws as {@link org.usedecentral.spi.PluginContext#artifact} does. */
        Path fetch(String id);
    }

    /** A choice for one of {@link #WORDS} and the folder that is configured, if any. */
    DeviceChoice(String device, Optional<Path> library, Machine machine) {
        this.device = device;
        this.library = library;
        this.machine = machine;
    }

    /** Whether layers may go to a GPU. */
    boolean offloads() {
        return !device.equals("cpu");
    }

    /**
     * The folder of the native library.
     *
     * @throws DecentralException {@code UNAVAILABLE} saying what to do if there is none for the device
     */
    Path directory(Engines engines) {
        if (library.isPresent()) {
            return library.get();
        }
        if (!device.equals(AUTO)) {
            return engines.fetch(engine(kind(device)));
        }
        DecentralException last = null;
        for (Device.Kind kind : machine.candidates()) {
            try {
                return engines.fetch(engine(kind));
            } catch (DecentralException e) {
                LOGGER.log(
                        System.Logger.Level.INFO,
                        "device: auto does not use {0}, which this machine seems to have: {1}",
                        kind,
                        e.getMessage());
                last = e;
            }
        }
        throw last == null ? new IllegalStateException("a machine without a processor") : last;
    }

    /** The catalogue's name of the engine for a kind of device. */
    private static String engine(Device.Kind kind) {
        return switch (kind) {
            // Apple's engine uses both.
            case CPU, METAL -> "llama.cpp";
            case CUDA -> "llama.cpp-cuda";
            case VULKAN -> "llama.cpp-vulkan";
            case ROCM, REMOTE ->
                throw new DecentralException(
                        ErrorCode.UNAVAILABLE,
                        "no package holds llama.cpp for ROCm: build v0.5.0 with GGML_HIP=ON and set library to the folder"
                                + " of its libllama, or use device: vulkan");
        };
    }

    /**
     * Checks what a loaded library computes on against what was asked for.
     *
     * @throws DecentralException {@code UNAVAILABLE} saying what to do if the device is not there
     */
    void verify(List<Device> used) {
        if (device.equals(AUTO)) {
            Device.Kind hoped = machine.candidates().getFirst();
            if (hoped != Device.Kind.CPU && used.stream().allMatch(each -> each.kind() == Device.Kind.CPU)) {
                LOGGER.log(
                        System.Logger.Level.WARNING,
                        "device: auto computes on the processor, although this machine seems to have {0}: {1}",
                        hoped,
                        remedy(hoped));
            }
            return;
        }
        Device.Kind wanted = kind(device);
        if (used.stream().noneMatch(each -> each.kind() == wanted)) {
            throw new DecentralException(
                    ErrorCode.UNAVAILABLE,
                    "device is " + device + ", but llama.cpp found no such device here. " + remedy(wanted)
                            + " Or set device: auto or cpu.");
        }
    }

    private static Device.Kind kind(String word) {
        return Device.Kind.valueOf(word.toUpperCase(Locale.ROOT));
    }

    private static String remedy(Device.Kind kind) {
        return switch (kind) {
            case CUDA ->
                "It needs NVIDIA's driver (nvidia-smi must list the GPU) and the CUDA 13 runtime: libcudart.so.13 and"
                        + " libcublas.so.13 where the system's loader finds them, for example through LD_LIBRARY_PATH.";
            case METAL -> "It needs a Mac with Apple's processor.";
            case ROCM ->
                "It needs AMD's ROCm, access to /dev/kfd, and in library the folder of a llama.cpp built with GGML_HIP=ON.";
            case VULKAN ->
                "It needs a GPU with a Vulkan driver and the loader libvulkan.so.1 (vulkaninfo must list it).";
            case CPU, REMOTE -> "The library's libggml-cpu files are missing.";
        };
    }
}

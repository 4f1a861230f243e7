package org.usedecentral.backend.llamacpp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.inference.Device;

/** Which library is taken, on machines that are told by the files their drivers leave. */
final class DeviceChoiceTest {
    private static final String NVIDIA = "/proc/driver/nvidia/version";
    private static final String AMD = "/dev/kfd";
    private static final String RENDER = "/dev/dri/renderD128";
    private static final String LOADER = "/usr/lib/x86_64-linux-gnu/libvulkan.so.1";

    private static Machine linux(String... files) {
        Set<Path> there = Stream.of(files).map(Path::of).collect(Collectors.toSet());
        return new Machine("Linux", "amd64", there::contains);
    }

    private static Machine mac(String architecture) {
        return new Machine("Mac OS X", architecture, _ -> false);
    }

    private static DeviceChoice choice(String device, Machine machine) {
        return new DeviceChoice(device, Optional.empty(), machine);
    }

    @Test
    void seesWhatAMachineHas() {
        assertThat(linux().candidates()).containsExactly(Device.Kind.CPU);
        assertThat(linux(NVIDIA).candidates()).containsExactly(Device.Kind.CUDA, Device.Kind.CPU);
        assertThat(linux(AMD, RENDER, LOADER).candidates())
                .containsExactly(Device.Kind.ROCM, Device.Kind.VULKAN, Device.Kind.CPU);
        assertThat(linux(NVIDIA, RENDER, LOADER).candidates())
                .containsExactly(Device.Kind.CUDA, Device.Kind.VULKAN, Device.Kind.CPU);
        assertThat(linux(LOADER).candidates()).as("no graphics device").containsExactly(Device.Kind.CPU);
        assertThat(linux(RENDER).candidates()).as("no loader").containsExactly(Device.Kind.CPU);
        assertThat(mac("aarch64").candidates()).containsExactly(Device.Kind.METAL, Device.Kind.CPU);
        assertThat(mac("x86_64").candidates()).containsExactly(Device.Kind.CPU);
        assertThat(Machine.here().candidates()).endsWith(Device.Kind.CPU);
    }

    @Test
    void takesTheLibraryOfTheDevice() {
        assertThat(choice("cpu", linux(NVIDIA)).directory(Path::of)).isEqualTo(Path.of("llama.cpp"));
        assertThat(choice("cuda", linux()).directory(Path::of)).isEqualTo(Path.of("llama.cpp-cuda"));
        assertThat(choice("vulkan", linux()).directory(Path::of)).isEqualTo(Path.of("llama.cpp-vulkan"));
        assertThat(choice("metal", mac("aarch64")).directory(Path::of)).isEqualTo(Path.of("llama.cpp"));
        assertThat(choice("auto", linux(NVIDIA)).directory(Path::of)).isEqualTo(Path.of("llama.cpp-cuda"));
        assertThat(choice("auto", linux()).directory(Path::of)).isEqualTo(Path.of("llama.cpp"));
        assertThat(new DeviceChoice("cuda", Optional.of(Path.of("mine")), linux()).directory(Path::of))
                .isEqualTo(Path.of("mine"));
    }

    @Test
    void automaticallyTakesTheNextWhereOneCannotBeHad() {
        List<String> asked = new ArrayList<>();
        Path taken = choice("auto", linux(NVIDIA, AMD, RENDER, LOADER)).directory(id -> {
            asked.add(id);
            if (id.equals("llama.cpp")) {
                return Path.of(id);
            }
            throw new DecentralException(ErrorCode.NOT_FOUND, "no " + id);
        });
        assertThat(taken).isEqualTo(Path.of("llama.cpp"));
        assertThat(asked).containsExactly("llama.cpp-cuda", "llama.cpp-vulkan", "llama.cpp");
    }

    @Test
    void whatWasAskedForIsNotReplaced() {
        assertUnavailable(
                () -> choice("cuda", linux(NVIDIA)).directory(id -> {
                    throw new DecentralException(ErrorCode.UNAVAILABLE, "cannot fetch " + id);
                }),
                "cannot fetch llama.cpp-cuda");
        assertUnavailable(() -> choice("rocm", linux(AMD)).directory(Path::of), "set library to the folder");
    }

    @Test
    void refusesALibraryThatFoundAnotherDevice() {
        List<Device> cpu = List.of(new Device(Device.Kind.CPU, "a processor", 1));
        List<Device> cuda = List.of(new Device(Device.Kind.CUDA, "a GPU", 1));
        assertUnavailable(() -> choice("cuda", linux()).verify(cpu), "libcudart.so.13 and libcublas.so.13");
        assertUnavailable(() -> choice("vulkan", linux()).verify(cpu), "libvulkan.so.1");
        assertUnavailable(() -> choice("rocm", linux()).verify(cuda), "GGML_HIP=ON");
        assertUnavailable(() -> choice("metal", linux()).verify(cpu), "Apple's processor");
        assertThatCode(() -> choice("cuda", linux()).verify(cuda)).doesNotThrowAnyException();
        assertThatCode(() -> choice("cpu", linux()).verify(cpu)).doesNotThrowAnyException();
        // Automatic: it goes on with the processor and says so.
        assertThatCode(() -> choice("auto", linux(NVIDIA)).verify(cpu)).doesNotThrowAnyException();
    }

    @Test
    void theRealLibraryHasNoCudaHere() {
        LlamaLibrary library = LlamaLibrary.load(TestEngine.library());
        List<Device> devices = Devices.used(library.api(), true);
        if (devices.stream().noneMatch(device -> device.kind() == Device.Kind.CUDA)) {
            assertThatThrownBy(() -> TestEngine.startEmpty("device", "cuda", "context", "256"))
                    .hasMessageContaining("device is cuda, but llama.cpp found no such device here");
        }
        try (LlamaCppBackend backend = TestEngine.startEmpty("device", "cpu", "context", "256")) {
            assertThat(backend.devices()).allMatch(device -> device.kind() == Device.Kind.CPU);
        }
    }

    @Test
    void knowsTheFilesOfEveryPackage(@TempDir Path directory) throws Exception {
        assertLibraries(directory, "libggml-base.so", "libggml.v0.5.0.so", "libllama.v0.5.0.so");
        assertLibraries(directory, "libggml-base.so", "libggml.cuda.v0.5.0.so", "libllama.cuda.v0.5.0.so");
        assertLibraries(directory, "libggml-base.so", "libggml.vulkan.v0.5.0.so", "libllama.vulkan.v0.5.0.so");
        assertLibraries(directory, "libggml-base.dylib", "libggml.metal.v0.4.0.dylib", "libllama.metal.v0.4.0.dylib");
        assertLibraries(directory, "ggml-base.dll", "ggml.dll", "llama.dll");
        assertLibraries(directory, "libggml-base.so", "libggml.so", "libllama.so");
    }

    private static void assertLibraries(Path directory, String... names) throws Exception {
        Path folder = Files.createTempDirectory(directory, "engine");
        for (String name : names) {
            Files.createFile(folder.resolve(name));
        }
        for (String other :
                List.of("libllama-common.so", "libggml-cuda.so", "libggml-cpu-x64.so", "libggml-metal.so")) {
            Files.createFile(folder.resolve(other));
        }
        assertThat(LlamaLibrary.files(folder))
                .extracting(file -> file.getFileName().toString())
                .containsExactly(names);
    }

    private static void assertUnavailable(org.assertj.core.api.ThrowableAssert.ThrowingCallable call, String message) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        DecentralException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNAVAILABLE))
                .hasMessageContaining(message);
    }
}

package org.usedecentral.hardware;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.usedecentral.spi.inference.Device;

final class MachineTest {
    private static final long GIBI = 1L << 30;
    private static final Machine.Processor PROCESSOR = new Machine.Processor("A processor", 8, 16);

    private static Machine machine(Machine.Gpu... gpus) {
        return new Machine("Linux", PROCESSOR, new Machine.Memory(64 * GIBI, 40 * GIBI), List.of(gpus), List.of());
    }

    private static Machine.Gpu gpu(String name, Device.@Nullable Kind api, long total, long free) {
        return new Machine.Gpu(name, Optional.ofNullable(api), new Machine.Memory(total * GIBI, free * GIBI), "1", "");
    }

    @Test
    void withoutAGpuItIsTheProcessor() {
        assertThat(machine().place())
                .isEqualTo(new Machine.Place(Device.Kind.CPU, "A processor", 40 * GIBI, 64 * GIBI));
        assertThat(machine(gpu("a card", null, 0, 0)).place().kind()).isEqualTo(Device.Kind.CPU);
    }

    @Test
    void gpusOfOneInterfaceCountTogetherAndTheOneWithMostFreeIsTaken() {
        Machine.Place place = machine(
                        gpu("one", Device.Kind.CUDA, 80, 79),
                        gpu("two", Device.Kind.CUDA, 80, 60),
                        gpu("other", Device.Kind.ROCM, 128, 128))
                .place();
        assertThat(place)
                .isEqualTo(new Machine.Place(Device.Kind.CUDA, "2 GPUs, the first one", 139 * GIBI, 160 * GIBI));
    }

    @Test
    void aGpuWithoutMemoryOfItsOwnTakesPartOfTheMachines() {
        assertThat(machine(gpu("Apple M2", Device.Kind.METAL, 0, 0)).place())
                .isEqualTo(new Machine.Place(Device.Kind.METAL, "Apple M2", 30 * GIBI, 64 * GIBI));
    }

    @Test
    void cardsTheDriverNamesAreNotListedTwice() throws Exception {
        ThisMachine source = new ThisMachine(
                () -> new ThisMachine.Seen(
                        "GNU/Linux",
                        PROCESSOR,
                        new Machine.Memory(GIBI, GIBI),
                        List.of("GA102 [GeForce RTX 3090]", "UHD Graphics 630"),
                        List.of()),
                new DriverTools(command -> command.getFirst().equals("nvidia-smi")
                        ? new DriverTools.Output("NVIDIA GeForce RTX 3090, 24576, 24000, 550.1, 8.6\n", "")
                        : DriverTools.Output.MISSING));
        assertThat(source.look().gpus())
                .extracting(Machine.Gpu::name)
                .containsExactly("NVIDIA GeForce RTX 3090", "UHD Graphics 630");
    }

    @Test
    void thisMachineIsSeen() throws Exception {
        Machine machine = MachineSource.ofProcess().look();
        assertThat(machine.os()).isNotBlank();
        assertThat(machine.processor().cores()).isPositive();
        assertThat(machine.processor().threads())
                .isGreaterThanOrEqualTo(machine.processor().cores());
        assertThat(machine.memory().total()).isGreaterThan(machine.memory().available() - 1);
        assertThat(machine.memory().available()).isPositive();
        assertThat(machine.place().total()).isPositive();
    }
}

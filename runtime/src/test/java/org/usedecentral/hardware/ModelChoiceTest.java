package org.usedecentral.hardware;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.inference.Device;

/** Machines nobody has here, and a catalogue of four models. */
final class ModelChoiceTest {
    private static final long GIBI = 1L << 30;
    private static final List<Model> CATALOGUE = List.of(
            new Model("tiny", GIBI / 8, GIBI / 16),
            new Model("small", 2 * GIBI, GIBI / 4),
            new Model("middle", 14 * GIBI, GIBI),
            new Model("large", 120 * GIBI, 2 * GIBI),
            new Model("unknown", 0, 0));

    private record Model(String id, long weights, long cache) implements ModelChoice.Candidate {
        @Override
        public long memory(int slots) {
            return weights == 0 ? 0 : weights + slots * cache;
        }
    }

    private static ModelChoice.Choice choose(Machine machine) {
        return ModelChoice.choose(machine, machine.place(), CATALOGUE);
    }

    private static Machine machine(long total, long available, int cores, Machine.Gpu... gpus) {
        return new Machine(
                "Linux",
                new Machine.Processor("A processor", cores, 2 * cores),
                new Machine.Memory(total, available),
                List.of(gpus),
                List.of());
    }

    private static Machine.Gpu gpu(long gibibytes) {
        return new Machine.Gpu(
                "A GPU",
                Optional.of(Device.Kind.CUDA),
                new Machine.Memory(gibibytes * GIBI, gibibytes * GIBI),
                "1",
                "");
    }

    @Test
    void aLaptopOfEightGibibytesRunsTheSmallOne() {
        ModelChoice.Choice choice = choose(machine(8 * GIBI, 4 * GIBI, 2));
        assertThat(choice.model()).isEqualTo("small");
        assertThat(choice.slots()).as("no more than a processor is good for").isEqualTo(4);
        assertThat(choice.why())
                .isEqualTo("chose small with 4 slots: 3.0 GiB of 8.0 GiB (4.0 GiB free) on A processor");
    }

    @Test
    void aGpuOfTwentyFourRunsTheMiddleOneWithWhatIsLeftForSlots() {
        ModelChoice.Choice choice = choose(machine(64 * GIBI, 60 * GIBI, 16, gpu(24)));
        assertThat(choice.model()).isEqualTo("middle");
        assertThat(choice.slots()).isEqualTo(8);
        assertThat(choice.why()).contains("22.0 GiB of 24.0 GiB", "on A GPU");
    }

    @Test
    void twoGpusOfEightyRunTheLargeOneTogether() {
        ModelChoice.Choice choice = choose(machine(512 * GIBI, 500 * GIBI, 64, gpu(80), gpu(80)));
        assertThat(choice.model()).isEqualTo("large");
        assertThat(choice.slots()).as("never more than 16").isEqualTo(16);
    }

    @Test
    void whereOnlyOneSlotFitsThereIsOne() {
        ModelChoice.Choice choice = choose(machine(GIBI, GIBI / 4, 8));
        assertThat(choice.model()).isEqualTo("tiny");
        assertThat(choice.slots()).isEqualTo(1);
        assertThat(choice.why()).contains("with 1 slot: 0.2 GiB");
    }

    @Test
    void withoutMemoryItSaysWhatIsMissing() {
        assertThatThrownBy(() -> choose(machine(GIBI, GIBI / 10, 8)))
                .isInstanceOf(DecentralException.class)
                .hasMessageContaining("A processor has 0.1")
                .hasMessageContaining("the smallest, tiny, needs 0.2 GiB");
        Machine machine = machine(GIBI, GIBI, 8);
        assertThatThrownBy(() -> ModelChoice.choose(machine, machine.place(), List.of(CATALOGUE.getLast())))
                .isInstanceOf(DecentralException.class)
                .hasMessageContaining("worker.models");
    }
}

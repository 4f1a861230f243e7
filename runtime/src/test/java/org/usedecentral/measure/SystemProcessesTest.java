package org.usedecentral.measure;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class SystemProcessesTest {
    @Test
    void processorTimeIsThatOfUserAndSystem() {
        assertThat(SystemProcesses.cpuNanos("42 (odd) name (x) S 1 2 3 4 5 6 7 8 9 10 250 50 1 2 20 0"))
                .isEqualTo(3_000_000_000L);
    }

    @Test
    void memoryIsReadInKibibytes() {
        String status = "Name:\tjava\nVmHWM:\t    2048 kB\nVmRSS:\t    1024 kB\n";
        assertThat(SystemProcesses.bytes(status, "VmHWM:")).isEqualTo(2 << 20);
        assertThat(SystemProcesses.bytes(status, "VmRSS:")).isEqualTo(1 << 20);
        assertThat(SystemProcesses.bytes("Name:\tkthread\n", "VmRSS:")).isEqualTo(ProcessMeter.HIDDEN);
    }

    @Test
    void thisProcessIsSeenFromInsideAndOutside() {
        long inside = ProcessMeter.own().read().cpuNanos();
        long outside =
                ProcessMeter.of(() -> ProcessHandle.current().pid()).read().cpuNanos();
        assertThat(inside).isPositive();
        // Two readings, each in steps.
        assertThat(outside).isBetween(inside - 20_000_000, inside + 2_000_000_000L);
    }

    @Test
    void aProcessThatIsNotThereIsHidden() {
        assertThat(ProcessMeter.of(() -> Long.MAX_VALUE).read()).isEqualTo(ProcessMeter.Use.NOTHING_SEEN);
        assertThat(ProcessMeter.hidden().read()).isEqualTo(ProcessMeter.Use.NOTHING_SEEN);
    }
}

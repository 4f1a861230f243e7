package org.usedecentral.network;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.usedecentral.orchestrator.JobStream;
import org.usedecentral.testkit.inference.Gate;
import org.usedecentral.testkit.inference.Script;
import org.usedecentral.testkit.network.TestNetwork;

/** Frames of sealed output that are changed on their way: the answer is an error or comes from elsewhere, never altered text. */
@Timeout(120)
class TamperTest {
    private static final int TOKENS = 11;
    private static final int END = 12;
    private static final String FULL = "one two three four ";

    private static Answers relay(UnaryOperator<List<byte[]>> change) throws InterruptedException {
        try (TestNetwork network = TestNetwork.of(1)) {
            List<Gate> gates = List.of(new Gate(), new Gate(), new Gate());
            network.worker(0)
                    .backend()
                    .play(Script.of("one ")
                            .waitFor(gates.get(0))
                            .tokens("two ")
                            .waitFor(gates.get(1))
                            .tokens("three ")
                            .waitFor(gates.get(2))
                            .tokens("four "));
            network.worker(0).faults().tamper(change);
            JobStream stream = network.jobs().submit(network.payer(), TestNetwork.request("count"));
            for (Gate gate : gates) {
                gate.open();
            }
            return Answers.of(stream);
        }
    }

    private static void assertNeverAltered(Answers answer) {
        assertThat(FULL).startsWith(answer.text());
        assertThat(answer.error()).isNotNull();
        assertThat(answer.finished()).isNull();
    }

    private static boolean isSealed(List<byte[]> frame, int type) {
        return frame.getFirst()[0] == type;
    }

    @Test
    void anUntouchedAnswerIsWhole() throws InterruptedException {
        Answers answer = relay(UnaryOperator.identity());
        assertThat(answer.text()).isEqualTo(FULL);
        assertThat(answer.error()).isNull();
    }

    @Test
    void everyFlippedByteOfATokensFrameIsNoticed() throws InterruptedException {
        for (int at = 5; at < 40; at += 3) {
            int byteAt = at;
            assertNeverAltered(relay(frame -> {
                if (isSealed(frame, TOKENS) && byteAt < frame.getFirst().length) {
                    frame.getFirst()[byteAt] ^= 1;
                }
                return frame;
            }));
        }
    }

    @Test
    void aFlippedEndIsNoticed() throws InterruptedException {
        assertNeverAltered(relay(frame -> {
            if (isSealed(frame, END)) {
                frame.getFirst()[frame.getFirst().length - 1] ^= 1;
            }
            return frame;
        }));
    }

    @Test
    void aDroppedFrameIsNoticed() throws InterruptedException {
        int[] count = new int[1];
        assertNeverAltered(relay(frame -> isSealed(frame, TOKENS) && count[0]++ == 0 ? List.of() : frame));
    }

    @Test
    void aDoubledFrameIsNoticed() throws InterruptedException {
        assertNeverAltered(
                relay(frame -> isSealed(frame, TOKENS) ? List.of(frame.getFirst(), frame.getFirst()) : frame));
    }

    @Test
    void swappedFramesAreNoticed() throws InterruptedException {
        List<byte[]> kept = new ArrayList<>();
        assertNeverAltered(relay(frame -> {
            if (!isSealed(frame, TOKENS) && !isSealed(frame, END)) {
                return frame;
            }
            if (kept.isEmpty()) {
                kept.add(frame.getFirst());
                return List.of();
            }
            List<byte[]> swapped = List.of(frame.getFirst(), kept.removeFirst());
            return swapped;
        }));
    }
}

package org.usedecentral.backend.llamacpp;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.usedecentral.spi.inference.GenerationEvent.ToolCallDelta;

final class CallReaderTest {
    /** What follows the first marker. */
    private static final String CALLS = """

            {"name": "first", "arguments": {"a": "}\\"]世{🙂", "b": [{}, 1]}}
            </tool_call>
            <tool_call>{"name":"second","arguments":{}}</tool_call>""";

    @Test
    void theSameCallsComeHoweverTheBytesAreCut() {
        byte[] bytes = CALLS.getBytes(StandardCharsets.UTF_8);
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int run = 0; run < 200; run++) {
            CallReader reader = new CallReader(3);
            List<ToolCallDelta> deltas = new ArrayList<>();
            for (int at = 0; at < bytes.length; ) {
                int end = Math.min(bytes.length, at + 1 + random.nextInt(12));
                reader.read(Arrays.copyOfRange(bytes, at, end));
                deltas.addAll(reader.take(1));
                at = end;
            }
            assertThat(arguments(deltas, 0)).as("seed %d", seed).isEqualTo("{\"a\": \"}\\\"]世{🙂\", \"b\": [{}, 1]}");
            assertThat(arguments(deltas, 1)).as("seed %d", seed).isEqualTo("{}");
            List<ToolCallDelta> heads =
                    deltas.stream().filter(delta -> delta.id() != null).toList();
            assertThat(heads).extracting(ToolCallDelta::name).containsExactly("first", "second");
            assertThat(heads).extracting(ToolCallDelta::index).containsExactly(0, 1);
            assertThat(heads.getFirst().id()).isNotEqualTo(heads.getLast().id());
            assertThat(deltas).allSatisfy(delta -> {
                assertThat(delta.choice()).isEqualTo(3);
                assertThat(delta.arguments()).doesNotContain("\uFFFD");
            });
        }
    }

    @Test
    void tokensAreCountedOnce() {
        CallReader reader = new CallReader(0);
        reader.read(CALLS.getBytes(StandardCharsets.UTF_8));
        assertThat(reader.isReady()).isTrue();
        assertThat(reader.take(7).stream().mapToInt(ToolCallDelta::tokens).sum())
                .isEqualTo(7);
        assertThat(reader.isReady()).isFalse();
    }

    private static String arguments(List<ToolCallDelta> deltas, int index) {
        StringBuilder arguments = new StringBuilder();
        for (ToolCallDelta delta : deltas) {
            if (delta.index() == index) {
                arguments.append(delta.arguments());
            }
        }
        return arguments.toString();
    }
}

package org.usedecentral.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(120)
final class BenchCommandTest {
    /** Says how many tokens it was asked for, in a second. */
    private static final String SCRIPT = """
            #!/bin/sh
            echo "{\\"decode\\":{\\"tokens\\":$(($2 * $4)),\\"seconds\\":1,\\"cpu_seconds\\":2},\\"peak_bytes\\":1048576}"
            """;

    @TempDir
    Path home;

    private Ran run(String... arguments) {
        return Ran.command(Ran.Setting.of(home), arguments);
    }

    private Path script() throws Exception {
        return Files.writeString(home.resolve("engine.sh"), SCRIPT);
    }

    static Stream<Arguments> refusals() {
        return Stream.of(
                Arguments.of(2, "--backend fast", "'fast' is not KEY=VALUE"),
                Arguments.of(2, "--backend slots=4", "it has no type"),
                Arguments.of(2, "--backend type=a,type=b", "'type' is there twice"),
                Arguments.of(2, "--pid llama-cpp=x", "--pid"),
                Arguments.of(1, "--streams 0", "streams must lie in 1 … 256, not 0"),
                Arguments.of(1, "--streams 1,1", "each once"),
                Arguments.of(1, "--rounds 0", "--rounds must lie in 1 … 1000, not 0"),
                Arguments.of(1, "--tokens 0", "output tokens must lie in"),
                Arguments.of(1, "--prompt-tokens 99999999", "prompt tokens must lie in"),
                Arguments.of(1, "--utilisation 1.5", "--utilisation must lie in 0 … 1"),
                Arguments.of(1, "--watts 100", "--watts and --kwh-price belong together"),
                Arguments.of(1, "--kwh-price 0.3", "--watts and --kwh-price belong together"),
                Arguments.of(1, "--watts -1 --kwh-price 0.3", "--watts must lie in"),
                Arguments.of(1, "--backend type=none", "no backend plugin of type 'none'"),
                Arguments.of(1, "--command c=true --pid other=1", "--pid: no backend is called other"),
                Arguments.of(1, "--command c=true --set ledger.worker-share=many", "ledger.worker-share"));
    }

    @ParameterizedTest
    @MethodSource("refusals")
    void whatCannotBeMeasuredIsSaidWithWhatHelps(int code, String options, String message) {
        Ran ran = run(("bench " + options).split(" "));
        assertThat(ran.code()).isEqualTo(code);
        assertThat(ran.err()).contains(message);
        assertThat(ran.errors()).hasSize(2);
        assertThat(ran.out()).isEmpty();
    }

    @Test
    void commandsAreMeasuredBesideEachOther() throws Exception {
        String command = "sh " + script();
        Ran ran = run(
                "bench",
                "--command",
                "one=" + command,
                "--command",
                "two=" + command,
                "--streams",
                "1,4",
                "--rounds",
                "2",
                "--tokens",
                "10",
                "--json",
                home.resolve("bench.json").toString(),
                "--html",
                home.resolve("bench.html").toString());
        assertThat(ran.err()).contains("warming up", "round 2 of 2");
        assertThat(ran.code()).isZero();
        assertThat(ran.out()).contains("one ", "two ", "40.0", "20.0");
        JsonNode rows =
                new ObjectMapper().readTree(home.resolve("bench.json").toFile()).path("rows");
        assertThat(rows).hasSize(4);
        assertThat(rows.get(1).at("/decode_tokens_per_second/median").asDouble())
                .isEqualTo(40);
        assertThat(rows.get(1).path("rounds").asInt()).isEqualTo(2);
        assertThat(Files.readString(home.resolve("bench.html"))).contains("<svg");
        // A command takes no jobs, so there is nothing to earn; and nothing is left behind.
        assertThat(ran.out()).doesNotContain("Earnings");
        assertThat(home.resolve(".decentral")).doesNotExist();
    }

    @Test
    void aRunInWhichEverythingFailsFails() {
        Ran ran = run("bench", "--command", "none=/no/such/program", "--rounds", "1", "--streams", "1");
        assertThat(ran.code()).isEqualTo(1);
        assertThat(ran.out()).contains("not run: none", "cannot be run");
    }

    @Test
    void jsonAloneIsPrintedWhereAskedFor() throws Exception {
        Ran ran = run("bench", "--command", "one=sh " + script(), "--streams", "1", "--rounds", "1", "--json", "-");
        assertThat(new ObjectMapper().readTree(ran.out()).path("rows")).hasSize(1);
    }

    @Test
    void aBackendOnTheLineIsOneOfAConfiguration() {
        Map<String, String> keys = new HashMap<>();
        BackendSpec.parse("type=llama-cpp,slots=8").addTo(keys, 0);
        BackendSpec.parse("type=djl,models=a+b,name=vectors").addTo(keys, 1);
        BackendSpec.parse("type=llama-cpp,model=/m.gguf").addTo(keys, 2);
        assertThat(keys)
                .containsOnly(
                        Map.entry("backends.0.type", "llama-cpp"),
                        Map.entry("backends.0.slots", "8"),
                        Map.entry("backends.0.models.0", NodeConfiguration.DEFAULT_MODEL),
                        Map.entry("backends.1.type", "djl"),
                        Map.entry("backends.1.name", "vectors"),
                        Map.entry("backends.1.models.0", "a"),
                        Map.entry("backends.1.models.1", "b"),
                        Map.entry("backends.2.type", "llama-cpp"),
                        Map.entry("backends.2.model", "/m.gguf"));
        assertThatIllegalArgumentException().isThrownBy(() -> BackendSpec.parse("type="));
    }
}

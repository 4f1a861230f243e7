package org.usedecentral.launcher;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.usedecentral.measure.Comparison;
import org.usedecentral.measure.Workload;
import org.usedecentral.spi.DecentralException;
import picocli.CommandLine.Option;

/** What a bench runs, and with how much. */
final class BenchOptions {
    private static final int MOST_ENTRIES = 16;

    @Option(
            names = "--backend",
            paramLabel = "KEY=VALUE,…",
            order = 1,
            description = "A backend to measure instead of the configured ones, such as"
                    + " type=llama-cpp,slots=8,threads=1,models=smollm2-135m-instruct: the keys of its configuration, and"
                    + " catalogue models with + between them. Repeatable.")
    private List<BackendSpec> backends = new ArrayList<>();

    @Option(
            names = "--command",
            paramLabel = "NAME=COMMAND",
            order = 2,
            description =
                    "A program that measures itself, run once a round beside the backends; docs/benchmarks/method.md"
                            + " says what it gets and prints. Repeatable.")
    private Map<String, String> commands = new LinkedHashMap<>();

    @Option(
            names = "--pid",
            paramLabel = "NAME=PID",
            order = 3,
            description =
                    "The process whose CPU time and memory are those of a backend, where its engine is a server on"
                            + " this machine. Repeatable.")
    private Map<String, Long> pids = new LinkedHashMap<>();

    @Option(
            names = "--streams",
            split = ",",
            paramLabel = "N",
            order = 4,
            description = "Requests at once. Default: 1,4,8,16.")
    private List<Integer> streams = new ArrayList<>(List.of(1, 4, 8, 16));

    @Option(
            names = "--rounds",
            paramLabel = "N",
            order = 5,
            description = "Rounds, each with every backend. Default: ${DEFAULT-VALUE}.")
    private int rounds = 5;

    @Option(
            names = "--tokens",
            paramLabel = "N",
            order = 6,
            description = "Output tokens of a request. Default: ${DEFAULT-VALUE}.")
    private int tokens = 128;

    @Option(
            names = "--prompt-tokens",
            paramLabel = "N",
            order = 7,
            description = "Prompt tokens of a request. Default: ${DEFAULT-VALUE}.")
    private int promptTokens = 128;

    @Option(
            names = "--mixed",
            order = 8,
            description = "Prompts and outputs of mixed lengths, from a quarter of those tokens to all of them.")
    private boolean mixed;

    List<BackendSpec> backends() {
        return backends;
    }

    Map<String, String> commands() {
        return commands;
    }

    Map<String, Long> pids() {
        return pids;
    }

    int rounds() {
        return rounds;
    }

    /**
     * One workload for each number of streams.
     *
     * @throws DecentralException {@code INVALID_REQUEST} naming the option that is out of bounds
     */
    List<Workload> workloads() {
        if (rounds < 1 || rounds > Comparison.MOST_ROUNDS) {
            throw DecentralException.invalid(
                    "--rounds", "--rounds must lie in 1 … " + Comparison.MOST_ROUNDS + ", not " + rounds);
        }
        if (streams.size() > MOST_ENTRIES || streams.stream().distinct().count() != streams.size()) {
            throw DecentralException.invalid(
                    "--streams", "--streams takes at most " + MOST_ENTRIES + " numbers, each once");
        }
        try {
            return streams.stream()
                    .map(count -> new Workload(count, tokens, promptTokens, mixed))
                    .toList();
        } catch (IllegalArgumentException e) {
            throw DecentralException.invalid("--streams, --tokens or --prompt-tokens", String.valueOf(e.getMessage()));
        }
    }
}

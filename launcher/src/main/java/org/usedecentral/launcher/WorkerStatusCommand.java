package org.usedecentral.launcher;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.usedecentral.crypto.KeyFile;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ledger.Balance;
import org.usedecentral.time.SystemTimers;
import org.usedecentral.worker.WorkerLeftovers;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How the worker of this machine does. */
@Command(
        name = "status",
        header = "Shows jobs, earnings, speeds and links of a running worker, and why jobs went elsewhere.",
        description = "Asks the process that holds the data directory, through a socket that only its owner can open."
                + " Without --data-dir it looks in ~/.decentral-worker, then in ~/.decentral. Exit code 1 if no worker"
                + " runs there; then it shows what the journal and the ledger on disk know.")
final class WorkerStatusCommand implements Callable<Integer> {
    private static final Duration INTERVAL = Duration.ofSeconds(2);

    private final Session session;

    @Option(names = "--json", order = 1, description = "Prints one JSON object; amounts in base units (1e-6 USDC).")
    private boolean json;

    @Option(names = "--watch", order = 2, description = "Shows it again every two seconds, until it is stopped.")
    private boolean watch;

    @Mixin
    final NodeOptions node = new NodeOptions(".decentral-worker");

    @Mixin
    final CommonOptions common = new CommonOptions();

    WorkerStatusCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws InterruptedException {
        List<Path> places = places();
        do {
            Optional<JsonNode> status = ask(places);
            if (status.isEmpty()) {
                return stopped(places);
            }
            show(status.get());
        } while (watch && !session.shutdown().await(INTERVAL));
        return 0;
    }

    private List<Path> places() {
        Path first = node.directory(session.surroundings());
        return node.namedDirectory(session.surroundings()).isPresent()
                ? List.of(first)
                : List.of(first, session.surroundings().home().resolve(".decentral"));
    }

    private static Optional<JsonNode> ask(List<Path> places) throws InterruptedException {
        for (Path place : places) {
            Optional<JsonNode> status = StatusSocket.ask(place)
                    .filter(answer -> answer.path("running").asBoolean());
            if (status.isPresent()) {
                return status;
            }
        }
        return Optional.empty();
    }

    private void show(JsonNode status) {
        var out = session.terminal().out();
        if (json) {
            out.println(status);
            return;
        }
        StatusText.lines(status).forEach(out::println);
        if (watch) {
            out.println();
        }
    }

    private int stopped(List<Path> places) {
        Optional<Path> known = places.stream()
                .filter(place -> Files.exists(place.resolve("worker.json")))
                .findFirst();
        ObjectNode left = JsonNodeFactory.instance.objectNode().put("running", false);
        known.ifPresent(place -> left(place, left));
        if (json) {
            session.terminal().out().println(left);
        } else {
            showStopped(left);
        }
        session.terminal()
                .err()
                .println("decentral: no worker runs in " + known.orElse(places.getFirst())
                        + ": start one with 'decentral worker --gateway URL' or 'decentral up', or name another"
                        + " --data-dir");
        return Commands.FAILED;
    }

    private void left(Path place, ObjectNode out) {
        Account worker = KeyFile.load(place.resolve("worker.json")).account();
        out.put("worker", worker.toString());
        if (DataDirectory.inUse(place)) {
            out.put("problem", "the directory is in use by a process that tells no status");
            return;
        }
        WorkerLeftovers journal;
        try (DataDirectory held = DataDirectory.open(place)) {
            journal = WorkerLeftovers.of(held.path(), SystemTimers.CLOCK.instant());
        }
        out.put("attempts", journal.attempts())
                .put("claims_pending", journal.vouchers())
                .put("claims_value", journal.value());
        if (Files.exists(place.resolve("embedded").resolve("ledger.db"))) {
            try {
                Balance balance = OfflineLedger.use(
                        session,
                        node,
                        place,
                        opened -> opened.ledger().credits().balance(worker));
                out.put("settled", balance.free()).put("held", balance.held());
            } catch (DecentralException e) {
                out.put("problem", e.message());
            }
        }
    }

    private void showStopped(ObjectNode left) {
        if (!left.has("worker")) {
            return;
        }
        var out = session.terminal().out();
        out.println(ReceiptText.line("worker", left.path("worker").asText() + ", stopped"));
        if (left.has("attempts")) {
            out.println(ReceiptText.line("journal", left.path("attempts").asInt() + " attempts of the last two hours"));
            out.println(ReceiptText.line(
                    "claims",
                    left.path("claims_pending").asInt() + " vouchers to look after, worth "
                            + Money.usdc(left.path("claims_value").asLong()) + " at most"));
        }
        if (left.has("settled")) {
            out.println(ReceiptText.line(
                    "earnings",
                    Money.usdc(left.path("settled").asLong()) + " settled, "
                            + Money.usdc(left.path("held").asLong()) + " held"));
        }
        if (left.has("problem")) {
            out.println(ReceiptText.line("ledger", left.path("problem").asText()));
        }
    }
}

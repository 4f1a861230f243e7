package org.usedecentral.launcher;

import io.helidon.config.Config;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.usedecentral.node.GatewayServer;
import org.usedecentral.node.Node;
import org.usedecentral.receipt.Expectations;
import org.usedecentral.receipt.ReceiptVerifier;
import org.usedecentral.receipt.SignedReceipt;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.protocol.JobId;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** One paid, proved and settled job on a whole network in this process. */
@Command(
        name = "demo",
        header = "Shows one paid, proved and settled job, from nothing.",
        description =
                "Starts a whole network in this process, asks it a question through its OpenAI API, and checks the"
                        + " receipt. The first run fetches an engine and a small model. Ends with 0 if everything was right.")
final class DemoCommand implements Callable<Integer> {
    /** At temperature 0 the small model answers it alike on every kind of CPU; most other questions it does not. */
    private static final String QUESTION = "Name the capital of France.";

    private static final String EXPECTED = "Paris";
    private static final int MAX_TOKENS = 48;
    private static final Duration SETTLE_LIMIT = Duration.ofSeconds(30);

    /**
     * One job at a time, for less memory and a faster start; and patience, since no other worker could take the job of a slow machine.
     */
    private static final Map<String, String> DEFAULTS = Map.of(
            "backends.0.slots", "1",
            "backends.0.context", "2048",
            // Its job is a test already, and its directory forgets what was measured.
            "worker.self-test", "off",
            "orchestrator.start-timeout", "PT1M",
            "orchestrator.stall-timeout", "PT1M");

    private final Session session;

    @Mixin
    final NodeOptions node = new NodeOptions();

    @Option(
            names = "--receipt",
            paramLabel = "FILE",
            description = "Saves the payer's receipt, to check it later with 'decentral verify'.")
    private @Nullable Path receiptFile;

    @Option(names = "--output-file", paramLabel = "FILE", description = "Saves the answer's exact text.")
    private @Nullable Path outputFile;

    @Option(names = "--json", description = "Prints one JSON object at the end and nothing before.")
    private boolean json;

    @Mixin
    final CommonOptions common = new CommonOptions();

    DemoCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws Exception {
        session.shutdown().engage();
        Session talk = json ? session.silent() : session;
        ProgressLine progress = new ProgressLine(session.terminal());
        talk.terminal()
                .out()
                .println("Starting a whole network in this process: ledger, gateway, orchestrator, worker.");
        try (DataDirectory directory = directory();
                Node started = node(directory, progress)) {
            progress.end();
            session.shutdown().check();
            try (GatewayServer server = GatewayServer.start(started)) {
                ask(talk, started, server);
            }
        }
        return 0;
    }

    private DataDirectory directory() {
        return node.namedDirectory(session.surroundings())
                .map(DataDirectory::open)
                .orElseGet(DataDirectory::temporary);
    }

    private Node node(DataDirectory directory, ProgressLine progress) {
        Config config = node.config(
                session.surroundings(),
                Map.of("gateway.host", "127.0.0.1", "gateway.port", "0", "orchestrator.enabled", "true"),
                DEFAULTS);
        return Node.builder()
                .config(config)
                .dataDirectory(directory.path())
                .progress(progress)
                .build()
                .start();
    }

    private void ask(Session talk, Node started, GatewayServer server) throws Exception {
        session.shutdown().check();
        Account payer = started.developmentPayer();
        String key = started.apiKeys().create("demo", payer).secret();
        var out = talk.terminal().out();
        String model = started.jobs().models().stream()
                .findFirst()
                .orElseThrow(() -> new DecentralException(
                        ErrorCode.NO_WORKER, "the network has no model: set worker.models or backends"))
                .id()
                .value();
        out.println(ReceiptText.line("gateway", server.baseUrl().toString()));
        out.println(ReceiptText.line("model", model));
        out.println(ReceiptText.line(
                "payer",
                payer + " with "
                        + Money.usdc(started.ledger().credits().balance(payer).free()) + " of development credit"));
        out.println();
        out.println("Question:  " + QUESTION);
        out.print("Answer:    ");
        out.flush();
        try (GatewayClient client = new GatewayClient(server.baseUrl(), key)) {
            ChatRequest request = new ChatRequest(model, List.of(ChatRequest.Line.user(QUESTION)), 0.0, MAX_TOKENS);
            Answer answer = client.chat(request, text -> {
                out.print(text);
                out.flush();
            });
            out.println();
            out.println();
            out.println(ReceiptText.line("escrow", "transaction    " + answer.lockTransaction()));
            Bytes receipt = client.awaitReceipt(answer.job(), SETTLE_LIMIT, session.shutdown());
            save(answer, receipt);
            SignedReceipt verified = check(answer, receipt, started);
            ReceiptText.proof(verified.receipt()).forEach(out::println);
            ReceiptText.payment(verified.receipt()).forEach(out::println);
            out.println("receipt verified");
            if (json) {
                session.terminal().out().println(DemoJson.of(QUESTION, answer, verified));
            }
        }
    }

    private void save(Answer answer, Bytes receipt) {
        if (receiptFile != null) {
            SavedFile.write(receiptFile, receipt);
        }
        if (outputFile != null) {
            SavedFile.write(outputFile, Bytes.utf8(answer.text()));
        }
    }

    /** Everything the demo promises; a demo that is nearly right is wrong. */
    private static SignedReceipt check(Answer answer, Bytes receipt, Node started) {
        Expectations expected = Expectations.NONE
                .output(answer.output())
                .job(JobId.parse(answer.job()))
                .ledger(started.ledger().id());
        SignedReceipt verified = switch (ReceiptVerifier.verify(receipt.toByteArray(), expected)) {
            case ReceiptVerifier.Verified good -> good.receipt();
            case ReceiptVerifier.Rejected bad -> throw wrong("the receipt is not right: " + bad.reason());
        };
        var settlement = verified.receipt().settlement();
        if (settlement.settle() == null) {
            throw wrong("the job was not settled: " + settlement.state());
        }
        if (!settlement.lock().toString().equals(answer.lockTransaction())) {
            throw wrong("the receipt names another escrow transaction than the answer's header");
        }
        if (!answer.text().toLowerCase(Locale.ROOT).contains(EXPECTED.toLowerCase(Locale.ROOT))) {
            throw wrong("the answer does not contain '" + EXPECTED + "': the model or its engine is damaged");
        }
        return verified;
    }

    private static DecentralException wrong(String message) {
        return new DecentralException(ErrorCode.PROOF_INVALID, message);
    }
}

package org.usedecentral.launcher;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.usedecentral.receipt.Expectations;
import org.usedecentral.receipt.ReceiptVerifier;
import org.usedecentral.receipt.SignedReceipt;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.protocol.JobId;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** A chat in the terminal, every answer with its price and its receipt checked. */
@Command(
        name = "chat",
        header = "Asks a gateway, and checks the receipt of the answer.",
        description =
                "With a message: one answer on standard output. Without: a conversation, a line a turn, until Ctrl-D.")
final class ChatCommand implements Callable<Integer> {
    private static final Duration SETTLE_LIMIT = Duration.ofSeconds(15);

    private final Session session;

    @Parameters(arity = "0..*", paramLabel = "MESSAGE", description = "What to ask.")
    private List<String> message = new ArrayList<>();

    @Mixin
    final ChatOptions gateway = new ChatOptions();

    @Option(names = "--model", paramLabel = "ID", order = 3, description = "Default: the gateway's first.")
    private @Nullable String model;

    @Option(names = "--system", paramLabel = "TEXT", order = 4, description = "What the model is told before.")
    private @Nullable String system;

    @Option(names = "--temperature", paramLabel = "NUMBER", order = 5, description = "0: the same answer every time.")
    private @Nullable Double temperature;

    @Option(names = "--max-tokens", paramLabel = "NUMBER", order = 6, description = "Of one answer.")
    private @Nullable Integer maxTokens;

    @Option(names = "--receipt", paramLabel = "FILE", order = 7, description = "Saves the last answer's receipt.")
    private @Nullable Path receiptFile;

    @Option(
            names = "--output-file",
            paramLabel = "FILE",
            order = 8,
            description = "Saves the last answer's exact text.")
    private @Nullable Path outputFile;

    @Option(names = "--json", order = 9, description = "Prints one JSON object an answer: text, job, receipt.")
    private boolean json;

    @Mixin
    final NodeOptions node = new NodeOptions();

    @Mixin
    final CommonOptions common = new CommonOptions();

    ChatCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws InterruptedException, IOException {
        List<ChatRequest.Line> conversation = new ArrayList<>();
        if (system != null) {
            conversation.add(new ChatRequest.Line("system", system));
        }
        try (GatewayClient client = gateway.client(node, session.surroundings())) {
            String id = model != null ? model : firstModel(client);
            if (message.isEmpty()) {
                converse(client, id, conversation);
            } else {
                conversation.add(ChatRequest.Line.user(String.join(" ", message)));
                turn(client, id, conversation);
            }
        }
        return 0;
    }

    private static String firstModel(GatewayClient client) throws InterruptedException {
        List<String> models = client.models();
        if (models.isEmpty()) {
            throw new DecentralException(
                    ErrorCode.NO_WORKER,
                    "the gateway has no model now: link a worker to it with 'decentral worker --gateway', or wait for one");
        }
        return models.getFirst();
    }

    private void converse(GatewayClient client, String id, List<ChatRequest.Line> conversation)
            throws InterruptedException, IOException {
        PrintStream err = session.terminal().err();
        boolean prompts = session.terminal().interactive().in();
        BufferedReader lines = session.terminal().lines();
        while (true) {
            if (prompts) {
                err.print("> ");
                err.flush();
            }
            String line = lines.readLine();
            if (line == null) {
                return;
            }
            if (line.isBlank()) {
                continue;
            }
            conversation.add(ChatRequest.Line.user(line));
            try {
                conversation.add(new ChatRequest.Line("assistant", turn(client, id, conversation)));
            } catch (DecentralException e) {
                if (!prompts) {
                    throw e;
                }
                err.println("decentral: " + e.message());
                conversation.removeLast();
            }
        }
    }

    /** One answer, printed as it comes; its text. */
    private String turn(GatewayClient client, String id, List<ChatRequest.Line> conversation)
            throws InterruptedException {
        PrintStream out = session.terminal().out();
        Answer answer = client.chat(new ChatRequest(id, conversation, temperature, maxTokens), text -> {
            if (!json) {
                out.print(text);
                out.flush();
            }
        });
        if (!json) {
            out.println();
        }
        if (outputFile != null) {
            SavedFile.write(outputFile, Bytes.utf8(answer.text()));
        }
        Bytes receipt = client.awaitReceipt(answer.job(), SETTLE_LIMIT, session.shutdown());
        if (receiptFile != null) {
            SavedFile.write(receiptFile, receipt);
        }
        SignedReceipt verified = verified(answer, receipt);
        if (json) {
            ObjectNode root = JsonNodeFactory.instance.objectNode().put("text", answer.text());
            root.put("finish_reason", answer.finishReason()).put("job", answer.job());
            root.set("receipt", GatewayClient.parse(receipt.toByteArray()));
            out.println(root);
        } else {
            session.terminal().err().println("[" + ReceiptText.brief(verified) + "; receipt verified]");
        }
        return answer.text();
    }

    private static SignedReceipt verified(Answer answer, Bytes receipt) {
        Expectations expected = Expectations.NONE.output(answer.output()).job(JobId.parse(answer.job()));
        return switch (ReceiptVerifier.verify(receipt.toByteArray(), expected)) {
            case ReceiptVerifier.Verified good -> good.receipt();
            case ReceiptVerifier.Rejected bad ->
                throw new DecentralException(
                        ErrorCode.PROOF_INVALID,
                        "the receipt of job " + answer.job() + " is not right: " + bad.reason()
                                + "; keep it (--receipt) and do not trust this gateway");
        };
    }
}

package org.usedecentral.launcher;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.usedecentral.receipt.Expectations;
import org.usedecentral.receipt.Receipt;
import org.usedecentral.receipt.ReceiptJson;
import org.usedecentral.receipt.ReceiptVerifier;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.protocol.JobId;
import org.usedecentral.spi.protocol.LedgerId;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Checks a receipt from its bytes alone. */
@Command(
        name = "verify",
        header = "Checks a receipt, offline.",
        description =
                "Checks every signature and that all of it agrees, and compares it with what you know. It asks no ledger:"
                        + " whether the named transactions stand there is for the ledger to say. Exit code 0: right; 1: not.")
final class VerifyCommand implements Callable<Integer> {
    private static final long MAX_OUTPUT = 64L << 20;

    private final Session session;

    @Parameters(paramLabel = "RECEIPT", description = "The receipt's JSON file.")
    private Path receipt = Path.of("");

    @Option(
            names = "--output",
            paramLabel = "FILE",
            description = "The exact text that was received; - reads standard input. Needs the payer's copy.")
    private @Nullable String output;

    @Option(names = "--job", paramLabel = "ID", description = "The job it must be of.")
    private @Nullable JobId job;

    @Option(names = "--ledger-id", paramLabel = "ID", description = "The ledger it must be of.")
    private @Nullable LedgerId ledger;

    @Option(names = "--json", description = "Prints one JSON object.")
    private boolean json;

    @Mixin
    final CommonOptions common = new CommonOptions();

    VerifyCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws IOException {
        // One byte more than the verifier takes, so that it says what is wrong with a longer file.
        byte[] content = SavedFile.read(receipt, 16L * ReceiptJson.MAX_LENGTH);
        byte[] text = output == null ? null : text(output);
        Expectations expected = Expectations.NONE;
        if (job != null) {
            expected = expected.job(job);
        }
        if (ledger != null) {
            expected = expected.ledger(ledger);
        }
        if (text != null) {
            expected = expected.text(Bytes.of(text));
        }
        return switch (ReceiptVerifier.verify(content, expected)) {
            case ReceiptVerifier.Verified good -> accepted(good.receipt().receipt());
            case ReceiptVerifier.Rejected bad -> rejected(bad.reason(), text);
        };
    }

    private byte[] text(String from) throws IOException {
        if (!from.equals("-")) {
            return SavedFile.read(Path.of(from), MAX_OUTPUT);
        }
        byte[] text = session.terminal().in().readNBytes((int) MAX_OUTPUT + 1);
        if (text.length > MAX_OUTPUT) {
            throw new DecentralException(
                    ErrorCode.INVALID_REQUEST, "standard input holds more than " + MAX_OUTPUT + " bytes");
        }
        return text;
    }

    private int accepted(Receipt good) {
        List<String> checks = checks(good);
        List<String> unchecked = unchecked(good);
        PrintStream out = session.terminal().out();
        if (json) {
            ObjectNode root = JsonNodeFactory.instance.objectNode().put("verified", true);
            root.put("job", good.job().toString()).put("ledger", good.ledger().toString());
            root.put("settlement", good.settlement().state().wireName());
            root.put("price", good.summary().price());
            checks.forEach(root.putArray("checked")::add);
            unchecked.forEach(root.putArray("unchecked")::add);
            out.println(root);
            return 0;
        }
        checks.forEach(check -> out.println("ok   " + check));
        unchecked.forEach(check -> out.println("-    " + check));
        out.println(ReceiptText.line("job", good.job().toString()));
        ReceiptText.proof(good).forEach(out::println);
        ReceiptText.payment(good).forEach(out::println);
        out.println("receipt verified");
        return 0;
    }

    private List<String> checks(Receipt good) {
        List<String> checks = new ArrayList<>();
        checks.add("signed by gateway " + good.terms().orchestrator() + ", which is the orchestrator of its terms");
        checks.add("job id is the hash of the terms");
        if (good.openings().isPresent()) {
            checks.add("salt and hashes open the request commitment");
        }
        checks.add(good.evidence().vouchers().size() + " voucher(s) signed by the orchestrator, within the terms");
        checks.add(good.evidence().statements().size() + " statement(s) signed by their workers, within the terms");
        checks.add("summary agrees with the statements");
        if (output != null) {
            checks.add("output is the one that the worker signed for");
        }
        if (job != null) {
            checks.add("of the job you named");
        }
        if (ledger != null) {
            checks.add("of the ledger you named");
        }
        return checks;
    }

    private List<String> unchecked(Receipt good) {
        List<String> unchecked = new ArrayList<>();
        if (output == null) {
            unchecked.add(
                    good.openings().isPresent()
                            ? "output not compared: name it with --output"
                            : "output not compared: this is the public copy, which cannot open its digest");
        }
        if (ledger == null) {
            unchecked.add("ledger not compared: name the one you trust with --ledger-id");
        }
        unchecked.add("transactions not looked up: this command asks no ledger");
        return unchecked;
    }

    private int rejected(String reason, byte @Nullable [] text) {
        boolean lineBreak = text != null && text.length > 0 && text[text.length - 1] == '\n';
        String hint = lineBreak && reason.startsWith("the output")
                ? " (the output ends with a line break; most answers do not)"
                : "";
        if (json) {
            session.terminal()
                    .out()
                    .println(JsonNodeFactory.instance
                            .objectNode()
                            .put("verified", false)
                            .put("reason", reason + hint));
        } else {
            session.terminal().out().println("receipt REJECTED: " + reason + hint);
        }
        return Commands.FAILED;
    }
}

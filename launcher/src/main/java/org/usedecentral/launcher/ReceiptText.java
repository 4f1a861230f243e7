package org.usedecentral.launcher;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.usedecentral.receipt.Receipt;
import org.usedecentral.receipt.SignedReceipt;
import org.usedecentral.receipt.Split;
import org.usedecentral.spi.Base58;
import org.usedecentral.spi.protocol.SignedStatement;
import org.usedecentral.spi.protocol.Statement;

/** A receipt for people, a fact a line. Stateless. */
final class ReceiptText {
    private ReceiptText() {}

    /** Who worked, what was signed. */
    static List<String> proof(Receipt receipt) {
        List<SignedStatement> statements = receipt.evidence().statements();
        if (statements.isEmpty()) {
            return List.of(line("proof", "none: no worker stated anything"));
        }
        SignedStatement signed = statements.getLast();
        Statement statement = signed.statement();
        return List.of(
                line("proof", "worker         " + statement.worker()),
                line("", "output digest  " + statement.outputDigest().hex()),
                line("", "signature      " + Base58.encode(signed.signature())),
                line("", "tokens         " + statement.inputTokens() + " in, " + statement.outputTokens() + " out"));
    }

    /** What it cost and who got what. */
    static List<String> payment(Receipt receipt) {
        List<String> lines = new ArrayList<>();
        lines.add(line(
                "price",
                Money.usdc(receipt.summary().price()) + " of "
                        + Money.usdc(receipt.terms().locked()) + " locked; the rest returns to the payer"));
        Optional<Split> split = receipt.summary().split();
        if (split.isPresent()) {
            Split shares = split.get();
            String held =
                    shares.heldUntil().map(until -> ", held until " + until).orElse(", paid");
            lines.add(line("split", "worker         " + Money.usdc(shares.worker()) + held));
            lines.add(line("", "orchestrator   " + Money.usdc(shares.orchestrator())));
            lines.add(line("", "treasury       " + Money.usdc(shares.treasury())));
        }
        lines.add(settlement(receipt));
        return lines;
    }

    private static String settlement(Receipt receipt) {
        return switch (receipt.settlement().state()) {
            case SETTLED ->
                line("settled", "transaction    " + receipt.settlement().settle());
            case PENDING -> line("settling", "proved, and not on the ledger yet");
            case UNPROVED -> line("unproved", "no proof was settled: only what vouchers say was paid");
            case REFUNDED -> line("refunded", "the escrow went back to the payer");
        };
    }

    /** In half a line, for below an answer. */
    static String brief(SignedReceipt signed) {
        Receipt receipt = signed.receipt();
        return receipt.summary().tokens().input() + " + "
                + receipt.summary().tokens().output() + " tokens, "
                + Money.usdc(receipt.summary().price()) + ", "
                + receipt.settlement().state().name().toLowerCase(Locale.ROOT);
    }

    static String line(String name, String value) {
        return String.format(Locale.ROOT, "%-10s %s", name, value);
    }
}

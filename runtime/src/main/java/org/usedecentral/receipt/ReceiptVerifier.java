package org.usedecentral.receipt;

import com.google.errorprone.annotations.CheckReturnValue;
import java.util.List;
import java.util.Optional;
import org.usedecentral.crypto.Ed25519;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.protocol.OutputHasher;
import org.usedecentral.spi.protocol.SignedStatement;
import org.usedecentral.spi.protocol.SignedVoucher;
import org.usedecentral.spi.protocol.Statement;
import org.usedecentral.spi.protocol.Terms;
import org.usedecentral.spi.protocol.Voucher;

/**
 * Checks receipts from their bytes alone: who signed what, and that everything in them agrees. It asks no ledger, so it cannot know whether the
 * named transactions are there. Stateless.
 */
public final class ReceiptVerifier {
    private ReceiptVerifier() {}

    /** What came of a check. */
    public sealed interface Result {}

    /** Everything that was checked is right. */
    public record Verified(SignedReceipt receipt) implements Result {}

    /**
     * Something is wrong.
     *
     * @param reason a sentence for a person
     */
    public record Rejected(String reason) implements Result {}

    /** Checks a receipt and compares it with what is known; never throws for a bad one. */
    @CheckReturnValue
    public static Result verify(byte[] json, Expectations expectations) {
        try {
            SignedReceipt signed = ReceiptJson.read(json);
            checkGateway(signed);
            checkCommitment(signed.receipt());
            checkEvidence(signed.receipt());
            checkSummary(signed.receipt());
            checkExpectations(signed.receipt(), expectations);
            return new Verified(signed);
        } catch (DecentralException e) {
            return new Rejected(e.message());
        }
    }

    private static void checkGateway(SignedReceipt signed) {
        require(
                signed.gateway().equals(signed.receipt().terms().orchestrator()),
                "the gateway's key is not the orchestrator of the terms");
        require(
                Ed25519.verify(signed.gateway(), SignedReceipt.message(signed.receipt()), signed.signature()),
                "the gateway's signature does not fit: something in the receipt was changed");
    }

    private static void checkCommitment(Receipt receipt) {
        receipt.openings()
                .ifPresent(openings -> require(
                        openings.commitment().equals(receipt.terms().requestCommitment()),
                        "salt and hashes do not open the request commitment of the terms"));
    }

    private static void checkEvidence(Receipt receipt) {
        Terms terms = receipt.terms();
        for (SignedVoucher signed : receipt.evidence().vouchers()) {
            Voucher voucher = signed.voucher();
            require(voucher.job().equals(terms.jobId()), "a voucher is for another job");
            require(
                    Ed25519.verify(terms.orchestrator(), voucher.encoded(), signed.signature()),
                    "a voucher is not signed by the orchestrator");
            require(voucher.outputTokens() <= terms.outputCap(), "a voucher is for more tokens than the terms allow");
            require(
                    voucher.price() <= terms.ceiling().cost(terms.inputCap(), voucher.outputTokens()),
                    "a voucher's price is above the terms");
        }
        for (SignedStatement signed : receipt.evidence().statements()) {
            Statement statement = signed.statement();
            require(statement.job().equals(terms.jobId()), "a statement is about another job");
            require(
                    Ed25519.verify(statement.worker(), statement.encoded(), signed.signature()),
                    "a statement is not signed by its worker");
            require(
                    statement.requestCommitment().equals(terms.requestCommitment()),
                    "a statement is about another request");
            require(
                    statement.inputTokens() <= terms.inputCap() && statement.outputTokens() <= terms.outputCap(),
                    "a statement is for more tokens than the terms allow");
            require(
                    statement.price() <= terms.ceiling().cost(statement.inputTokens(), statement.outputTokens()),
                    "a statement's price is above the terms");
        }
    }

    private static void checkSummary(Receipt receipt) {
        Summary summary = receipt.summary();
        Settlement.State state = receipt.settlement().state();
        Optional<Statement> last = last(receipt);
        boolean proved = state == Settlement.State.SETTLED || state == Settlement.State.PENDING;
        require(last.isPresent() || state != Settlement.State.SETTLED, "a settled receipt has no statement");
        if (proved && last.isPresent()) {
            Statement statement = last.get();
            require(
                    summary.tokens().input() == statement.inputTokens()
                            && summary.tokens().output() == statement.outputTokens(),
                    "the summary's tokens are not the statement's");
            require(summary.price() == statement.price(), "the summary's price is not the statement's");
        } else {
            require(
                    summary.tokens().input() <= receipt.terms().inputCap()
                            && summary.tokens().output() <= receipt.terms().outputCap(),
                    "the summary's tokens are more than the terms allow");
            require(
                    summary.price() <= vouchers(receipt),
                    "the summary's price is more than the vouchers, and there is no settled statement");
        }
        summary.split()
                .ifPresent(split -> require(
                        sum(List.of(split.worker(), split.orchestrator(), split.treasury())) == summary.price(),
                        "the summary's split does not add up to its price"));
    }

    private static void checkExpectations(Receipt receipt, Expectations expectations) {
        expectations
                .job()
                .ifPresent(job -> require(receipt.job().equals(job), "this is the receipt of job " + receipt.job()));
        expectations
                .ledger()
                .ifPresent(ledger ->
                        require(receipt.ledger().equals(ledger), "this is a receipt of ledger " + receipt.ledger()));
        expectations.output().ifPresent(output -> checkOutput(receipt, output));
    }

    private static void checkOutput(Receipt receipt, Expectations.Output output) {
        Openings openings = receipt.openings()
                .orElseThrow(
                        () -> wrong("this is the public copy of a receipt: without its salt no output can be checked;"
                                + " use the payer's copy"));
        Statement statement =
                last(receipt).orElseThrow(() -> wrong("no worker stated anything: the output cannot be checked"));
        OutputHasher hasher = new OutputHasher(openings.salt(), output.choices());
        for (Expectations.Piece piece : output.pieces()) {
            byte[] bytes = piece.bytes().toByteArray();
            hasher.append(piece.part(), bytes, 0, bytes.length);
        }
        require(
                hasher.digest().equals(statement.outputDigest()),
                "the output is not the one that the worker signed for");
    }

    private static Optional<Statement> last(Receipt receipt) {
        List<SignedStatement> statements = receipt.evidence().statements();
        return statements.isEmpty()
                ? Optional.empty()
                : Optional.of(statements.getLast().statement());
    }

    /** What workers may have cashed without a statement. */
    private static long vouchers(Receipt receipt) {
        return sum(receipt.evidence().vouchers().stream()
                .map(signed -> signed.voucher().price())
                .toList());
    }

    private static long sum(List<Long> amounts) {
        long sum = 0;
        for (long amount : amounts) {
            if (amount > Long.MAX_VALUE - sum) {
                throw wrong("amounts do not fit 63 bits");
            }
            sum += amount;
        }
        return sum;
    }

    private static void require(boolean right, String otherwise) {
        if (!right) {
            throw wrong(otherwise);
        }
    }

    private static DecentralException wrong(String reason) {
        return DecentralException.invalid("receipt", reason);
    }
}

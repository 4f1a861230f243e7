package org.usedecentral.receipt;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.inference.Part;
import org.usedecentral.spi.inference.PartKind;
import org.usedecentral.spi.protocol.JobId;
import org.usedecentral.spi.protocol.LedgerId;
import org.usedecentral.spi.protocol.OutputHasher;
import org.usedecentral.spi.protocol.SignedStatement;
import org.usedecentral.spi.protocol.SignedVoucher;
import org.usedecentral.spi.protocol.Statement;
import org.usedecentral.spi.protocol.Voucher;

final class ReceiptVerifierTest {
    private static final LedgerId OTHER = new LedgerId(ReceiptFixture.filled(77));

    private final ReceiptFixture fixture = new ReceiptFixture();

    @Test
    void aGoodReceiptIsVerifiedWithAllThatIsKnown() {
        SignedReceipt signed = fixture.sign(fixture.receipt());
        Expectations all = Expectations.NONE
                .text(Bytes.utf8(ReceiptFixture.OUTPUT))
                .job(fixture.terms.jobId())
                .ledger(ReceiptFixture.LEDGER);
        assertThat(verify(signed, all)).isEqualTo(new ReceiptVerifier.Verified(signed));
        assertThat(verify(ReceiptFixture.pending(), all)).isInstanceOf(ReceiptVerifier.Verified.class);
    }

    /** Ed25519 dominates: three signatures a bit at most, and nearly every bit fails before the second. */
    @Test
    void everyChangedBitOfTheJsonIsRejected() {
        byte[] json = json(fixture.sign(fixture.receipt()));
        for (int bit = 0; bit < json.length * 8; bit++) {
            json[bit / 8] ^= (byte) (1 << bit % 8);
            assertThat(ReceiptVerifier.verify(json, Expectations.NONE))
                    .as("bit %d of byte %d", bit % 8, bit / 8)
                    .isInstanceOf(ReceiptVerifier.Rejected.class);
            json[bit / 8] ^= (byte) (1 << bit % 8);
        }
        assertThat(ReceiptVerifier.verify(json, Expectations.NONE)).isInstanceOf(ReceiptVerifier.Verified.class);
    }

    @Test
    void everyChangedBitOfTheOutputIsRejected() {
        SignedReceipt signed = fixture.sign(fixture.receipt());
        byte[] output = Bytes.utf8(ReceiptFixture.OUTPUT).toByteArray();
        for (int bit = 0; bit < output.length * 8; bit++) {
            output[bit / 8] ^= (byte) (1 << bit % 8);
            assertThat(verify(signed, Expectations.NONE.text(Bytes.of(output))))
                    .as("bit %d", bit)
                    .isInstanceOf(ReceiptVerifier.Rejected.class);
            output[bit / 8] ^= (byte) (1 << bit % 8);
        }
        assertRejected(verify(signed, Expectations.NONE.text(Bytes.empty())), "not the one that the worker signed for");
    }

    @Test
    void outputMayComeInChunksWithReasoningAndCallsAndChoices() {
        OutputHasher hasher = new OutputHasher(fixture.openings.salt(), 2);
        List<Expectations.Piece> pieces = List.of(
                piece(0, PartKind.REASONING, 0, "hm"),
                piece(1, PartKind.TEXT, 0, "so"),
                piece(0, PartKind.CALL_NAME, 0, "f"),
                piece(0, PartKind.CALL_ARGUMENTS, 0, "{"),
                piece(0, PartKind.CALL_ARGUMENTS, 0, "}"));
        for (Expectations.Piece piece : pieces) {
            hasher.append(
                    piece.part(), piece.bytes().toByteArray(), 0, piece.bytes().length());
        }
        SignedReceipt signed =
                with(fixture.statement().outputDigest(hasher.digest()).build());
        Expectations.Output output = new Expectations.Output(2, pieces);
        assertThat(verify(signed, Expectations.NONE.output(output))).isInstanceOf(ReceiptVerifier.Verified.class);
        assertRejected(
                verify(signed, Expectations.NONE.output(new Expectations.Output(3, pieces))),
                "not the one that the worker signed for");
        assertRejected(verify(signed, Expectations.NONE.output(new Expectations.Output(1, pieces))), "choice 1 of 1");
    }

    @Test
    void receiptsOfOtherJobsAndLedgersAreRejected() {
        SignedReceipt signed = fixture.sign(fixture.receipt());
        assertRejected(
                verify(signed, Expectations.NONE.job(new JobId(ReceiptFixture.filled(9)))),
                "this is the receipt of job " + fixture.terms.jobId());
        assertRejected(
                verify(signed, Expectations.NONE.ledger(OTHER)),
                "this is a receipt of ledger " + ReceiptFixture.LEDGER);
    }

    @Test
    void evidenceOfAnotherJobIsRejected() {
        Evidence evidence = fixture.receipt().evidence();
        Voucher voucher = fixture.voucher();
        Statement statement = fixture.statement().build();
        fixture.terms = fixture.terms(OTHER);
        assertRejected(
                verify(evidence(fixture.evidence(voucher, fixture.statement().build()))), "voucher is for another job");
        assertRejected(
                verify(evidence(fixture.evidence(fixture.voucher(), statement))), "statement is about another job");
        assertRejected(verify(evidence(evidence)), "another job");
    }

    @Test
    void thePublicCopyIsGoodButOpensNoOutput() {
        SignedReceipt copy = fixture.sign(fixture.sign(fixture.receipt()).publicCopy());
        assertThat(verify(copy)).isEqualTo(new ReceiptVerifier.Verified(copy));
        assertRejected(
                verify(copy, Expectations.NONE.text(Bytes.utf8(ReceiptFixture.OUTPUT))),
                "public copy of a receipt: without its salt no output can be checked; use the payer's copy");
    }

    @Test
    void onlyTheOrchestratorSignsReceipts() {
        assertRejected(verify(SignedReceipt.of(fixture.receipt(), fixture.worker)), "not the orchestrator");
        SignedReceipt foreign = SignedReceipt.of(fixture.receipt(), fixture.worker);
        assertRejected(
                verify(new SignedReceipt(foreign.receipt(), fixture.gateway.account(), foreign.signature())),
                "the gateway's signature does not fit");
    }

    @Test
    void openingsMustOpenTheCommitment() {
        Openings wrong = new Openings(ReceiptFixture.filled(4), ReceiptFixture.filled(5), ReceiptFixture.filled(99));
        Receipt good = fixture.receipt();
        assertRejected(
                verify(fixture.sign(new Receipt(
                        good.terms(), Optional.of(wrong), good.evidence(), good.settlement(), good.summary()))),
                "do not open the request commitment");
    }

    @Test
    void vouchersAreTheOrchestratorsAndWithinTheTerms() {
        Voucher voucher = fixture.voucher();
        Evidence good = fixture.receipt().evidence();
        SignedVoucher byWorker = new SignedVoucher(voucher, fixture.worker.sign(voucher.encoded()));
        assertRejected(
                verify(evidence(new Evidence(List.of(byWorker), good.statements()))), "not signed by the orchestrator");
        assertRejected(verify(voucher(51, 30)), "voucher is for more tokens");
        assertRejected(verify(voucher(5, 111)), "voucher's price is above");
        assertThat(verify(voucher(5, 110))).isInstanceOf(ReceiptVerifier.Verified.class);
    }

    @Test
    void statementsAreTheirWorkersAndWithinTheTerms() {
        Statement statement = fixture.statement().build();
        Evidence good = fixture.receipt().evidence();
        SignedStatement byGateway = new SignedStatement(statement, fixture.gateway.sign(statement.encoded()));
        assertRejected(verify(evidence(new Evidence(good.vouchers(), List.of(byGateway)))), "not signed by its worker");
        assertRejected(
                verify(with(
                        fixture.statement().requestCommitment(Bytes.zeros(32)).build())),
                "another request");
        assertRejected(verify(with(fixture.statement().tokens(101, 6).build())), "statement is for more tokens");
        assertRejected(verify(with(fixture.statement().tokens(20, 51).build())), "statement is for more tokens");
        assertRejected(verify(with(fixture.statement().price(33).build())), "statement's price is above");
    }

    @Test
    void theSummaryAgreesWithTheLastStatement() {
        assertRejected(verify(with(fixture.statement().tokens(20, 7).build())), "summary's tokens");
        assertRejected(verify(with(fixture.statement().price(31).build())), "summary's price");
        Summary good = fixture.summary();
        Split split = new Split(24, 1, 8, Optional.empty());
        assertRejected(
                verify(summary(new Summary(good.model(), good.tokens(), 32, good.times(), Optional.of(split)))),
                "does not add up");
        Split huge = new Split(Long.MAX_VALUE, Long.MAX_VALUE, 34, Optional.empty());
        assertRejected(
                verify(summary(new Summary(good.model(), good.tokens(), 32, good.times(), Optional.of(huge)))),
                "63 bits");
        SignedStatement last = fixture.receipt().evidence().statements().getFirst();
        Statement first = Statement.builder(fixture.terms.jobId(), fixture.gateway.account(), 1)
                .requestCommitment(fixture.openings.commitment())
                .outputDigest(Bytes.zeros(32))
                .build();
        SignedStatement earlier = new SignedStatement(first, fixture.gateway.sign(first.encoded()));
        assertThat(verify(evidence(new Evidence(List.of(), List.of(earlier, last)))))
                .isInstanceOf(ReceiptVerifier.Verified.class);
        assertRejected(verify(evidence(new Evidence(List.of(), List.of(last, earlier)))), "summary's tokens");
    }

    @Test
    void withoutASettledStatementThePriceIsWhatVouchersGive() {
        List<SignedVoucher> vouchers = fixture.receipt().evidence().vouchers();
        Evidence unproved = new Evidence(vouchers, List.of());
        Settlement.State state = Settlement.State.UNPROVED;
        assertThat(verify(failed(unproved, state, new Summary.Tokens(20, 5), 30)))
                .isInstanceOf(ReceiptVerifier.Verified.class);
        assertThat(verify(failed(unproved, Settlement.State.REFUNDED, new Summary.Tokens(0, 0), 0)))
                .isInstanceOf(ReceiptVerifier.Verified.class);
        assertRejected(verify(failed(unproved, state, new Summary.Tokens(20, 5), 31)), "more than the vouchers");
        assertRejected(verify(failed(unproved, state, new Summary.Tokens(101, 5), 30)), "more than the terms");
        assertRejected(
                verify(fixture.sign(fixture.receipt(unproved, fixture.settled(), fixture.summary()))),
                "a settled receipt has no statement");
        assertRejected(
                verify(failed(unproved, state, new Summary.Tokens(0, 0), 0), Expectations.NONE.text(Bytes.empty())),
                "no worker stated anything");
    }

    private static Expectations.Piece piece(int choice, PartKind kind, int index, String text) {
        return new Expectations.Piece(Part.of(choice, kind, index), Bytes.utf8(text));
    }

    private SignedReceipt evidence(Evidence evidence) {
        return fixture.sign(fixture.receipt(evidence, fixture.settled(), fixture.summary()));
    }

    private SignedReceipt with(Statement statement) {
        return evidence(fixture.evidence(fixture.voucher(), statement));
    }

    private SignedReceipt voucher(int tokens, long price) {
        Voucher voucher = Voucher.of(fixture.terms.jobId(), fixture.worker.account(), 0, tokens, price);
        return evidence(fixture.evidence(voucher, fixture.statement().build()));
    }

    private SignedReceipt summary(Summary summary) {
        return fixture.sign(fixture.receipt(fixture.receipt().evidence(), fixture.settled(), summary));
    }

    private SignedReceipt failed(Evidence evidence, Settlement.State state, Summary.Tokens tokens, long price) {
        Summary summary =
                new Summary("smollm2", tokens, price, fixture.summary().times(), Optional.empty());
        return fixture.sign(fixture.receipt(evidence, new Settlement(state, ReceiptFixture.LOCK, null), summary));
    }

    private static byte[] json(SignedReceipt signed) {
        return Bytes.utf8(ReceiptJson.write(signed)).toByteArray();
    }

    private static ReceiptVerifier.Result verify(SignedReceipt signed) {
        return verify(signed, Expectations.NONE);
    }

    private static ReceiptVerifier.Result verify(SignedReceipt signed, Expectations expectations) {
        return ReceiptVerifier.verify(json(signed), expectations);
    }

    private static void assertRejected(ReceiptVerifier.Result result, String reason) {
        assertThat(result)
                .isInstanceOfSatisfying(
                        ReceiptVerifier.Rejected.class,
                        rejected -> assertThat(rejected.reason()).contains(reason));
    }
}

package org.usedecentral.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.usedecentral.crypto.Ed25519;
import org.usedecentral.link.Frame;
import org.usedecentral.link.RequestCodec;
import org.usedecentral.link.SealedPayload;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.ModelId;
import org.usedecentral.spi.Signer;
import org.usedecentral.spi.inference.GenerationRequest;
import org.usedecentral.spi.inference.Message;
import org.usedecentral.spi.protocol.LedgerId;
import org.usedecentral.spi.protocol.Terms;
import org.usedecentral.spi.protocol.TokenPrices;
import org.usedecentral.spi.protocol.TransactionId;
import org.usedecentral.spi.protocol.Voucher;
import org.usedecentral.time.TurnedTimers;

/** What a worker checks before it looks at the ledger; each case breaks one thing. */
final class CheckedJobTest {
    private static final Ed25519.KeyPair ORCHESTRATOR = Ed25519.fromSeed(filled(1));
    private static final Ed25519.KeyPair WORKER = Ed25519.fromSeed(filled(2));
    private static final LedgerId LEDGER = new LedgerId(filled(3));
    private static final CheckedJob.Parties PARTIES =
            new CheckedJob.Parties(LEDGER, ORCHESTRATOR.account(), WORKER.account());
    private static final TokenPrices PRICES = new TokenPrices(300_000, 1_000_000);

    private static Bytes filled(int value) {
        byte[] bytes = new byte[32];
        Arrays.fill(bytes, (byte) value);
        return Bytes.of(bytes);
    }

    private static GenerationRequest request(int choices, int maxOutputTokens) {
        return GenerationRequest.builder(new ModelId("m"), List.of(Message.of(Message.Role.USER, "Hi")))
                .choices(choices)
                .maxOutputTokens(maxOutputTokens)
                .build();
    }

    private static SealedPayload.Plaintext plaintext(GenerationRequest request) {
        return new SealedPayload.Plaintext(filled(4), filled(5), RequestCodec.encode(request));
    }

    private static Terms.Builder terms(GenerationRequest request) {
        return Terms.builder()
                .ledger(LEDGER)
                .payer(WORKER.account(), WORKER.account())
                .orchestrator(ORCHESTRATOR.account())
                .nonce(filled(6))
                .requestCommitment(plaintext(request).commitment())
                .caps(100, 50)
                .ceiling(PRICES)
                .validUntil(TurnedTimers.START)
                .proofScheme(1);
    }

    private static Frame.Job job(Terms terms, Voucher voucher, Signer signer, long budget) {
        return new Frame.Job(
                7,
                2,
                new Frame.Assignment(
                        terms.encoded(),
                        new TransactionId(filled(8)),
                        budget,
                        voucher.encoded(),
                        signer.sign(voucher.encoded())),
                new SealedPayload(filled(1), filled(2), Bytes.utf8("sealed")));
    }

    private static Frame.Job job(Terms terms) {
        return job(terms, Voucher.of(terms.jobId(), WORKER.account(), 2, 0, 0), ORCHESTRATOR, terms.locked());
    }

    private static CheckedJob open(Terms terms, GenerationRequest request, TokenPrices prices) {
        SealedPayload.Opened opened =
                new SealedPayload.Opened(plaintext(request), filled(9).slice(0, 16));
        return CheckedJob.of(job(terms), WORKER.account(), opened, asked -> new CheckedJob.Hosting(filled(7), prices));
    }

    private static void assertInvalid(Frame.Job job) {
        assertThatThrownBy(() -> CheckedJob.checkAssignment(job, PARTIES))
                .isInstanceOfSatisfying(
                        DecentralException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_REQUEST));
    }

    @Test
    void aGoodAssignmentPasses() {
        GenerationRequest request = request(1, 50);
        Terms terms = terms(request).build();
        CheckedJob.checkAssignment(job(terms), PARTIES);
        CheckedJob checked = open(terms, request, PRICES);
        assertThat(checked.id()).isEqualTo(terms.jobId());
        assertThat(checked.attempt()).isEqualTo(2);
        assertThat(checked.assignment().modelDigest()).isEqualTo(filled(7));
        assertThat(checked.price().budget()).isEqualTo(terms.locked());
    }

    @Test
    void anotherLedgerOrOrchestratorIsRefused() {
        GenerationRequest request = request(1, 50);
        assertInvalid(job(terms(request).ledger(new LedgerId(filled(99))).build()));
        assertInvalid(job(terms(request).orchestrator(WORKER.account()).build()));
    }

    @Test
    void theVoucherMustBeTheAssignmentOfThisAttempt() {
        Terms terms = terms(request(1, 50)).build();
        long locked = terms.locked();
        assertInvalid(job(terms, Voucher.of(terms.jobId(), WORKER.account(), 1, 0, 0), ORCHESTRATOR, locked));
        assertInvalid(job(terms, Voucher.of(terms.jobId(), WORKER.account(), 2, 1, 0), ORCHESTRATOR, locked));
        assertInvalid(job(terms, Voucher.of(terms.jobId(), WORKER.account(), 2, 0, 1), ORCHESTRATOR, locked));
        assertInvalid(job(terms, Voucher.of(terms.jobId(), ORCHESTRATOR.account(), 2, 0, 0), ORCHESTRATOR, locked));
        Terms other = terms(request(1, 50)).nonce(filled(77)).build();
        assertInvalid(job(terms, Voucher.of(other.jobId(), WORKER.account(), 2, 0, 0), ORCHESTRATOR, locked));
    }

    @Test
    void theBudgetLiesWithinTheLock() {
        Terms terms = terms(request(1, 50)).build();
        Voucher voucher = Voucher.of(terms.jobId(), WORKER.account(), 2, 0, 0);
        for (long budget : new long[] {-1, 0, terms.locked() + 1, Long.MAX_VALUE}) {
            assertInvalid(job(terms, voucher, ORCHESTRATOR, budget));
        }
        CheckedJob.checkAssignment(job(terms, voucher, ORCHESTRATOR, 1), PARTIES);
    }

    @Test
    void theOrchestratorMustHaveSigned() {
        Terms terms = terms(request(1, 50)).build();
        Voucher voucher = Voucher.of(terms.jobId(), WORKER.account(), 2, 0, 0);
        assertThatThrownBy(() -> CheckedJob.checkAssignment(job(terms, voucher, WORKER, 1), PARTIES))
                .isInstanceOfSatisfying(
                        DecentralException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNAUTHENTICATED));
    }

    @Test
    void aPayloadThatTheTermsDoNotCommitToIsRefused() {
        Terms terms = terms(request(1, 50)).build();
        assertThatThrownBy(() -> open(terms, request(1, 49), PRICES)).hasMessageContaining("commit");
    }

    @Test
    void workThatTheTermsWouldNotPayForIsRefused() {
        for (GenerationRequest request : List.of(request(1, 51), request(2, 26), request(1, 0))) {
            Terms terms = terms(request).build();
            assertThatThrownBy(() -> open(terms, request, PRICES)).hasMessageContaining("more output");
        }
        GenerationRequest good = request(2, 25);
        Terms terms = terms(good).build();
        assertThat(open(terms, good, PRICES).request().choices()).isEqualTo(2);
        assertThatThrownBy(() -> open(terms, good, new TokenPrices(300_001, 1)))
                .hasMessageContaining("above the ceiling");
    }
}

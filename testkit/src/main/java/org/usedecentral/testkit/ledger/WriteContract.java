package org.usedecentral.testkit.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.usedecentral.spi.ErrorCode.CONFLICT;
import static org.usedecentral.spi.ErrorCode.FORBIDDEN;
import static org.usedecentral.spi.ErrorCode.INSUFFICIENT_CREDITS;
import static org.usedecentral.spi.ErrorCode.INVALID_REQUEST;
import static org.usedecentral.spi.ErrorCode.PROOF_INVALID;
import static org.usedecentral.spi.ErrorCode.UNSUPPORTED_FEATURE;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.Signer;
import org.usedecentral.spi.ledger.Committed;
import org.usedecentral.spi.ledger.CreditAccounts.Deposit;
import org.usedecentral.spi.ledger.Escrows;
import org.usedecentral.spi.ledger.SettlementLedger;
import org.usedecentral.spi.protocol.JobId;
import org.usedecentral.spi.protocol.LedgerId;
import org.usedecentral.spi.protocol.LedgerOperation;
import org.usedecentral.spi.protocol.Registration;
import org.usedecentral.spi.protocol.SignedMessage;
import org.usedecentral.spi.protocol.SignedOperation;
import org.usedecentral.spi.protocol.SignedStatement;
import org.usedecentral.spi.protocol.SignedVoucher;
import org.usedecentral.spi.protocol.Terms;
import org.usedecentral.spi.protocol.WriteId;

/** Write ids, signatures, and operations that were signed elsewhere. */
interface WriteContract {
    @Test
    default void aRepeatedWriteIsTheFirst(LedgerStage stage) {
        Signer worker = stage.worker("A");
        stage.deposit(stage.payer, 1000);
        Terms terms = stage.terms(400).build();
        Escrows escrows = stage.ledger.escrows();
        WriteId id = stage.write();
        Committed lock = escrows.lock(id, terms, stage.payer, stage.orchestrator);
        LedgerStage.assertSame(escrows.lock(id, terms, stage.payer, stage.orchestrator), lock);
        SignedVoucher voucher = stage.voucher(terms.jobId(), worker, 100);
        Committed claim = escrows.claim(id, voucher, worker);
        LedgerStage.assertSame(escrows.claim(id, voucher, worker), claim);
        SignedStatement statement =
                LedgerStage.signed(stage.statement(terms.jobId(), worker, 200).build(), worker);
        Committed settle = escrows.settle(id, statement, stage.orchestrator);
        LedgerStage.assertSame(escrows.settle(id, statement, stage.orchestrator), settle);
        assertThat(stage.funds(terms.jobId()).held()).isEqualTo(75);
        stage.pass(21);
        Committed refund = escrows.refund(id, terms.jobId(), stage.stranger);
        LedgerStage.assertSame(escrows.refund(id, terms.jobId(), stage.stranger), refund);
        stage.pass(40);
        WriteId last = stage.write();
        Committed close = escrows.close(last, terms.jobId(), stage.stranger);
        // Long after, when none of them would be taken any more, each still has its result.
        stage.pass(100_000);
        stage.restartAfter(Duration.ofSeconds(7));
        Escrows restarted = stage.ledger.escrows();
        LedgerStage.assertSame(restarted.lock(id, terms, stage.payer, stage.orchestrator), lock);
        LedgerStage.assertSame(restarted.claim(id, voucher, worker), claim);
        LedgerStage.assertSame(restarted.settle(id, statement, stage.orchestrator), settle);
        LedgerStage.assertSame(restarted.refund(id, terms.jobId(), stage.stranger), refund);
        LedgerStage.assertSame(restarted.close(last, terms.jobId(), stage.stranger), close);
        assertThat(stage.free(stage.payer)).isEqualTo(800);
    }

    @Test
    default void theSameIdWithOtherContentIsAConflict(LedgerStage stage) {
        Deposit deposit = new Deposit(stage.payer.account(), 100, "wire");
        WriteId id = stage.write();
        Committed first = stage.deposit(id, deposit);
        stage.refused(
                CONFLICT,
                () -> stage.ledger
                        .credits()
                        .deposit(id, stage.operator, new Deposit(stage.payer.account(), 101, "wire")));
        stage.refused(
                CONFLICT,
                () -> stage.ledger
                        .credits()
                        .deposit(id, stage.operator, new Deposit(stage.payer.account(), 100, "other wire")));
        LedgerStage.assertSame(stage.ledger.credits().deposit(id, stage.operator, deposit), first);
        JobId job = stage.locked(50);
        WriteId expire = stage.write();
        stage.ledger.escrows().expire(expire, job, stage.orchestrator);
        stage.pass(121);
        stage.refused(CONFLICT, () -> stage.ledger.escrows().refund(expire, job, stage.orchestrator));
    }

    @Test
    default void aWriteIdIsItsSignersOwn(LedgerStage stage) {
        stage.deposit(stage.payer, 1000);
        Terms terms = stage.terms(400).build();
        WriteId id = stage.write();
        Signer squatter = stage.stranger;
        stage.ledger
                .workers()
                .register(
                        id,
                        new Registration(squatter.account(), squatter.account(), squatter.account()),
                        squatter,
                        squatter);
        Committed lock = stage.ledger.escrows().lock(id, terms, stage.payer, stage.orchestrator);
        assertThat(stage.job(terms.jobId()).lockTransaction()).isEqualTo(lock.transaction());
        // The second signature does not own the id.
        stage.ledger.escrows().expire(id, terms.jobId(), stage.orchestrator);
        stage.refused(CONFLICT, () -> stage.ledger.escrows().refund(id, terms.jobId(), stage.payer));
    }

    @Test
    default void aRefusedWriteIsNotRecorded(LedgerStage stage) {
        stage.deposit(stage.payer, 399);
        Terms terms = stage.terms(400).build();
        WriteId id = stage.write();
        stage.refused(
                INSUFFICIENT_CREDITS, () -> stage.ledger.escrows().lock(id, terms, stage.payer, stage.orchestrator));
        stage.deposit(stage.payer, 1);
        stage.ledger.escrows().lock(id, terms, stage.payer, stage.orchestrator);
        WriteId other = stage.write();
        stage.refused(CONFLICT, () -> stage.ledger.escrows().refund(other, terms.jobId(), stage.orchestrator));
        stage.ledger.escrows().expire(other, terms.jobId(), stage.orchestrator);
    }

    @Test
    default void transactionsAreUniqueAndPositionsGrow(LedgerStage stage) {
        Committed first = stage.deposit(stage.payer.account(), 1, "wire 1");
        Committed second = stage.deposit(stage.payer.account(), 1, "wire 2");
        assertThat(second.position()).isGreaterThan(first.position());
        assertThat(second.transaction()).isNotEqualTo(first.transaction());
    }

    @Test
    default void whatWasSignedElsewhereIsWritten(LedgerStage stage) {
        Signer worker = stage.worker("A");
        stage.deposit(stage.payer, 1000);
        JobId job = stage.locked(400);
        WriteId id = stage.write();
        SignedVoucher voucher = stage.voucher(job, worker, 200);
        SignedOperation operation =
                SignedOperation.of(stage.ledger.id(), id, new LedgerOperation.Claim(voucher), worker);
        Committed committed = stage.ledger.submit(operation);
        assertThat(stage.free(stage.payout(worker))).isEqualTo(150);
        LedgerStage.assertSame(stage.ledger.submit(operation), committed);
        LedgerStage.assertSame(stage.ledger.escrows().claim(id, voucher, worker), committed);
    }

    @Test
    default void aPayersMessageMayBeSubmitted(LedgerStage stage) {
        stage.deposit(stage.payer, 1000);
        SignedMessage message = stage.approving(stage.approval(100, 200));
        Bytes body = new LedgerOperation.Approve(message).encode();
        WriteId id = message.message().writeId();
        Committed committed = stage.ledger.submit(new SignedOperation(id, body, List.of()));
        assertThat(stage.spent()).isZero();
        LedgerStage.assertSame(stage.ledger.credits().approve(message), committed);
        stage.refused(INVALID_REQUEST, () -> stage.ledger.submit(new SignedOperation(stage.write(), body, List.of())));
        stage.refused(
                INVALID_REQUEST,
                () -> stage.ledger.submit(
                        SignedOperation.of(stage.ledger.id(), id, new LedgerOperation.Approve(message), stage.payer)));
    }

    @Test
    default void asManySignAsMust(LedgerStage stage) {
        stage.deposit(stage.payer, 1000);
        LedgerId ledger = stage.ledger.id();
        LedgerOperation lock = new LedgerOperation.Lock(stage.terms(400).build());
        WriteId id = stage.write();
        stage.refused(FORBIDDEN, () -> stage.ledger.submit(SignedOperation.of(ledger, id, lock)));
        stage.refused(FORBIDDEN, () -> stage.ledger.submit(SignedOperation.of(ledger, id, lock, stage.payer)));
        stage.refused(FORBIDDEN, () -> stage.ledger.submit(SignedOperation.of(ledger, id, lock, stage.orchestrator)));
        stage.refused(
                INVALID_REQUEST,
                () -> stage.ledger.submit(
                        SignedOperation.of(ledger, id, lock, stage.payer, stage.orchestrator, stage.stranger)));
        Committed committed =
                stage.ledger.submit(SignedOperation.of(ledger, id, lock, stage.orchestrator, stage.payer));
        LedgerStage.assertSame(
                stage.ledger.submit(SignedOperation.of(ledger, id, lock, stage.payer, stage.orchestrator)), committed);
        LedgerOperation expire =
                new LedgerOperation.Expire(((LedgerOperation.Lock) lock).terms().jobId());
        WriteId next = stage.write();
        stage.refused(INVALID_REQUEST, () -> stage.ledger.submit(SignedOperation.of(ledger, next, expire)));
        stage.refused(
                INVALID_REQUEST,
                () -> stage.ledger.submit(
                        SignedOperation.of(ledger, next, expire, stage.orchestrator, stage.stranger)));
    }

    @Test
    default void signaturesHoldForOneWriteOnOneLedger(LedgerStage stage) {
        stage.deposit(stage.payer, 1000);
        JobId job = stage.locked(400);
        LedgerOperation expire = new LedgerOperation.Expire(job);
        WriteId id = stage.write();
        SignedOperation genuine = SignedOperation.of(stage.ledger.id(), id, expire, stage.orchestrator);
        LedgerId other = LedgerId.embedded(stage.stranger.account(), Bytes.zeros(32));
        stage.refused(FORBIDDEN, () -> stage.ledger.submit(SignedOperation.of(other, id, expire, stage.orchestrator)));
        stage.refused(
                FORBIDDEN,
                () -> stage.ledger.submit(new SignedOperation(stage.write(), genuine.body(), genuine.signatures())));
        stage.refused(
                FORBIDDEN,
                () -> stage.ledger.submit(
                        new SignedOperation(id, new LedgerOperation.Close(job).encode(), genuine.signatures())));
        stage.refused(FORBIDDEN, () -> stage.ledger.submit(forged(genuine, Bytes.zeros(64))));
        stage.ledger.submit(genuine);
        // A write that was taken is not proved to whoever guesses its id.
        stage.refused(FORBIDDEN, () -> stage.ledger.submit(forged(genuine, Bytes.zeros(64))));
    }

    private static SignedOperation forged(SignedOperation genuine, Bytes signature) {
        Account account = genuine.signatures().getFirst().account();
        return new SignedOperation(
                genuine.write(), genuine.body(), List.of(new SignedOperation.Signature(account, signature)));
    }

    @Test
    default void aSignerThatNamesAnotherAccountIsRefused(LedgerStage stage) {
        stage.deposit(stage.payer, 1000);
        Signer liar = new Signer() {
            @Override
            public Account account() {
                return stage.orchestrator.account();
            }

            @Override
            public Bytes sign(Bytes message) {
                return stage.stranger.sign(message);
            }
        };
        Terms terms = stage.terms(400).build();
        stage.refused(FORBIDDEN, () -> stage.ledger.escrows().lock(stage.write(), terms, stage.payer, liar));
        stage.lock(terms);
        stage.refused(FORBIDDEN, () -> stage.ledger.escrows().expire(stage.write(), terms.jobId(), liar));
    }

    @Test
    default void whatIsNoOperationIsRefused(LedgerStage stage) {
        Bytes expire = new LedgerOperation.Expire(stage.terms(1).build().jobId()).encode();
        for (Bytes bad : List.of(
                Bytes.empty(),
                Bytes.of((byte) 8),
                expire.slice(0, 32),
                Bytes.concat(expire, Bytes.zeros(1)),
                Bytes.concat(Bytes.of((byte) 5), Bytes.zeros(Terms.LENGTH)),
                Bytes.concat(Bytes.of((byte) 2), Bytes.zeros(66)))) {
            stage.refused(INVALID_REQUEST, () -> stage.ledger.submit(raw(stage, bad)));
        }
        Bytes unknown = Bytes.concat(Bytes.of((byte) 99), Bytes.zeros(32));
        stage.refused(UNSUPPORTED_FEATURE, () -> stage.ledger.submit(raw(stage, unknown)));
    }

    private static SignedOperation raw(LedgerStage stage, Bytes body) {
        return new SignedOperation(
                stage.write(), body, List.of(new SignedOperation.Signature(stage.payer.account(), Bytes.zeros(64))));
    }

    @Test
    default void aBadProofIsNotRecorded(LedgerStage stage) {
        Signer worker = stage.worker("A");
        stage.deposit(stage.payer, 1000);
        JobId job = stage.locked(400);
        WriteId id = stage.write();
        stage.refused(
                PROOF_INVALID,
                () -> stage.ledger
                        .escrows()
                        .settle(
                                id,
                                LedgerStage.signed(
                                        stage.statement(job, worker, 200).build(), stage.stranger),
                                stage.orchestrator));
        stage.ledger
                .escrows()
                .settle(id, LedgerStage.signed(stage.statement(job, worker, 200).build(), worker), stage.orchestrator);
    }

    /** What an engine does not offer yet, it says; one that offers it overrides this test with the rules' own. */
    @Test
    default void whatIsNotOfferedIsUnsupported(LedgerStage stage) {
        SettlementLedger ledger = stage.ledger;
        Signer worker = stage.worker("A");
        stage.deposit(stage.payer, 1000);
        JobId job = stage.locked(400);
        stage.settle(job, worker, 200);
        SignedStatement other =
                LedgerStage.signed(stage.statement(job, worker, 100).build(), worker);
        stage.refused(
                UNSUPPORTED_FEATURE, () -> ledger.escrows().dispute(stage.write(), job, Bytes.zeros(32), stage.payer));
        stage.refused(UNSUPPORTED_FEATURE, () -> ledger.escrows().equivocate(stage.write(), other, stage.stranger));
        stage.refused(
                UNSUPPORTED_FEATURE,
                () -> ledger.escrows().disclose(stage.write(), job, List.of(Bytes.zeros(32)), worker));
        stage.refused(
                UNSUPPORTED_FEATURE, () -> ledger.escrows().rule(stage.write(), job, true, List.of(stage.operator)));
        stage.refused(
                UNSUPPORTED_FEATURE,
                () -> ledger.workers().stake(stage.write(), worker.account(), 1, Duration.ZERO, stage.owner(worker)));
        stage.refused(
                UNSUPPORTED_FEATURE,
                () -> ledger.workers().beginUnstake(stage.write(), worker.account(), stage.owner(worker)));
        stage.refused(
                UNSUPPORTED_FEATURE,
                () -> ledger.workers().withdrawStake(stage.write(), worker.account(), stage.owner(worker)));
    }
}

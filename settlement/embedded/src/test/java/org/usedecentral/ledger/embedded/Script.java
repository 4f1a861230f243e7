package org.usedecentral.ledger.embedded;

import java.time.Duration;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.Signer;
import org.usedecentral.spi.protocol.JobId;
import org.usedecentral.spi.protocol.LedgerId;
import org.usedecentral.spi.protocol.LedgerOperation;
import org.usedecentral.spi.protocol.Registration;
import org.usedecentral.spi.protocol.Sha256;
import org.usedecentral.spi.protocol.SignedOperation;
import org.usedecentral.spi.protocol.SignedStatement;
import org.usedecentral.spi.protocol.SignedVoucher;
import org.usedecentral.spi.protocol.Statement;
import org.usedecentral.spi.protocol.Terms;
import org.usedecentral.spi.protocol.TokenPrices;
import org.usedecentral.spi.protocol.Voucher;
import org.usedecentral.spi.protocol.WriteId;
import org.usedecentral.testkit.TurnableClock;

/**
 * What one of many callers writes, operation after operation, always the same: a deposit, two workers, then jobs of which each is
 * locked, claimed, settled and expired. The clock stands still meanwhile.
 */
final class Script {
    static final int FIRST_JOB = 3;
    static final int STEPS = 4;
    static final long DEPOSIT = 1_000_000;
    static final long LOCKED = 100;
    static final long CLAIMED = 30;
    static final long SETTLED = 60;

    private final LedgerId ledger;
    private final int caller;
    private final Signer payer;
    private final Signer settled;
    private final Signer claims;

    Script(LedgerId ledger, int caller) {
        this.ledger = ledger;
        this.caller = caller;
        this.payer = Scene.key("payer " + caller);
        this.settled = Scene.key("settled worker " + caller);
        this.claims = Scene.key("claiming worker " + caller);
    }

    Account payer() {
        return payer.account();
    }

    Account claimingWorker() {
        return claims.account();
    }

    JobId job(int number) {
        return terms(number).jobId();
    }

    SignedOperation operation(int index) {
        WriteId write = WriteId.derived("script", Bytes.utf8(caller + "/" + index));
        return switch (index) {
            case 0 -> signed(write, new LedgerOperation.Deposit(payer(), DEPOSIT, "wire " + caller), Scene.OPERATOR);
            case 1 -> signed(write, register(settled), settled);
            case 2 -> signed(write, register(claims), claims);
            default -> step(write, (index - FIRST_JOB) / STEPS, (index - FIRST_JOB) % STEPS);
        };
    }

    private SignedOperation step(WriteId write, int number, int step) {
        Terms terms = terms(number);
        return switch (step) {
            case 0 -> signed(write, new LedgerOperation.Lock(terms), payer, Scene.ORCHESTRATOR);
            case 1 -> {
                Voucher voucher = Voucher.of(terms.jobId(), claims.account(), 0, (int) CLAIMED, CLAIMED);
                yield signed(
                        write,
                        new LedgerOperation.Claim(
                                new SignedVoucher(voucher, Scene.ORCHESTRATOR.sign(voucher.encoded()))),
                        claims);
            }
            case 2 -> {
                Statement statement = Statement.builder(terms.jobId(), settled.account(), 1)
                        .requestCommitment(terms.requestCommitment())
                        .outputDigest(Bytes.zeros(32))
                        .tokens(0, (int) SETTLED)
                        .price(SETTLED)
                        .build();
                yield signed(
                        write,
                        new LedgerOperation.Settle(new SignedStatement(statement, settled.sign(statement.encoded()))),
                        Scene.ORCHESTRATOR);
            }
            default -> signed(write, new LedgerOperation.Expire(terms.jobId()), Scene.ORCHESTRATOR);
        };
    }

    private SignedOperation signed(WriteId write, LedgerOperation operation, Signer... signers) {
        return SignedOperation.of(ledger, write, operation, signers);
    }

    private static LedgerOperation register(Signer worker) {
        return new LedgerOperation.Register(new Registration(worker.account(), worker.account(), worker.account()));
    }

    private Terms terms(int number) {
        return Terms.builder()
                .ledger(ledger)
                .payer(payer(), payer())
                .orchestrator(Scene.ORCHESTRATOR.account())
                .nonce(Sha256.of(Bytes.utf8("job " + caller + "/" + number)))
                .requestCommitment(Sha256.of(Bytes.utf8("request")))
                .caps(0, (int) LOCKED)
                .ceiling(new TokenPrices(0, 1_000_000))
                .validUntil(TurnableClock.START.plus(Duration.ofSeconds(60)))
                .proofScheme(Scene.SCHEME.id())
                .build();
    }
}

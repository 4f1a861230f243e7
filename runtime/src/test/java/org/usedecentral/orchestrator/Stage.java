package org.usedecentral.orchestrator;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.usedecentral.crypto.Ed25519;
import org.usedecentral.receipt.Evidence;
import org.usedecentral.receipt.Openings;
import org.usedecentral.receipt.Receipt;
import org.usedecentral.receipt.Settlement;
import org.usedecentral.receipt.SignedReceipt;
import org.usedecentral.receipt.Summary;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.Signer;
import org.usedecentral.spi.ledger.SettlementLedger;
import org.usedecentral.spi.proof.ProofScheme;
import org.usedecentral.spi.protocol.SignedStatement;
import org.usedecentral.spi.protocol.SignedVoucher;
import org.usedecentral.spi.protocol.Statement;
import org.usedecentral.spi.protocol.Terms;
import org.usedecentral.spi.protocol.TokenPrices;
import org.usedecentral.spi.protocol.Voucher;
import org.usedecentral.time.Timers;
import org.usedecentral.time.TurnedTimers;

/** What an orchestrator's pieces are made of in tests: a turned clock, a fake ledger, a seeded random source. */
final class Stage implements Parts {
    private static final long LIMIT_NANOS = 20_000_000_000L;

    final TurnedTimers timers = new TurnedTimers();
    final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    final FakeLedger ledger = new FakeLedger(timers);
    final Ed25519.KeyPair orchestrator = Ed25519.fromSeed(filled(2));
    final Ed25519.KeyPair worker = Ed25519.fromSeed(filled(3));
    private final SecureRandom random = new SeededRandom(20_300_131);
    private final Path directory;
    private final List<WeighedPolicy> policies;

    Stage(Path directory, WeighedPolicy... policies) {
        this.directory = directory;
        this.policies = List.of(policies);
    }

    static Bytes filled(int value) {
        byte[] bytes = new byte[32];
        Arrays.fill(bytes, (byte) value);
        return Bytes.of(bytes);
    }

    /** Repeats itself, unlike any other; everything that {@link SecureRandom} derives comes from these bytes. */
    private static final class SeededRandom extends SecureRandom {
        private static final long serialVersionUID = 1L;
        private final Random seeded;

        SeededRandom(long seed) {
            this.seeded = new Random(seed);
        }

        @Override
        public void nextBytes(byte[] bytes) {
            seeded.nextBytes(bytes);
        }
    }

    /** Waits for what other threads do, within a limit. */
    static void await(String what, BooleanSupplier condition) {
        long begin = System.nanoTime();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - begin > LIMIT_NANOS) {
                throw new AssertionError("not within 20 s: " + what);
            }
            LockSupport.parkNanos(1_000_000);
        }
    }

    /** Terms of this orchestrator; {@code number} makes them different from others. */
    Terms terms(int number) {
        Openings openings = openings();
        return Terms.builder()
                .ledger(FakeLedger.ID)
                .payer(worker.account(), worker.account())
                .orchestrator(orchestrator.account())
                .nonce(Bytes.concat(filled(9).slice(0, 28), Bytes.of(new byte[] {
                    (byte) (number >> 24), (byte) (number >> 16), (byte) (number >> 8), (byte) number
                })))
                .requestCommitment(openings.commitment())
                .caps(100, 50)
                .ceiling(new TokenPrices(1_000_000, 2_000_000))
                .validUntil(TurnedTimers.START.plusSeconds(30))
                .proofScheme(1)
                .build();
    }

    private static Openings openings() {
        return new Openings(filled(4), filled(5), filled(6));
    }

    SignedVoucher voucher(Terms terms, int attempt, int tokens) {
        Voucher voucher = Voucher.of(terms.jobId(), worker.account(), attempt, tokens, tokens * 2L);
        return new SignedVoucher(voucher, orchestrator.sign(voucher.encoded()));
    }

    /** A receipt of a proved job of 6 tokens. */
    SignedReceipt proved(Terms terms) {
        Statement statement = Statement.builder(terms.jobId(), worker.account(), 0)
                .requestCommitment(openings().commitment())
                .modelDigest(filled(7))
                .outputDigest(filled(8))
                .tokens(20, 6)
                .price(32)
                .build();
        SignedStatement signed = new SignedStatement(statement, worker.sign(statement.encoded()));
        return receipt(
                terms,
                new Evidence(List.of(voucher(terms, 0, 5)), List.of(signed)),
                Settlement.State.PENDING,
                new Summary.Tokens(20, 6),
                32);
    }

    /** A receipt of a job that ended with nothing but vouchers. */
    SignedReceipt unproved(Terms terms, SignedVoucher... vouchers) {
        long price = Arrays.stream(vouchers).mapToLong(v -> v.voucher().price()).sum();
        return receipt(
                terms,
                new Evidence(List.of(vouchers), List.of()),
                price > 0 ? Settlement.State.UNPROVED : Settlement.State.REFUNDED,
                new Summary.Tokens(0, 0),
                price);
    }

    private SignedReceipt receipt(
            Terms terms, Evidence evidence, Settlement.State state, Summary.Tokens tokens, long price) {
        return SignedReceipt.of(
                new Receipt(
                        terms,
                        Optional.of(openings()),
                        evidence,
                        new Settlement(state, FakeLedger.TRANSACTION, null),
                        new Summary(
                                "m",
                                tokens,
                                price,
                                new Summary.Times(TurnedTimers.START, TurnedTimers.START),
                                Optional.empty())),
                orchestrator);
    }

    @Override
    public Signer signer() {
        return orchestrator;
    }

    @Override
    public Signer spender() {
        return orchestrator;
    }

    @Override
    public SettlementLedger ledger() {
        return ledger;
    }

    @Override
    public ProofScheme proofScheme() {
        return new HandScheme();
    }

    @Override
    public MeterRegistry meters() {
        return meters;
    }

    @Override
    public List<WeighedPolicy> policies() {
        return policies;
    }

    @Override
    public Timers timers() {
        return timers;
    }

    @Override
    public SecureRandom random() {
        return random;
    }

    @Override
    public Path directory() {
        return directory;
    }

    @Override
    public Settings settings() {
        return Settings.DEFAULT;
    }
}

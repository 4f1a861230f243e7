package org.usedecentral.receipt;

import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.usedecentral.crypto.Ed25519;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.inference.Part;
import org.usedecentral.spi.protocol.LedgerId;
import org.usedecentral.spi.protocol.OutputHasher;
import org.usedecentral.spi.protocol.Sha256;
import org.usedecentral.spi.protocol.SignedStatement;
import org.usedecentral.spi.protocol.SignedVoucher;
import org.usedecentral.spi.protocol.Statement;
import org.usedecentral.spi.protocol.Terms;
import org.usedecentral.spi.protocol.TokenPrices;
import org.usedecentral.spi.protocol.TransactionId;
import org.usedecentral.spi.protocol.Voucher;

/** A good job, whose pieces tests replace one at a time. */
public final class ReceiptFixture {
    public static final Instant NOW = Instant.parse("2030-01-31T12:00:00Z");
    public static final String OUTPUT = "Hello, wörld";
    static final LedgerId LEDGER = new LedgerId(filled(1));
    static final TransactionId LOCK = new TransactionId(filled(7));
    static final TransactionId SETTLE = new TransactionId(Bytes.concat(filled(8), filled(9)));

    final Ed25519.KeyPair gateway = Ed25519.fromSeed(filled(2));
    final Ed25519.KeyPair worker = Ed25519.fromSeed(filled(3));
    final Openings openings = new Openings(filled(4), filled(5), filled(6));
    Terms terms = terms(LEDGER);

    static Bytes filled(int value) {
        byte[] bytes = new byte[32];
        Arrays.fill(bytes, (byte) value);
        return Bytes.of(bytes);
    }

    Terms terms(LedgerId ledger) {
        return Terms.builder()
                .ledger(ledger)
                .payer(worker.account(), worker.account())
                .orchestrator(gateway.account())
                .nonce(filled(10))
                .requestCommitment(openings.commitment())
                .caps(100, 50)
                .ceiling(new TokenPrices(1_000_000, 2_000_000))
                .validUntil(NOW)
                .proofScheme(1)
                .build();
    }

    Voucher voucher() {
        return Voucher.of(terms.jobId(), worker.account(), 0, 5, 30);
    }

    Statement.Builder statement() {
        OutputHasher hasher = new OutputHasher(openings.salt(), 1);
        byte[] utf8 = Bytes.utf8(OUTPUT).toByteArray();
        hasher.append(Part.TEXT, utf8, 0, utf8.length);
        return Statement.builder(terms.jobId(), worker.account(), 0)
                .requestCommitment(openings.commitment())
                .modelDigest(Sha256.of(Bytes.utf8("model")))
                .outputDigest(hasher.digest())
                .tokens(20, 6)
                .price(32);
    }

    Evidence evidence(Voucher voucher, Statement statement) {
        return new Evidence(
                List.of(new SignedVoucher(voucher, gateway.sign(voucher.encoded()))),
                List.of(new SignedStatement(statement, worker.sign(statement.encoded()))));
    }

    Summary summary() {
        return new Summary(
                "smollm2/135m",
                new Summary.Tokens(20, 6),
                32,
                new Summary.Times(NOW, NOW.plusMillis(1_250)),
                Optional.of(new Split(24, 1, 7, Optional.of(NOW.plusSeconds(80)))));
    }

    Settlement settled() {
        return new Settlement(Settlement.State.SETTLED, LOCK, SETTLE);
    }

    Receipt receipt() {
        return receipt(evidence(voucher(), statement().build()), settled(), summary());
    }

    Receipt receipt(Evidence evidence, Settlement settlement, Summary summary) {
        return new Receipt(terms, Optional.of(openings), evidence, settlement, summary);
    }

    SignedReceipt sign(Receipt receipt) {
        return SignedReceipt.of(receipt, gateway);
    }

    /** A receipt whose settlement is pending, as it ends a stream. */
    public static SignedReceipt pending() {
        ReceiptFixture fixture = new ReceiptFixture();
        Settlement pending = new Settlement(Settlement.State.PENDING, LOCK, null);
        return fixture.sign(fixture.receipt(
                fixture.evidence(fixture.voucher(), fixture.statement().build()), pending, fixture.summary()));
    }
}

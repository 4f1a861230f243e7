package org.usedecentral.ledger.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.usedecentral.crypto.Ed25519;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.Signer;
import org.usedecentral.spi.ledger.Committed;
import org.usedecentral.spi.ledger.CreditAccounts;
import org.usedecentral.spi.ledger.EscrowedJob;
import org.usedecentral.spi.ledger.Parameters;
import org.usedecentral.spi.proof.ProofScheme;
import org.usedecentral.spi.protocol.ApprovalTerms;
import org.usedecentral.spi.protocol.JobId;
import org.usedecentral.spi.protocol.PayerMessage;
import org.usedecentral.spi.protocol.Registration;
import org.usedecentral.spi.protocol.Sha256;
import org.usedecentral.spi.protocol.SignedMessage;
import org.usedecentral.spi.protocol.SignedStatement;
import org.usedecentral.spi.protocol.SignedVoucher;
import org.usedecentral.spi.protocol.Statement;
import org.usedecentral.spi.protocol.Terms;
import org.usedecentral.spi.protocol.TokenPrices;
import org.usedecentral.spi.protocol.Voucher;
import org.usedecentral.spi.protocol.WriteId;
import org.usedecentral.testkit.TurnableClock;
import org.usedecentral.testkit.ledger.LedgerContext;
import org.usedecentral.testkit.ledger.StatementScheme;

/** A ledger in a folder, with a few parties, for what the contract cannot ask of every engine. One base unit buys one output token. */
final class Scene implements AutoCloseable {
    static final ProofScheme SCHEME = new StatementScheme();

    /** So few that tests reach them. */
    static final Writer.Limits LIMITS = new Writer.Limits(256, 64);

    static final Signer OPERATOR = key("operator");
    static final Signer PAYER = key("payer");
    static final Signer ORCHESTRATOR = key("orchestrator");
    static final Signer WORKER = key("worker");

    final TurnableClock clock;
    final Path folder;
    private final EmbeddedLedgerConfig config;
    private @Nullable EmbeddedLedger open;

    Scene(Path folder, TurnableClock clock, EmbeddedLedgerConfig config) {
        this.folder = folder;
        this.clock = clock;
        this.config = config;
    }

    Scene(Path folder) {
        this(folder, new TurnableClock(), usual());
    }

    static EmbeddedLedgerConfig usual() {
        return new EmbeddedLedgerConfig(null, Parameters.DEFAULT, LIMITS);
    }

    /** A party's key: the same for the same name. */
    static Signer key(String name) {
        return Ed25519.fromSeed(Sha256.of(Bytes.utf8("party " + name)));
    }

    static WriteId write(String name) {
        return WriteId.derived("test", Bytes.utf8(name));
    }

    // Life.

    Scene start() {
        return startAs(OPERATOR);
    }

    Scene startAs(Signer node) {
        return start(clock, node);
    }

    Scene start(Clock time, Signer node) {
        EmbeddedLedger ledger = new EmbeddedLedger("embedded", config);
        try {
            ledger.start(new LedgerContext(time, folder, SCHEME, node));
        } catch (DecentralException e) {
            ledger.close();
            throw e;
        }
        open = ledger;
        return this;
    }

    EmbeddedLedger ledger() {
        EmbeddedLedger ledger = open;
        if (ledger == null) {
            throw new IllegalStateException("not started");
        }
        return ledger;
    }

    @Override
    public void close() {
        EmbeddedLedger ledger = open;
        open = null;
        if (ledger != null) {
            ledger.close();
        }
    }

    /** The folder as it would be found if the process died now. */
    Scene died(Path copy) {
        Path from = database().getParent();
        Path to = copy.resolve("embedded");
        try (Stream<Path> files = Files.list(from)) {
            Files.createDirectories(to);
            List<Path> all = files.toList();
            for (Path file : all) {
                Files.copy(file, to.resolve(file.getFileName()));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new Scene(copy, clock, config);
    }

    Path database() {
        return folder.resolve("embedded").resolve(EmbeddedLedger.FILE);
    }

    JournalAudit.Report audit() {
        return JournalAudit.verify(database(), SCHEME);
    }

    /** Changes the closed ledger's file behind its back. */
    void tamper(String... statements) throws SQLException {
        // Without the foreign keys and the checks that our own connections switch on.
        try (var connection = DriverManager.getConnection("jdbc:sqlite:" + database());
                var statement = connection.createStatement()) {
            for (String text : statements) {
                int ignored = statement.executeUpdate(text);
            }
        }
    }

    long heartbeat() throws SQLException {
        try (Store store = new Store(Database.read(database()))) {
            Store.LedgerRow row = store.ledger();
            return row == null ? 0 : row.heartbeat();
        }
    }

    // Writes.

    Committed deposit(Signer to, long amount, String reference) {
        return ledger().credits()
                .deposit(
                        write("deposit " + reference),
                        OPERATOR,
                        new CreditAccounts.Deposit(to.account(), amount, reference));
    }

    Committed register(Signer worker) {
        return ledger().workers()
                .register(
                        write("register " + worker.account()),
                        new Registration(worker.account(), worker.account(), worker.account()),
                        worker,
                        worker);
    }

    Terms terms(String nonce, long locked) {
        return terms(nonce, locked, PAYER);
    }

    Terms terms(String nonce, long locked, Signer lockSigner) {
        return Terms.builder()
                .ledger(ledger().id())
                .payer(PAYER.account(), lockSigner.account())
                .orchestrator(ORCHESTRATOR.account())
                .nonce(Sha256.of(Bytes.utf8(nonce)))
                .requestCommitment(Sha256.of(Bytes.utf8("request")))
                .caps(0, Math.toIntExact(locked))
                .ceiling(new TokenPrices(0, 1_000_000))
                .validUntil(ledger().time().plusSeconds(60))
                .proofScheme(SCHEME.id())
                .build();
    }

    Committed lock(Terms terms) {
        return ledger().escrows().lock(write("lock " + terms.jobId()), terms, PAYER, ORCHESTRATOR);
    }

    JobId locked(String nonce, long amount) {
        Terms terms = terms(nonce, amount);
        Committed ignored = lock(terms);
        return terms.jobId();
    }

    SignedStatement statement(Terms terms, Signer worker, long price) {
        Statement statement = Statement.builder(terms.jobId(), worker.account(), 0)
                .requestCommitment(terms.requestCommitment())
                .outputDigest(Sha256.of(Bytes.utf8("output")))
                .tokens(0, Math.toIntExact(price))
                .price(price)
                .build();
        return new SignedStatement(statement, worker.sign(statement.encoded()));
    }

    Committed settle(JobId job, Signer worker, long price) {
        return ledger().escrows()
                .settle(write("settle " + job), statement(job(job).terms(), worker, price), ORCHESTRATOR);
    }

    static SignedVoucher voucher(JobId job, Signer worker, long price) {
        Voucher voucher = Voucher.of(job, worker.account(), 0, Math.toIntExact(price), price);
        return new SignedVoucher(voucher, ORCHESTRATOR.sign(voucher.encoded()));
    }

    Committed claim(JobId job, Signer worker, long price) {
        return ledger().escrows()
                .claim(
                        WriteId.derived("claim", job.value(), worker.account().key(), Bytes.utf8(Long.toString(price))),
                        voucher(job, worker, price),
                        worker);
    }

    Committed expire(JobId job) {
        return ledger().escrows().expire(write("expire " + job), job, ORCHESTRATOR);
    }

    Committed refund(JobId job) {
        return ledger().escrows().refund(write("refund " + job), job, WORKER);
    }

    Committed closeJob(JobId job) {
        return ledger().escrows().close(write("close " + job), job, WORKER);
    }

    Committed approve(Signer spender, long limit) {
        ApprovalTerms terms = new ApprovalTerms(
                spender.account(),
                Account.NONE,
                new ApprovalTerms.Caps(limit, limit),
                ledger().time().plus(Duration.ofHours(1)),
                false);
        return ledger().credits()
                .approve(SignedMessage.of(
                        PayerMessage.approve(
                                origin(), nextSequence(), ledger().time().plusSeconds(60), terms),
                        PAYER));
    }

    SignedMessage withdrawal(long amount) {
        return SignedMessage.of(
                PayerMessage.withdraw(origin(), nextSequence(), ledger().time().plusSeconds(60), amount, "bank"),
                PAYER);
    }

    private PayerMessage.Origin origin() {
        return new PayerMessage.Origin(ledger().id(), PAYER.account());
    }

    private long nextSequence() {
        return ledger().credits().balance(PAYER.account()).sequence() + 1;
    }

    // Reads.

    EscrowedJob job(JobId job) {
        return ledger().escrows().find(job).orElseThrow();
    }

    long free(Signer party) {
        return ledger().credits().balance(party.account()).free();
    }

    /** The call is refused with that code; its message. */
    static String refused(ErrorCode code, ThrowingCallable call) {
        DecentralException refusal = catchThrowableOfType(DecentralException.class, call);
        assertThat(refusal).as("a refusal with " + code).isNotNull();
        assertThat(refusal.code()).as(refusal.message()).isEqualTo(code);
        return refusal.message();
    }
}

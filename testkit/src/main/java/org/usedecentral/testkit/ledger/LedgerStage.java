package org.usedecentral.testkit.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.Signer;
import org.usedecentral.spi.ledger.Approval;
import org.usedecentral.spi.ledger.Balance;
import org.usedecentral.spi.ledger.Committed;
import org.usedecentral.spi.ledger.CreditAccounts;
import org.usedecentral.spi.ledger.EscrowedJob;
import org.usedecentral.spi.ledger.SettlementLedger;
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

/**
 * A ledger with a payer, a spender, an orchestrator and workers on it, and the sentences in which {@link SettlementLedgerContract} is
 * told. One base unit buys one output token. One thread.
 */
public final class LedgerStage implements AutoCloseable {
    /** What one output token costs: a base unit. */
    static final TokenPrices CEILING = new TokenPrices(0, 1_000_000);

    /** Keys that verify signatures nobody made; among them {@link Account#NONE}. */
    static final List<Account> SMALL_ORDER = List.of(
            Account.NONE,
            new Account(Bytes.fromHex("0100000000000000000000000000000000000000000000000000000000000000")),
            new Account(Bytes.fromHex("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")),
            new Account(Bytes.fromHex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a")));

    final TurnableClock clock = new TurnableClock();
    final LedgerFixture fixture;
    final Signer operator;
    final Signer payer;
    final Signer spender;
    final Signer orchestrator;
    final Signer stranger;
    SettlementLedger ledger;

    private final Map<Account, Signer> owners = new LinkedHashMap<>();
    private final Set<Account> accounts = new LinkedHashSet<>();
    private long deposited;
    private int writes;
    private int jobs;

    LedgerStage(LedgerFixture fixture) {
        this.fixture = fixture;
        this.ledger = fixture.open(clock);
        this.operator = fixture.operator();
        this.payer = party("payer");
        this.spender = party("spender");
        this.orchestrator = party("orchestrator");
        this.stranger = party("stranger");
        accounts.add(operator.account());
        accounts.add(fixture.treasury());
    }

    /** Checks that no credit came from nowhere or was lost, then removes the ledger. */
    @Override
    public void close() {
        try (fixture) {
            assertThat(total()).as("credits of all accounts together").isEqualTo(deposited);
        }
    }

    /** Credits of all accounts of this stage, in jobs and out of them. */
    private long total() {
        return accounts.stream()
                .map(ledger.credits()::balance)
                .mapToLong(balance -> balance.free() + balance.locked() + balance.held())
                .sum();
    }

    // Parties

    /** A party of that name. */
    Signer party(String name) {
        Signer signer = fixture.signer(name);
        accounts.add(signer.account());
        return signer;
    }

    /** A registered worker of that name, with an owner and a payout of its own. */
    Signer worker(String name) {
        Signer key = party(name);
        if (ledger.workers().find(key.account()).isEmpty()) {
            register(key);
        }
        return key;
    }

    Committed register(Signer key) {
        return register(new Registration(owner(key).account(), key.account(), payout(key)), owner(key), key);
    }

    Committed register(Registration registration, Signer owner, Signer key) {
        return ledger.workers().register(write(), registration, owner, key);
    }

    Committed update(Signer worker, Account payout, Signer signer) {
        return ledger.workers().update(write(), worker.account(), payout, signer);
    }

    Committed retire(Signer worker) {
        return ledger.workers().retire(write(), worker.account(), owner(worker));
    }

    Signer owner(Signer worker) {
        return owners.computeIfAbsent(worker.account(), key -> party("owner of " + key));
    }

    Account payout(Signer worker) {
        return payoutOf(worker).account();
    }

    Signer payoutOf(Signer worker) {
        return party("payout of " + worker.account());
    }

    // Time

    void pass(long seconds) {
        clock.advance(Duration.ofSeconds(seconds));
    }

    Instant now() {
        return ledger.time();
    }

    /** Stops the ledger for that long. */
    void restartAfter(Duration downtime) {
        ledger = fixture.restart(ledger, clock, downtime);
    }

    // Credits

    /** A write id nobody has used. */
    WriteId write() {
        return WriteId.derived("stage", Bytes.utf8(Integer.toString(writes++)));
    }

    void deposit(Signer to, long amount) {
        deposit(to.account(), amount, "payment " + writes);
    }

    Committed deposit(Account to, long amount, String reference) {
        return deposit(write(), new CreditAccounts.Deposit(to, amount, reference));
    }

    Committed deposit(WriteId write, CreditAccounts.Deposit deposit) {
        accounts.add(deposit.account());
        Committed committed = ledger.credits().deposit(write, operator, deposit);
        deposited += deposit.amount();
        return committed;
    }

    Balance balance(Signer party) {
        return ledger.credits().balance(party.account());
    }

    long free(Signer party) {
        return free(party.account());
    }

    long free(Account account) {
        return ledger.credits().balance(account).free();
    }

    long treasury() {
        return free(fixture.treasury());
    }

    PayerMessage.Origin origin(Signer from) {
        return new PayerMessage.Origin(ledger.id(), from.account());
    }

    /** The sequence of a party's next message. */
    long nextSequence(Signer from) {
        return ledger.credits().balance(from.account()).sequence() + 1;
    }

    SignedMessage withdrawal(Signer from, long amount) {
        return SignedMessage.of(
                PayerMessage.withdraw(origin(from), nextSequence(from), now().plusSeconds(60), amount, "bank"), from);
    }

    Committed withdraw(Signer from, long amount) {
        return withdraw(withdrawal(from, amount));
    }

    Committed withdraw(SignedMessage message) {
        Committed committed = ledger.credits().withdraw(message);
        deposited -= message.message().number("amount");
        return committed;
    }

    /** Terms of an approval for the spender: any orchestrator, an hour. */
    ApprovalTerms approval(long jobCap, long limit) {
        return new ApprovalTerms(
                spender.account(),
                Account.NONE,
                new ApprovalTerms.Caps(jobCap, limit),
                now().plus(Duration.ofHours(1)),
                false);
    }

    /** The payer's signed message that approves. */
    SignedMessage approving(ApprovalTerms terms) {
        return SignedMessage.of(
                PayerMessage.approve(origin(payer), nextSequence(payer), now().plusSeconds(60), terms), payer);
    }

    Committed approve(ApprovalTerms terms) {
        return ledger.credits().approve(approving(terms));
    }

    Committed revoke() {
        return ledger.credits()
                .revoke(SignedMessage.of(
                        PayerMessage.revoke(
                                origin(payer), nextSequence(payer), now().plusSeconds(60), spender.account()),
                        payer));
    }

    /** The spender's approval. */
    Approval approved() {
        return ledger.credits().approval(payer.account(), spender.account()).orElseThrow();
    }

    long spent() {
        return approved().spent();
    }

    // Jobs

    /** Terms that lock that much, by the payer itself, for 120 s. */
    Terms.Builder terms(long locked) {
        return Terms.builder()
                .ledger(ledger.id())
                .payer(payer.account(), payer.account())
                .orchestrator(orchestrator.account())
                .nonce(Sha256.of(Bytes.utf8("nonce " + jobs++)))
                .requestCommitment(Sha256.of(Bytes.utf8("request")))
                .caps(10, Math.toIntExact(locked))
                .ceiling(CEILING)
                .validUntil(now().plusSeconds(30))
                .proofScheme(fixture.proofScheme().id());
    }

    /** Terms that the spender signs. */
    Terms.Builder spenderTerms(long locked) {
        return terms(locked).payer(payer.account(), spender.account());
    }

    Committed lock(Terms terms) {
        return ledger.escrows()
                .lock(write(), terms, terms.lockSigner().equals(spender.account()) ? spender : payer, orchestrator);
    }

    /** A job of the payer's own, just locked. */
    JobId locked(long amount) {
        Terms terms = terms(amount).build();
        lock(terms);
        return terms.jobId();
    }

    EscrowedJob job(JobId id) {
        return ledger.escrows().find(id).orElseThrow();
    }

    EscrowedJob.Funds funds(JobId id) {
        return job(id).funds();
    }

    /** A statement for that price, about as many tokens, not yet built. */
    Statement.Builder statement(JobId id, Signer worker, long price) {
        return Statement.builder(id, worker.account(), 0)
                .requestCommitment(job(id).terms().requestCommitment())
                .outputDigest(Sha256.of(Bytes.utf8("output")))
                .tokens(0, Math.toIntExact(price))
                .price(price);
    }

    static SignedStatement signed(Statement statement, Signer worker) {
        return new SignedStatement(statement, worker.sign(statement.encoded()));
    }

    Committed settle(JobId id, Signer worker, long price) {
        return ledger.escrows()
                .settle(write(), signed(statement(id, worker, price).build(), worker), orchestrator);
    }

    SignedVoucher voucher(JobId id, Signer worker, long price) {
        Voucher voucher = Voucher.of(id, worker.account(), 0, Math.toIntExact(price), price);
        return new SignedVoucher(voucher, orchestrator.sign(voucher.encoded()));
    }

    /** The worker cashes a voucher of that price. */
    Committed claim(JobId id, Signer worker, long price) {
        return claim(id, worker, price, worker);
    }

    Committed claim(JobId id, Signer worker, long price, Signer claimant) {
        return ledger.escrows().claim(write(), voucher(id, worker, price), claimant);
    }

    Committed expire(JobId id) {
        return ledger.escrows().expire(write(), id, orchestrator);
    }

    Committed refund(JobId id) {
        return ledger.escrows().refund(write(), id, stranger);
    }

    Committed close(JobId id) {
        return ledger.escrows().close(write(), id, stranger);
    }

    // Results

    /** Both are the result of one write; its level may have risen. */
    static void assertSame(Committed repeated, Committed first) {
        assertThat(repeated.transaction()).isEqualTo(first.transaction());
        assertThat(repeated.position()).isEqualTo(first.position());
    }

    /** The call is refused with that code, in words, and no account changes. */
    void refused(ErrorCode code, ThrowingCallable call) {
        Map<Account, Balance> before = balances(List.copyOf(accounts));
        DecentralException refusal = catchThrowableOfType(DecentralException.class, call);
        assertThat(refusal).as("a refusal with " + code).isNotNull();
        assertThat(refusal.code()).as(refusal.message()).isEqualTo(code);
        assertThat(refusal.message()).isNotBlank();
        assertThat(balances(before.keySet())).as("balances after the refusal").isEqualTo(before);
    }

    private Map<Account, Balance> balances(Collection<Account> of) {
        Map<Account, Balance> balances = new LinkedHashMap<>();
        for (Account account : of) {
            balances.put(account, ledger.credits().balance(account));
        }
        return balances;
    }
}

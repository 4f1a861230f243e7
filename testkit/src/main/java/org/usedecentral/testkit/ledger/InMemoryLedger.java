package org.usedecentral.testkit.ledger;

import static java.util.Objects.requireNonNull;
import static org.usedecentral.testkit.ledger.Refusals.forbidden;
import static org.usedecentral.testkit.ledger.Refusals.refuse;

import java.time.Clock;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.usedecentral.crypto.Ed25519;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.PluginContext;
import org.usedecentral.spi.ledger.Approval;
import org.usedecentral.spi.ledger.Balance;
import org.usedecentral.spi.ledger.Committed;
import org.usedecentral.spi.ledger.CreditAccounts;
import org.usedecentral.spi.ledger.EscrowedJob;
import org.usedecentral.spi.ledger.Escrows;
import org.usedecentral.spi.ledger.LedgerEvents;
import org.usedecentral.spi.ledger.Parameters;
import org.usedecentral.spi.ledger.SettlementLedger;
import org.usedecentral.spi.ledger.SubmittedCredits;
import org.usedecentral.spi.ledger.SubmittedEscrows;
import org.usedecentral.spi.ledger.SubmittedWorkers;
import org.usedecentral.spi.ledger.WorkerAccount;
import org.usedecentral.spi.ledger.WorkerAccounts;
import org.usedecentral.spi.proof.Assignment;
import org.usedecentral.spi.proof.ProofScheme;
import org.usedecentral.spi.protocol.JobId;
import org.usedecentral.spi.protocol.LedgerId;
import org.usedecentral.spi.protocol.LedgerOperation;
import org.usedecentral.spi.protocol.LedgerOperation.Approve;
import org.usedecentral.spi.protocol.LedgerOperation.Claim;
import org.usedecentral.spi.protocol.LedgerOperation.Close;
import org.usedecentral.spi.protocol.LedgerOperation.Expire;
import org.usedecentral.spi.protocol.LedgerOperation.Lock;
import org.usedecentral.spi.protocol.LedgerOperation.Refund;
import org.usedecentral.spi.protocol.LedgerOperation.Register;
import org.usedecentral.spi.protocol.LedgerOperation.Retire;
import org.usedecentral.spi.protocol.LedgerOperation.Revoke;
import org.usedecentral.spi.protocol.LedgerOperation.Settle;
import org.usedecentral.spi.protocol.LedgerOperation.Update;
import org.usedecentral.spi.protocol.LedgerOperation.Withdraw;
import org.usedecentral.spi.protocol.Registration;
import org.usedecentral.spi.protocol.SignedMessage;
import org.usedecentral.spi.protocol.SignedOperation;
import org.usedecentral.spi.protocol.SignedStatement;
import org.usedecentral.spi.protocol.SignedVoucher;
import org.usedecentral.spi.protocol.Statement;
import org.usedecentral.spi.protocol.Terms;

/**
 * The ledger of docs/protocol.md, section 6, in memory: readable before fast, the reference other engines are compared with. It forgets
 * everything with the process, but can be closed and started again, which it takes for downtime. Thread-safe: one call at a time.
 *
 * <p>An operation is checked in this order, which decides what a doubly wrong one is refused for: its form; its signatures; of a
 * settle or claim the job's existence and the statement or voucher; its write id; whether its job or worker exists and the signer may;
 * then the conditions of the state table, in the order of {@link Escrow}.
 */
public final class InMemoryLedger implements SettlementLedger {
    private static final String PROOF_SCHEME = "sha256-ed25519/1";
    /** How often engines with a disk note that they are up. */
    private static final int BEAT_SECONDS = 5;

    private final Setup setup;
    private final Set<Rule> off;
    private final Signatures signatures;
    private final CreditBook creditBook;
    private final WorkerBook workerBook;
    private final Escrow escrow;
    private final Journal journal;
    private final CreditAccounts credits = new Credits();
    private final Escrows escrows = new Jobs();
    private final WorkerAccounts workers = new Workers();
    private @Nullable Clock clock;
    private @Nullable ProofScheme scheme;
    private long now;
    private long lastBeat;

    /**
     * What a ledger is made with.
     *
     * @param operator who signs deposits
     * @param treasury the account of what is left of a price after its shares
     */
    public record Setup(LedgerId id, Account operator, Account treasury, Parameters parameters) {
        /** A ledger whose operator is its treasury, with the usual parameters. */
        public static Setup of(Account operator) {
            return new Setup(LedgerId.embedded(operator, Bytes.zeros(32)), operator, operator, Parameters.DEFAULT);
        }
    }

    public InMemoryLedger(Setup setup) {
        this(setup, Ed25519::verify, EnumSet.noneOf(Rule.class));
    }

    /** A ledger without some of its rules: for the tests of its tests. */
    InMemoryLedger(Setup setup, SignatureCheck check, Set<Rule> off) {
        this.setup = setup;
        this.off = off;
        this.signatures = new Signatures(setup.id(), setup.operator(), check);
        this.creditBook = new CreditBook(off);
        this.workerBook = new WorkerBook(off);
        this.escrow = new Escrow(off, creditBook, workerBook, setup.treasury());
        this.journal = new Journal(setup.id(), off);
    }

    @Override
    public String name() {
        return "in-memory";
    }

    @Override
    public String type() {
        return "in-memory";
    }

    /** Starts it, or starts it again: deadlines not passed when it was closed are then extended by the downtime. */
    @Override
    public synchronized void start(PluginContext context) {
        boolean again = scheme != null;
        clock = context.clock();
        scheme = ProofScheme.of(context, PROOF_SCHEME);
        long started = turn();
        if (again && !off.contains(Rule.DOWNTIME_EXTENDS)) {
            escrow.extend(lastBeat, started - lastBeat);
        }
        lastBeat = started;
        journal.open();
    }

    @Override
    public synchronized void close() {
        if (clock != null) {
            lastBeat = turn();
            stop();
        }
    }

    /** Ends as when the process dies: the last heartbeat may be as old as beats are apart. */
    synchronized void die() {
        lastBeat = Math.max(lastBeat, turn() - BEAT_SECONDS);
        stop();
    }

    private void stop() {
        clock = null;
        journal.close();
    }

    @Override
    public LedgerId id() {
        return setup.id();
    }

    @Override
    public Parameters parameters() {
        return setup.parameters();
    }

    @Override
    public synchronized Instant time() {
        return Instant.ofEpochSecond(turn());
    }

    /** The ledger's time: the clock's, but never earlier than it was. */
    private long turn() {
        if (clock == null) {
            throw refuse(ErrorCode.UNAVAILABLE, "the ledger is not running; start it first");
        }
        long wall = clock.instant().getEpochSecond();
        now = off.contains(Rule.TIME_GOES_ON) ? wall : Math.max(now, wall);
        return now;
    }

    @Override
    public CreditAccounts credits() {
        return credits;
    }

    @Override
    public Escrows escrows() {
        return escrows;
    }

    @Override
    public WorkerAccounts workers() {
        return workers;
    }

    @Override
    public LedgerEvents events(long afterPosition) {
        return journal.after(afterPosition);
    }

    @Override
    public synchronized Committed submit(SignedOperation signed) {
        long at = turn();
        LedgerOperation operation = LedgerOperation.decode(signed.body());
        Form.check(operation, id(), scheme().id());
        Account signer = signatures.signer(signed, operation);
        ProofScheme.@Nullable Claims claims = evidence(operation, signer);
        Bytes content = content(signed, operation);
        Committed first = journal.repeated(signer, signed.write(), content);
        if (first != null) {
            return first;
        }
        Committed result = journal.next(signed.body(), at);
        JobId job;
        try {
            job = apply(operation, claims, new Escrow.Writing(signer, at, result.transaction()));
        } catch (DecentralException refusal) {
            journal.refused(signer, signed.write(), content, refusal);
            throw refusal;
        }
        journal.append(signer, signed.write(), operation, result, new Journal.Entry(content, at, job));
        if (!off.contains(Rule.WRITES_BEAT)) {
            lastBeat = at;
        }
        return result;
    }

    /** What a repeated write must say again: of a payer's message the text, which a wallet may sign twice. */
    private static Bytes content(SignedOperation signed, LedgerOperation operation) {
        return switch (operation) {
            case Withdraw(SignedMessage message) -> message.message().bytes();
            case Approve(SignedMessage message) -> message.message().bytes();
            case Revoke(SignedMessage message) -> message.message().bytes();
            default -> signed.body();
        };
    }

    /** Checks a statement or voucher against its job; what a statement claims. */
    private ProofScheme.@Nullable Claims evidence(LedgerOperation operation, Account signer) {
        if (operation instanceof Settle(SignedStatement signed)) {
            return proved(escrow.get(signed.statement().job()), signed);
        }
        if (operation instanceof Claim(SignedVoucher signed)) {
            checkVoucher(escrow.get(signed.voucher().job()), signed, signer);
        }
        return null;
    }

    private ProofScheme.Claims proved(JobEntry job, SignedStatement signed) {
        Statement statement = signed.statement();
        ProofScheme.Verification verification = scheme().verify(
                        new ProofScheme.Proof(PROOF_SCHEME, statement.encoded(), signed.signature()),
                        new Assignment(job.terms, statement.worker(), statement.attempt(), statement.modelDigest()));
        return switch (verification) {
            case ProofScheme.Verification.Valid(var claims) -> claims;
            case ProofScheme.Verification.Invalid(var reason, String detail) ->
                throw refuse(ErrorCode.PROOF_INVALID, "the statement does not hold (" + reason + "): " + detail);
        };
    }

    private void checkVoucher(JobEntry job, SignedVoucher signed, Account claimant) {
        Account orchestrator = job.terms.orchestrator();
        if (!claimant.equals(signed.voucher().worker()) && !claimant.equals(orchestrator)) {
            throw forbidden("a voucher is cashed by its worker or the job's orchestrator");
        }
        if (!signatures.verify(orchestrator, signed.voucher().encoded(), signed.signature())) {
            throw refuse(
                    ErrorCode.PROOF_INVALID, "the voucher is not signed by the job's orchestrator " + orchestrator);
        }
    }

    /** Writes an operation whose form, signatures and evidence are right; the job it concerns, if any. */
    private @Nullable JobId apply(
            LedgerOperation operation, ProofScheme.@Nullable Claims claims, Escrow.Writing write) {
        switch (operation) {
            case LedgerOperation.Deposit deposit -> creditBook.deposit(deposit);
            case Withdraw(SignedMessage signed) -> creditBook.withdraw(signed.message(), write.now());
            case Approve(SignedMessage signed) -> creditBook.approve(signed.message(), write.now());
            case Revoke(SignedMessage signed) -> creditBook.revoke(signed.message(), write.now());
            case Register(Registration registration) -> workerBook.register(registration);
            case Update update -> workerBook.update(update, write.signer());
            case Retire(Account worker) -> workerBook.retire(worker, write.signer());
            case Lock(Terms terms) -> {
                escrow.lock(terms, parameters(), write);
                return terms.jobId();
            }
            case Settle(SignedStatement signed) -> {
                JobId id = signed.statement().job();
                escrow.settle(escrow.ofOrchestrator(id, write.signer()), requireNonNull(claims), write);
                return id;
            }
            case Claim(SignedVoucher signed) -> {
                JobId id = signed.voucher().job();
                escrow.claim(escrow.get(id), signed.voucher(), write);
                return id;
            }
            case Expire(JobId id) -> {
                escrow.expire(escrow.ofOrchestrator(id, write.signer()), write);
                return id;
            }
            case Refund(JobId id) -> {
                escrow.refund(escrow.get(id), write);
                return id;
            }
            case Close(JobId id) -> {
                escrow.close(escrow.get(id), write);
                return id;
            }
        }
        return null;
    }

    private ProofScheme scheme() {
        if (scheme == null) {
            throw refuse(ErrorCode.UNAVAILABLE, "the ledger is not running; start it first");
        }
        return scheme;
    }

    private final class Credits implements SubmittedCredits {
        @Override
        public SettlementLedger ledger() {
            return InMemoryLedger.this;
        }

        @Override
        public Balance balance(Account account) {
            synchronized (InMemoryLedger.this) {
                return new Balance(
                        creditBook.free(account),
                        escrow.locked(account),
                        escrow.held(account),
                        creditBook.sequence(account));
            }
        }

        @Override
        public Optional<Approval> approval(Account payer, Account spender) {
            synchronized (InMemoryLedger.this) {
                return creditBook.approval(payer, spender);
            }
        }
    }

    private final class Jobs implements SubmittedEscrows {
        @Override
        public SettlementLedger ledger() {
            return InMemoryLedger.this;
        }

        @Override
        public Optional<EscrowedJob> find(JobId job) {
            synchronized (InMemoryLedger.this) {
                return escrow.find(job);
            }
        }

        @Override
        public List<EscrowedJob> open(Account orchestrator, @Nullable JobId after, int limit) {
            if (limit < 1 || limit > 1000) {
                throw DecentralException.invalid("limit", "1 to 1000 jobs can be listed at once, not " + limit);
            }
            synchronized (InMemoryLedger.this) {
                return escrow.open(orchestrator, after, limit);
            }
        }
    }

    private final class Workers implements SubmittedWorkers {
        @Override
        public SettlementLedger ledger() {
            return InMemoryLedger.this;
        }

        @Override
        public Optional<WorkerAccount> find(Account worker) {
            synchronized (InMemoryLedger.this) {
                return workerBook.find(worker);
            }
        }
    }
}

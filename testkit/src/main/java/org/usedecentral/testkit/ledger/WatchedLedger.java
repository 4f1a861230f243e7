package org.usedecentral.testkit.ledger;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.Signer;
import org.usedecentral.spi.ledger.Balance;
import org.usedecentral.spi.ledger.Committed;
import org.usedecentral.spi.ledger.CreditAccounts;
import org.usedecentral.spi.ledger.EscrowedJob;
import org.usedecentral.spi.ledger.LedgerEvent;
import org.usedecentral.spi.ledger.LedgerEvents;
import org.usedecentral.spi.ledger.SettlementLedger;
import org.usedecentral.spi.protocol.JobId;
import org.usedecentral.spi.protocol.LedgerId;
import org.usedecentral.spi.protocol.LedgerOperation;
import org.usedecentral.spi.protocol.LedgerOperation.Approve;
import org.usedecentral.spi.protocol.LedgerOperation.Claim;
import org.usedecentral.spi.protocol.LedgerOperation.Close;
import org.usedecentral.spi.protocol.LedgerOperation.Deposit;
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
import org.usedecentral.spi.protocol.Terms;
import org.usedecentral.spi.protocol.WriteId;
import org.usedecentral.testkit.TurnableClock;

/**
 * A ledger of which every write is checked: against the rules by {@link Judge}, against the sum of all credits, and, where there is a
 * reference ledger beside it, against that, step by step. One thread.
 */
final class WatchedLedger {
    /** What the stranger has, and should have at the end. */
    static final long STRANGERS = 777;

    final Cast cast;
    final List<WatchedJob> jobs = new ArrayList<>();
    final List<Written> writes = new ArrayList<>();
    final List<String> log = new ArrayList<>();

    private final LedgerFixture fixture;
    private final TurnableClock clock = new TurnableClock();
    private final @Nullable InMemoryLedger reference;
    private final Map<String, Integer> counters = new HashMap<>();
    private final Set<WriteId> squatted = new HashSet<>();
    private SettlementLedger ledger;
    private LedgerState state;
    private long inflow;
    private long lastTime;

    /** A write, its fate, and the Unix second it was made in. */
    record Written(WriteId id, LedgerOperation operation, List<String> signers, Fate fate, long time) {
        String party() {
            return signers.getFirst();
        }

        boolean taken() {
            return fate.result != null;
        }

        boolean refused(ErrorCode code) {
            return fate.refusal == code;
        }
    }

    /** A result or a refusal. */
    record Fate(@Nullable Committed result, @Nullable ErrorCode refusal, String message) {
        boolean sameAs(Fate earlier) {
            return result != null
                    && earlier.result != null
                    && result.transaction().equals(earlier.result.transaction());
        }

        @Override
        public String toString() {
            return refusal == null ? "taken" : refusal + " (" + message + ")";
        }
    }

    /** Opens the fixture's ledger, and with {@code compared} a reference ledger beside it. */
    WatchedLedger(LedgerFixture fixture, boolean compared) {
        this.fixture = fixture;
        this.cast = new Cast(fixture);
        this.ledger = fixture.open(clock);
        this.reference = compared ? reference() : null;
        this.state = LedgerState.of(ledger, cast, List.of());
        this.lastTime = now();
    }

    private InMemoryLedger reference() {
        InMemoryLedger made = new InMemoryLedger(new InMemoryLedger.Setup(
                ledger.id(), fixture.operator().account(), fixture.treasury(), ledger.parameters()));
        made.start(InMemoryFixture.context(clock, fixture));
        return made;
    }

    LedgerId id() {
        return ledger.id();
    }

    // Time

    /** The ledger's time in Unix seconds. */
    long now() {
        return ledger.time().getEpochSecond();
    }

    /** Turns the clock so that the ledger's time is this, if it is not later already. */
    void turnTo(long second) {
        if (second > now()) {
            clock.set(Instant.ofEpochSecond(second));
        }
        look();
    }

    void turnBack(long seconds) {
        clock.advance(Duration.ofSeconds(-seconds));
        log.add("clock set back " + seconds + " s");
        look();
    }

    void down(long seconds) {
        if (reference != null) {
            reference.close();
        }
        ledger = fixture.restart(ledger, clock, Duration.ofSeconds(seconds));
        if (reference != null) {
            reference.start(InMemoryFixture.context(clock, fixture));
        }
        log.add("down " + seconds + " s");
        look();
        for (WatchedJob job : jobs) {
            if (job.refunded && !closed(job) && refundAfter(job) >= now()) {
                throw new RuleBroken("ALIVE_AFTER_REFUND", "a refunded job pays again after a restart");
            }
        }
    }

    // What is on the ledger

    LedgerState state() {
        return state;
    }

    EscrowedJob on(WatchedJob job) {
        return state.job(job.id());
    }

    boolean closed(WatchedJob job) {
        return on(job).status().state() == EscrowedJob.State.CLOSED;
    }

    long refundAfter(WatchedJob job) {
        return on(job).status().refundAfter().getEpochSecond();
    }

    // Writes

    /** Writes an operation under the party's next write id; whoever signs beside it comes after. */
    Written write(String party, LedgerOperation operation, String... cosigners) {
        Written written = send(party, nextId(party, operation), operation, cosigners);
        if (written.refused(ErrorCode.CONFLICT) && squatted.contains(written.id)) {
            if (send(party, freshId(), operation, cosigners).taken()) {
                throw new RuleBroken("WRITE_ID_SQUATTED", "a stranger's write id kept " + party + " from writing");
            }
        }
        return written;
    }

    /** Writes under an id that was used or chosen before. */
    Written send(String party, WriteId id, LedgerOperation operation, String... cosigners) {
        List<String> signers = new ArrayList<>();
        signers.add(party);
        signers.addAll(List.of(cosigners));
        LedgerState before = state;
        Fate fate = call(ledger, id, operation, signers);
        log.add(now() % 100_000 + " " + party + " " + describe(operation) + ": " + fate);
        if (reference != null) {
            Fate expected = call(reference, id, operation, signers);
            if (fate.refusal != expected.refusal) {
                throw new RuleBroken("DIFFERS", describe(operation) + ": " + fate + "; the reference: " + expected);
            }
        }
        boolean repeated = fate.result != null && writes.stream().anyMatch(w -> fate.sameAs(w.fate));
        if (fate.result != null && !repeated) {
            new Judge(before, cast.account(party), now()).taken(operation);
            begin(operation);
        }
        look();
        if (fate.result == null || repeated) {
            requireUnchanged(before, fate);
        } else {
            account(operation, party, before);
        }
        Written written = new Written(id, operation, signers, fate, now());
        writes.add(written);
        check();
        return written;
    }

    /** Uses the id that a party's next write will have. */
    void squat(String party) {
        WriteId id = id(party, counters.getOrDefault(party, 0));
        squatted.add(id);
        Written written =
                send("X", id, new Register(new Registration(cast.account("X"), cast.account("X"), cast.account("X"))));
        log.add("X squats the next write id of " + party + ": " + written.fate);
    }

    private void requireUnchanged(LedgerState before, Fate fate) {
        if (!state.equals(before)) {
            throw new RuleBroken(
                    "CHANGED_NEVERTHELESS",
                    "a write that was " + fate + " changed the ledger:" + before.difference(state));
        }
    }

    private WriteId nextId(String party, LedgerOperation operation) {
        SignedMessage message = message(operation);
        return message != null ? message.message().writeId() : id(party, counters.merge(party, 1, Integer::sum) - 1);
    }

    private WriteId freshId() {
        return id("fresh", counters.merge("fresh", 1, Integer::sum));
    }

    private static WriteId id(String party, int count) {
        return WriteId.derived("schedule", Bytes.utf8(party + " " + count));
    }

    static @Nullable SignedMessage message(LedgerOperation operation) {
        return switch (operation) {
            case Withdraw(SignedMessage message) -> message;
            case Approve(SignedMessage message) -> message;
            case Revoke(SignedMessage message) -> message;
            default -> null;
        };
    }

    private Fate call(SettlementLedger on, WriteId id, LedgerOperation operation, List<String> names) {
        List<Signer> signers = names.stream().map(cast::signer).toList();
        try {
            return new Fate(call(on, id, operation, signers.getFirst(), signers.getLast()), null, "");
        } catch (DecentralException refusal) {
            return new Fate(null, refusal.code(), refusal.message());
        }
    }

    private static Committed call(
            SettlementLedger on, WriteId id, LedgerOperation operation, Signer first, Signer last) {
        return switch (operation) {
            case Deposit(Account account, long amount, String reference) ->
                on.credits().deposit(id, first, new CreditAccounts.Deposit(account, amount, reference));
            case Withdraw(SignedMessage message) -> on.credits().withdraw(message);
            case Approve(SignedMessage message) -> on.credits().approve(message);
            case Revoke(SignedMessage message) -> on.credits().revoke(message);
            case Lock(Terms terms) -> on.escrows().lock(id, terms, first, last);
            case Settle(var statement) -> on.escrows().settle(id, statement, first);
            case Claim(var voucher) -> on.escrows().claim(id, voucher, first);
            case Expire(JobId job) -> on.escrows().expire(id, job, first);
            case Refund(JobId job) -> on.escrows().refund(id, job, first);
            case Close(JobId job) -> on.escrows().close(id, job, first);
            case Register(var registration) -> on.workers().register(id, registration, first, last);
            case Update(Account worker, Account payout) -> on.workers().update(id, worker, payout, first);
            case Retire(Account worker) -> on.workers().retire(id, worker, first);
        };
    }

    // Accounts

    private void begin(LedgerOperation operation) {
        if (operation instanceof Lock(Terms terms)) {
            jobs.add(new WatchedJob(terms));
        }
    }

    /** Notes what a write that was taken has moved. */
    private void account(LedgerOperation operation, String party, LedgerState before) {
        switch (operation) {
            case Deposit deposit -> inflow += deposit.amount();
            case Withdraw(SignedMessage message) -> inflow -= message.message().number("amount");
            case Settle(var signed) -> {
                WatchedJob job = job(signed.statement().job());
                String worker = cast.name(signed.statement().worker());
                job.settled = worker;
                job.price = signed.statement().price();
                job.cost.merge(worker, paid(before, job), Long::sum);
            }
            case Claim(var signed) -> {
                WatchedJob job = job(signed.voucher().job());
                String worker = cast.name(signed.voucher().worker());
                if (party.equals("O")
                        && !job.claimedFor.add(worker)
                        && before.job(job.id())
                                .funds()
                                .paid()
                                .containsKey(signed.voucher().worker())) {
                    throw new RuleBroken("CLAIMED_FOR_TWICE", "the orchestrator claimed twice for " + worker);
                }
                job.cost.merge(worker, paid(before, job), Long::sum);
                job.earned.merge(worker, earned(before, worker), Long::sum);
            }
            case Refund(JobId id) -> {
                WatchedJob job = job(id);
                job.refunded = true;
                job.returned += gained(before, cast.account("P"));
            }
            case Close(JobId id) -> {
                WatchedJob job = job(id);
                job.returned += gained(before, cast.account("P"));
                before.job(id).settled().ifPresent(settled -> {
                    long held = before.job(id).funds().held();
                    if (gained(before, settled.payout()) != held) {
                        throw new RuleBroken("HELD_ELSEWHERE", "a held share of " + held + " went elsewhere");
                    }
                    String worker = cast.name(settled.worker());
                    job.earned.merge(worker, earned(before, worker), Long::sum);
                });
            }
            case Lock lock -> {}
            case Expire expire -> {}
            case Approve approve -> {}
            case Revoke revoke -> {}
            case Register register -> {}
            case Update update -> {}
            case Retire retire -> {}
        }
    }

    private WatchedJob job(JobId id) {
        return jobs.stream().filter(job -> job.id().equals(id)).findFirst().orElseThrow();
    }

    private long earned(LedgerState before, String worker) {
        return cast.payouts(worker).stream()
                .mapToLong(payout -> gained(before, payout))
                .sum();
    }

    private long gained(LedgerState before, Account account) {
        return state.free(account) - before.free(account);
    }

    /** What left the job's remainder and held share. */
    private long paid(LedgerState before, WatchedJob job) {
        EscrowedJob.Funds then = before.job(job.id()).funds();
        EscrowedJob.Funds now = on(job).funds();
        return then.remaining() - now.remaining() + Math.max(0, then.held() - now.held());
    }

    // Checks

    private void look() {
        state = LedgerState.of(ledger, cast, jobs.stream().map(WatchedJob::id).toList());
        if (reference != null) {
            LedgerState expected = LedgerState.of(
                    reference, cast, jobs.stream().map(WatchedJob::id).toList());
            if (!state.equals(expected)) {
                throw new RuleBroken("DIFFERS", "the ledger, and the reference:" + state.difference(expected));
            }
        }
        long time = now();
        if (reference != null && time != reference.time().getEpochSecond()) {
            throw new RuleBroken("DIFFERS", "the ledger's time is " + time + ", the reference's " + reference.time());
        }
        if (time < lastTime) {
            throw new RuleBroken("TIME_RAN_BACK", "the ledger's time was " + lastTime + " and is " + time);
        }
        lastTime = time;
    }

    /** Checks what must hold after every write. */
    private void check() {
        long total = 0;
        long locked = 0;
        for (Balance balance : state.balances().values()) {
            if (balance.free() < 0 || balance.locked() < 0 || balance.held() < 0) {
                throw new RuleBroken("NEGATIVE", "an account has " + balance);
            }
            total += balance.free();
        }
        for (WatchedJob job : jobs) {
            EscrowedJob.Funds funds = on(job).funds();
            if (funds.remaining() < 0 || funds.held() < 0) {
                throw new RuleBroken("NEGATIVE", "a job has " + funds);
            }
            if (job.returned > job.terms.locked()) {
                throw new RuleBroken("RETURNED_ABOVE_LOCK", "more came back than was locked");
            }
            if (job.total() > job.terms.locked()) {
                throw new RuleBroken("PAID_ABOVE_LOCK", "a job of " + job.terms.locked() + " cost " + job.cost);
            }
            locked += funds.remaining();
            total += funds.remaining() + funds.held();
        }
        if (total != inflow) {
            throw new RuleBroken("CONSERVATION", "all credits are " + total + ", deposited were " + inflow);
        }
        if (locked != state.balance(cast.account("P")).locked()) {
            throw new RuleBroken("CONSERVATION", "the payer's balance says " + state.balance(cast.account("P")));
        }
        long strangers = state.free(cast.account("X"));
        if (strangers != STRANGERS) {
            throw new RuleBroken("BYSTANDER", "the stranger has " + strangers);
        }
    }

    /** Checks that the ledger's events are the writes it took, in their order, and that no job is left open. */
    void checkEnd() {
        List<LedgerEvent> expected = new ArrayList<>();
        for (Written written : writes) {
            Committed result = written.fate.result;
            if (result != null
                    && (expected.isEmpty()
                            || result.position() > expected.getLast().position())) {
                expected.add(new LedgerEvent(
                        result.position(),
                        result.transaction(),
                        Instant.ofEpochSecond(written.time),
                        written.operation.label(),
                        jobOf(written.operation)));
            }
        }
        try (LedgerEvents events = ledger.events(-1)) {
            for (LedgerEvent event : expected) {
                LedgerEvent told = events.next();
                if (!told.equals(event)) {
                    throw new RuleBroken("EVENTS", "expected " + event + ", told was " + told);
                }
            }
            if (events.poll() != null) {
                throw new RuleBroken("EVENTS", "there are more events than writes that were taken");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("the schedule was interrupted", e);
        }
        if (!ledger.escrows().open(Account.NONE, null, 1).isEmpty()) {
            throw new RuleBroken("OPEN", "jobs are listed as open and every job is closed");
        }
    }

    private static @Nullable JobId jobOf(LedgerOperation operation) {
        return switch (operation) {
            case Lock(Terms terms) -> terms.jobId();
            case Settle(var signed) -> signed.statement().job();
            case Claim(var signed) -> signed.voucher().job();
            case Expire(JobId job) -> job;
            case Refund(JobId job) -> job;
            case Close(JobId job) -> job;
            default -> null;
        };
    }

    private String describe(LedgerOperation operation) {
        return switch (operation) {
            case Lock(Terms terms) -> "lock " + terms.locked() + " by " + cast.name(terms.lockSigner());
            case Settle(var signed) ->
                "settle " + cast.name(signed.statement().worker()) + " "
                        + signed.statement().price();
            case Claim(var signed) ->
                "claim " + cast.name(signed.voucher().worker()) + " "
                        + signed.voucher().price();
            case Deposit deposit -> "deposit " + deposit.amount();
            case Withdraw(SignedMessage signed) ->
                "withdraw " + signed.message().number("amount");
            case Approve(SignedMessage signed) -> "approve " + signed.message().number("limit");
            default -> operation.label();
        };
    }
}

package org.usedecentral.testkit.ledger;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.protocol.ApprovalTerms;
import org.usedecentral.spi.protocol.JobId;
import org.usedecentral.spi.protocol.LedgerOperation;
import org.usedecentral.spi.protocol.LedgerOperation.Close;
import org.usedecentral.spi.protocol.LedgerOperation.Lock;
import org.usedecentral.spi.protocol.LedgerOperation.Refund;
import org.usedecentral.spi.protocol.PayerMessage;
import org.usedecentral.spi.protocol.Registration;
import org.usedecentral.spi.protocol.Sha256;
import org.usedecentral.spi.protocol.SignedMessage;
import org.usedecentral.spi.protocol.Terms;

/**
 * Plays a schedule: honest parties do what docs/protocol.md tells them to, the others what the schedule says. Throws {@link RuleBroken}
 * when the ledger, or what is left to an honest party at the end, is not as it must be. One thread, once.
 */
final class ScheduleWorld {
    private static final int MOST_JOBS = 2;

    private final Schedule.Setting setting;
    private final WatchedLedger ledger;
    private final int proofScheme;
    private final List<PlayedJob> jobs = new ArrayList<>();
    private final Set<String> dead = new HashSet<>();
    private long highestLimit;
    private int nonces;
    private WatchedLedger.@Nullable Written refusedLock;
    private @Nullable LedgerOperation withheld;

    ScheduleWorld(Schedule.Setting setting, LedgerFixture fixture, boolean compared) {
        this.setting = setting;
        this.ledger = new WatchedLedger(fixture, compared);
        this.proofScheme = fixture.proofScheme().id();
    }

    /** What happened on the ledger so far. */
    List<String> log() {
        return ledger.log;
    }

    void play(List<ScheduleAction> actions) {
        deposit("X", WatchedLedger.STRANGERS);
        deposit("P", setting.deposit());
        for (String worker : Cast.WORKERS) {
            Account account = ledger.cast.account(worker);
            ledger.write(
                    worker,
                    new LedgerOperation.Register(new Registration(
                            account, account, ledger.cast.payouts(worker).getFirst())),
                    worker);
        }
        if (setting.limit() > 0) {
            approve(setting.limit());
        }
        actions.forEach(this::act);
        end();
    }

    private void act(ScheduleAction action) {
        switch (action) {
            case ScheduleAction.Pass(long seconds) -> pass(seconds);
            case ScheduleAction.Down(long seconds) -> ledger.down(seconds);
            case ScheduleAction.Back(long seconds) -> ledger.turnBack(seconds);
            case ScheduleAction.Lock lock -> lock(lock);
            case ScheduleAction.Retry retry -> retry();
            case ScheduleAction.Relock(int number) -> relock(number);
            case ScheduleAction.Deposit(long amount) -> deposit("P", amount);
            case ScheduleAction.Withdraw(long amount) -> withdraw(amount);
            case ScheduleAction.Approve(long limit) -> approve(limit);
            case ScheduleAction.Revoke revoke -> revoke();
            case ScheduleAction.Withhold(long limit) -> withheld = approval(limit);
            case ScheduleAction.Send send -> sendWithheld();
            case ScheduleAction.Repeat(int number) -> repeat(number);
            case ScheduleAction.Squat(String party) -> ledger.squat(party);
            case ScheduleAction.Retire(String worker) ->
                ledger.write(worker, new LedgerOperation.Retire(ledger.cast.account(worker)));
            case ScheduleAction.MovePayout(String worker) -> movePayout(worker);
            case ScheduleAction.Die(String worker) -> dead.add(worker);
            case ScheduleAction.Refund(int number) -> onJob(number, job -> refund(job));
            case ScheduleAction.Close(int number) -> onJob(number, job -> closeJob(job));
            case ScheduleAction.Expire(int number) -> onJob(number, PlayedJob::expire);
            case ScheduleAction.Attempt(int number, String worker) -> onJob(number, job -> job.attempt(worker));
            case ScheduleAction.Tokens tokens -> onJob(tokens.job(), job -> job.tokens(tokens));
            case ScheduleAction.Fail(int number, boolean claims) -> onJob(number, job -> job.fail(claims));
            case ScheduleAction.End(int number) -> onJob(number, PlayedJob::end);
            case ScheduleAction.Settle(int number) -> onJob(number, PlayedJob::settle);
            case ScheduleAction.Crash(int number) -> onJob(number, PlayedJob::crash);
            case ScheduleAction.Restart(int number) -> onJob(number, PlayedJob::restart);
            case ScheduleAction.WorkerClaim(int number, String worker) ->
                onJob(number, job -> job.workerClaims(worker));
            case ScheduleAction.OrchestratorClaim(int number, String worker, int quarters) ->
                onJob(number, job -> job.orchestratorClaims(worker, quarters));
            case ScheduleAction.FalseVoucher(int number, String worker, int quarters) ->
                onJob(number, job -> job.falseVoucher(worker, quarters));
            case ScheduleAction.FalseSettle(int number, String worker, int quarters) ->
                onJob(number, job -> job.falseSettle(worker, quarters));
            case ScheduleAction.Overcharge(int number, String worker) -> onJob(number, job -> job.overcharge(worker));
            case ScheduleAction.Meddle(int number, String party, int operation) ->
                onJob(number, job -> job.meddle(party, operation));
        }
    }

    private void onJob(int number, Consumer<PlayedJob> deed) {
        if (!jobs.isEmpty()) {
            PlayedJob job = jobs.get(number % jobs.size());
            if (!ledger.closed(job.watched)) {
                deed.accept(job);
            }
        }
    }

    // Time

    /** Time passes; honest workers and the honest orchestrator do what they must up to 10 s before each deadline. */
    private void pass(long seconds) {
        long end = ledger.now() + seconds;
        List<PlayedJob> byDeadline = new ArrayList<>(jobs);
        byDeadline.sort(Comparator.comparingLong(job -> ledger.refundAfter(job.watched)));
        for (PlayedJob job : byDeadline) {
            long deadline = ledger.refundAfter(job.watched);
            if (!ledger.closed(job.watched) && ledger.now() <= deadline && deadline < end + 10) {
                ledger.turnTo(Math.min(end, deadline - 5));
                job.beforeDeadline();
            }
        }
        ledger.turnTo(end);
    }

    // The payer

    private void deposit(String party, long amount) {
        ledger.write(
                Cast.OPERATOR,
                new LedgerOperation.Deposit(ledger.cast.account(party), amount, "payment " + ledger.writes.size()));
    }

    private void withdraw(long amount) {
        ledger.write(
                "P",
                new LedgerOperation.Withdraw(
                        signed(PayerMessage.withdraw(origin(), sequence(), expires(), amount, "bank"))));
    }

    private void approve(long limit) {
        if (setting.limit() > 0) {
            highestLimit = Math.max(highestLimit, limit);
            ledger.write("P", approval(limit));
        }
    }

    private LedgerOperation approval(long limit) {
        ApprovalTerms terms = new ApprovalTerms(
                ledger.cast.account("S"),
                Account.NONE,
                new ApprovalTerms.Caps(600, limit),
                Instant.ofEpochSecond(ledger.now()).plusSeconds(864_000),
                false);
        return new LedgerOperation.Approve(signed(PayerMessage.approve(origin(), sequence(), expires(), terms)));
    }

    private void revoke() {
        ledger.write(
                "P",
                new LedgerOperation.Revoke(
                        signed(PayerMessage.revoke(origin(), sequence(), expires(), ledger.cast.account("S")))));
    }

    /** Whoever kept the payer's approval sends it; it is worth something only if the payer signed nothing since. */
    private void sendWithheld() {
        if (withheld != null && setting.limit() > 0) {
            WatchedLedger.Written sent = ledger.write("P", withheld);
            if (sent.taken() && withheld instanceof LedgerOperation.Approve(SignedMessage message)) {
                highestLimit = Math.max(highestLimit, message.message().number("limit"));
            }
        }
    }

    private SignedMessage signed(PayerMessage message) {
        return SignedMessage.of(message, ledger.cast.signer("P"));
    }

    private PayerMessage.Origin origin() {
        return new PayerMessage.Origin(ledger.id(), ledger.cast.account("P"));
    }

    private long sequence() {
        return ledger.state().balance(ledger.cast.account("P")).sequence() + 1;
    }

    private Instant expires() {
        return Instant.ofEpochSecond(ledger.now()).plusSeconds(86_400);
    }

    private void lock(ScheduleAction.Lock lock) {
        if (jobs.size() >= MOST_JOBS) {
            return;
        }
        String signer = lock.spender() && setting.limit() > 0 ? "S" : "P";
        Terms terms = Terms.builder()
                .ledger(ledger.id())
                .payer(ledger.cast.account("P"), ledger.cast.account(signer))
                .orchestrator(ledger.cast.account("O"))
                .nonce(Sha256.of(Bytes.utf8("job " + nonces++)))
                .requestCommitment(Sha256.of(Bytes.utf8("request")))
                .caps(10, Math.toIntExact(lock.amount()))
                .ceiling(LedgerStage.CEILING)
                .timeoutSeconds(lock.patient() ? 120 : 30)
                .validUntil(Instant.ofEpochSecond(ledger.now() + lock.validFor()))
                .proofScheme(proofScheme)
                .build();
        WatchedLedger.Written written = ledger.write(signer, new Lock(terms), "O");
        if (written.taken()) {
            begin();
        } else {
            refusedLock = written;
        }
    }

    private void begin() {
        jobs.add(new PlayedJob(setting, ledger, ledger.jobs.getLast(), dead));
    }

    /** A refusal is forgotten: the same write under the same id, once it is allowed, is taken. */
    private void retry() {
        WatchedLedger.Written before = refusedLock;
        if (before == null
                || jobs.size() >= MOST_JOBS
                || !before.refused(ErrorCode.INSUFFICIENT_CREDITS)
                || !before.party().equals("P")
                || !(before.operation() instanceof Lock(Terms terms))
                || ledger.state().free(ledger.cast.account("P")) < terms.locked()
                || ledger.now() > terms.validUntil().getEpochSecond()) {
            return;
        }
        refusedLock = null;
        if (!ledger.send("P", before.id(), before.operation(), "O").taken()) {
            throw new RuleBroken("STALE_REFUSAL", "a lock that is allowed now is refused as it was before");
        }
        begin();
    }

    private void relock(int number) {
        if (!jobs.isEmpty()) {
            Terms terms = jobs.get(number % jobs.size()).watched.terms;
            String signer = ledger.cast.name(terms.lockSigner());
            ledger.write(signer, new Lock(terms), "O");
        }
    }

    /** A write is repeated, and its id used for something else. */
    private void repeat(int number) {
        if (ledger.writes.isEmpty()) {
            return;
        }
        WatchedLedger.Written first = ledger.writes.get(number % ledger.writes.size());
        if (!first.taken()) {
            return;
        }
        String[] cosigners = first.signers().subList(1, first.signers().size()).toArray(String[]::new);
        WatchedLedger.Written again = ledger.send(first.party(), first.id(), first.operation(), cosigners);
        if (!again.fate().sameAs(first.fate())) {
            throw new RuleBroken("NOT_IDEMPOTENT", "a repeated write was " + again.fate());
        }
        if (WatchedLedger.message(first.operation()) == null) {
            LedgerOperation other = new Refund(new JobId(Sha256.of(Bytes.utf8("none"))));
            if (!ledger.send(first.party(), first.id(), other).refused(ErrorCode.CONFLICT)) {
                throw new RuleBroken("NO_CONFLICT", "a write id was taken for other content");
            }
        }
    }

    private void movePayout(String worker) {
        Account key = ledger.cast.account(worker);
        Account now = ledger.state().worker(key).registration().payout();
        List<Account> payouts = ledger.cast.payouts(worker);
        Account other = now.equals(payouts.getFirst()) ? payouts.getLast() : payouts.getFirst();
        ledger.write(worker, new LedgerOperation.Update(key, other));
    }

    // Anybody

    private void refund(PlayedJob job) {
        ledger.write("X", new Refund(job.watched.id()));
    }

    private void closeJob(PlayedJob job) {
        ledger.write("X", new Close(job.watched.id()));
    }

    // The end

    /** Everybody honest does what is left to do, everybody sweeps, and nobody honest may have lost. */
    private void end() {
        for (PlayedJob job : jobs) {
            if (!ledger.closed(job.watched)) {
                job.atTheEnd();
            }
        }
        ledger.log.add("sweep");
        for (long seconds : new long[] {5, 25, 40, 70, 3_600, 86_400}) {
            pass(seconds);
            for (PlayedJob job : jobs) {
                if (!ledger.closed(job.watched)) {
                    refund(job);
                    closeJob(job);
                }
            }
        }
        jobs.forEach(PlayedJob::judge);
        ledger.checkEnd();
        ledger.state().approval().ifPresent(approval -> {
            long paid = ledger.jobs.stream()
                    .filter(WatchedJob::spenders)
                    .mapToLong(job -> job.terms.locked() - job.returned)
                    .sum();
            if (approval.spent() != paid) {
                throw new RuleBroken("SPENT", "the approval says " + approval.spent() + ", really spent were " + paid);
            }
            if (paid > highestLimit) {
                throw new RuleBroken("ABOVE_LIMIT", paid + " were spent, approved were at most " + highestLimit);
            }
        });
    }
}

package org.usedecentral.testkit.ledger;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.usedecentral.spi.protocol.LedgerOperation;
import org.usedecentral.spi.protocol.LedgerOperation.Claim;
import org.usedecentral.spi.protocol.LedgerOperation.Expire;
import org.usedecentral.spi.protocol.LedgerOperation.Settle;
import org.usedecentral.spi.protocol.SignedStatement;
import org.usedecentral.spi.protocol.SignedVoucher;
import org.usedecentral.spi.protocol.Statement;
import org.usedecentral.spi.protocol.Voucher;

/**
 * A job as its orchestrator and workers live it: attempts, vouchers, what reaches whom before something breaks. One thread.
 *
 * <p>An honest orchestrator lets three attempts relay, one after the other; stops 10 s before the deadline; settles what ended well and
 * claims for the rest. An honest worker keeps its newest voucher and cashes it in time.
 */
final class PlayedJob {
    private static final int MOST_RELAYING = 3;
    /** Generation stops this many seconds before the deadline. */
    private static final int MARGIN = 10;
    /** What rounding down on each of a few claims may cost a worker. */
    private static final long ROUNDING = 4;

    final WatchedJob watched;
    private final Schedule.Setting setting;
    private final WatchedLedger ledger;
    private final Set<String> dead;
    private final List<Attempt> attempts = new ArrayList<>();
    private boolean up = true;
    private boolean crashed;
    private @Nullable Attempt ended;

    /** One worker's turn. Voucher prices in base units. */
    private static final class Attempt {
        final String worker;
        final long budget;
        /** The newest voucher signed, and what of it the worker has and the orchestrator's disk. */
        long signed;

        long delivered;
        long kept;
        boolean open = true;
        /** What a dishonest orchestrator got a statement for. */
        long stated;

        boolean statement;

        Attempt(String worker, long budget) {
            this.worker = worker;
            this.budget = budget;
        }
    }

    PlayedJob(Schedule.Setting setting, WatchedLedger ledger, WatchedJob watched, Set<String> dead) {
        this.setting = setting;
        this.ledger = ledger;
        this.watched = watched;
        this.dead = dead;
    }

    private long deadline() {
        return ledger.refundAfter(watched);
    }

    private long remaining() {
        return ledger.on(watched).funds().remaining();
    }

    // The orchestrator

    void attempt(String worker) {
        if (!up || attempts.stream().anyMatch(attempt -> attempt.worker.equals(worker))) {
            return;
        }
        if (setting.honest()) {
            boolean late = crashed || ledger.now() > deadline() - MARGIN - 2;
            boolean over = "DE".contains(worker) || ended != null || watched.settled != null;
            long relaying =
                    attempts.stream().filter(attempt -> attempt.signed > 0).count();
            boolean busy =
                    attempts.stream().anyMatch(attempt -> attempt.open && (attempt.signed > 0 || attempts.size() > 1));
            if (late || over || relaying >= MOST_RELAYING || busy) {
                return;
            }
        }
        long given = attempts.stream().mapToLong(attempt -> attempt.signed).sum();
        attempts.add(new Attempt(worker, watched.terms.locked() - given));
    }

    void tokens(ScheduleAction.Tokens tokens) {
        Attempt running = null;
        for (Attempt attempt : attempts.reversed()) {
            if (running == null && attempt.open && (tokens.newest() || attempt == attempts.getFirst())) {
                running = attempt;
            }
        }
        boolean careful = running != null && (setting.honest() || setting.honest(running.worker));
        if (!up || running == null || (careful && ledger.now() > deadline() - MARGIN)) {
            return;
        }
        for (Attempt other : attempts) { // the first token wins: a hedge's loser ends with nothing
            if (other != running) {
                other.open = false;
            }
        }
        running.signed = Math.max(0, Math.min(running.budget, running.signed + tokens.amount()));
        if (tokens.arrives() && !dead.contains(running.worker)) {
            running.delivered = running.signed;
        }
        if (tokens.kept()) {
            running.kept = running.signed;
        }
    }

    void fail(boolean claims) {
        if (!up) {
            return;
        }
        for (Attempt attempt : List.copyOf(attempts)) {
            if (attempt.open) {
                attempt.open = false;
                attempt.kept = attempt.signed;
                // Withheld until too late, it is lost: two intervals at most, the worker stops there.
                if (!dead.contains(attempt.worker) && (setting.honest() || ledger.now() <= deadline() - MARGIN)) {
                    attempt.delivered = attempt.signed;
                }
                if (claims && setting.honest() && attempt.signed > 0) {
                    claim(attempt.worker, attempt.signed, "O");
                }
            }
        }
    }

    void end() {
        Attempt running = attempts.stream()
                .filter(attempt -> attempt.open && attempt.signed > 0)
                .findFirst()
                .orElse(null);
        if (!up || running == null) {
            return;
        }
        if (!setting.honest()) {
            running.open = false;
            running.statement = true;
            running.stated = running.signed;
            if (!dead.contains(running.worker) && ledger.now() <= deadline() - MARGIN) {
                running.delivered = running.signed;
            }
        } else if (ended == null) {
            running.open = false;
            running.kept = running.signed;
            ended = running;
        }
    }

    void settle() {
        if (!up) {
            return;
        }
        if (setting.honest()) {
            if (ended != null && watched.settled == null) {
                settle(ended.worker, ended.kept);
            }
            return;
        }
        attempts.stream()
                .filter(attempt -> attempt.statement)
                .findFirst()
                .ifPresent(attempt -> settle(attempt.worker, attempt.stated));
    }

    void expire() {
        if (up && (!setting.honest() || (ended == null && attempts.stream().noneMatch(attempt -> attempt.open)))) {
            ledger.write("O", new Expire(watched.id()));
        }
    }

    void crash() {
        up = false;
        crashed = true;
        for (Attempt attempt : attempts) { // what was signed, not sent and not on disk is lost
            attempt.open = false;
            attempt.signed = Math.max(attempt.delivered, attempt.kept);
        }
    }

    /** Nothing is resumed, the client is gone; after the deadline there is nothing left to settle. */
    void restart() {
        if (!up && (!setting.honest() || ledger.now() <= deadline())) {
            up = true;
            if (setting.honest()) {
                finish();
            }
        }
    }

    void orchestratorClaims(String worker, int quarters) {
        if (!up) {
            return;
        }
        if (setting.honest()) {
            finish();
            return;
        }
        attempts.stream()
                .filter(attempt -> attempt.worker.equals(worker) && attempt.signed > 0)
                .findFirst()
                .ifPresent(attempt -> claim(worker, Math.max(1, attempt.signed * quarters / 4), "O"));
    }

    /** An honest orchestrator settles what stands in its outbox and claims for the attempts that failed. */
    private void finish() {
        if (!up || ledger.closed(watched)) {
            return;
        }
        for (Attempt attempt : attempts) {
            if (attempt.open && attempt.signed > 0 && ended == null && watched.settled == null) {
                ended = attempt;
                attempt.kept = attempt.signed;
            }
            attempt.open = false;
        }
        if (ended != null && watched.settled == null) {
            settle(ended.worker, ended.kept);
        }
        for (Attempt attempt : attempts) {
            if (attempt.kept > 0
                    && attempt != ended
                    && !watched.claimedFor.contains(attempt.worker)
                    && !attempt.worker.equals(watched.settled)
                    && watched.cost(attempt.worker) < attempt.kept) {
                claim(attempt.worker, attempt.kept, "O");
            }
        }
    }

    /** What honest parties do when a deadline is near. */
    void beforeDeadline() {
        for (Attempt attempt : attempts) {
            workerClaims(attempt.worker);
        }
        if (setting.honest() && up) {
            finish();
        }
    }

    /** What honest parties do when the schedule is over. */
    void atTheEnd() {
        if (setting.comesBack() && !up && setting.honest() && ledger.now() <= deadline()) {
            up = true;
        }
        attempts.forEach(attempt -> attempt.open = false);
        if (setting.honest() && up) {
            finish();
        }
    }

    // Workers

    /** An honest worker cashes its newest voucher, if anything is due: the ledger must pay what the lock covers. */
    void workerClaims(String worker) {
        if (!setting.honest(worker) || dead.contains(worker)) {
            return;
        }
        for (Attempt attempt : attempts) {
            if (!attempt.worker.equals(worker) || worker.equals(watched.settled)) {
                continue;
            }
            long had = watched.cost(worker);
            long remaining = remaining();
            if (ledger.now() <= deadline() && remaining > 0 && attempt.delivered > had) {
                claim(worker, attempt.delivered, worker);
                if (watched.cost(worker) < attempt.delivered && remaining >= attempt.delivered - had) {
                    throw new RuleBroken("CLAIM_BLOCKED", "a voucher that the lock covers was refused to " + worker);
                }
            }
        }
    }

    // The adversary

    void falseVoucher(String worker, int quarters) {
        if (up && !setting.honest() && !setting.honest(worker)) {
            claim(worker, Math.max(1, watched.terms.locked() * quarters / 4), worker);
        }
    }

    void falseSettle(String worker, int quarters) {
        if (up && !setting.honest() && !setting.honest(worker)) {
            settle(worker, watched.terms.locked() * quarters / 4);
        }
    }

    void overcharge(String worker) {
        if (up && !setting.honest() && !setting.honest(worker)) {
            settle(worker, watched.terms.locked() + 1);
        }
    }

    /** Somebody tries what only the orchestrator may, or cashes another's voucher. */
    void meddle(String party, int operation) {
        String worker = attempts.isEmpty() ? "D" : attempts.getFirst().worker;
        LedgerOperation tried = switch (operation) {
            case 0 -> new Expire(watched.id());
            case 1 -> new Claim(voucher(worker, Math.max(1, watched.terms.locked())));
            default -> new Settle(statement(worker, watched.terms.locked()));
        };
        if (operation != 1 || !party.equals(worker)) {
            ledger.write(party, tried);
        }
    }

    private void settle(String worker, long price) {
        ledger.write("O", new Settle(statement(worker, price)));
    }

    private void claim(String worker, long price, String by) {
        ledger.write(by, new Claim(voucher(worker, price)));
    }

    private SignedStatement statement(String worker, long price) {
        Statement statement = Statement.builder(watched.id(), ledger.cast.account(worker), 0)
                .requestCommitment(watched.terms.requestCommitment())
                .outputDigest(watched.terms.requestCommitment())
                .tokens(0, Math.toIntExact(Math.min(price, watched.terms.outputCap())))
                .price(price)
                .build();
        return new SignedStatement(statement, ledger.cast.signer(worker).sign(statement.encoded()));
    }

    private SignedVoucher voucher(String worker, long price) {
        Voucher voucher = Voucher.of(watched.id(), ledger.cast.account(worker), 0, Math.toIntExact(price), price);
        return new SignedVoucher(voucher, ledger.cast.signer("O").sign(voucher.encoded()));
    }

    // The end

    /** Nobody honest may have lost more than docs/protocol.md, section 4, says. */
    void judge() {
        if (!ledger.closed(watched)) {
            throw new RuleBroken("STUCK", "a job cannot be closed: " + ledger.on(watched));
        }
        watched.cost.forEach((worker, cost) -> {
            long owed = attempts.stream()
                    .filter(attempt -> attempt.worker.equals(worker))
                    .mapToLong(attempt -> Math.max(attempt.signed, Math.max(attempt.delivered, attempt.kept)))
                    .max()
                    .orElse(0);
            if (setting.honest() && cost > Math.max(owed, worker.equals(watched.settled) ? watched.price : 0)) {
                throw new RuleBroken("PAID_TWICE", worker + " was paid for " + cost + " and did " + owed);
            }
        });
        for (Attempt attempt : attempts) {
            if (setting.honest(attempt.worker)) {
                judge(attempt);
            }
        }
    }

    private void judge(Attempt attempt) {
        String worker = attempt.worker;
        if (worker.equals(watched.settled)) {
            if (watched.earned(worker) < share(watched.price)) {
                throw new RuleBroken(
                        "SETTLED_WORKER_ROBBED",
                        worker + " earned " + watched.earned(worker) + " of a price of " + watched.price);
            }
        } else if (setting.honest()) {
            long owed = Math.max(dead.contains(worker) ? 0 : attempt.delivered, up ? attempt.kept : 0);
            if (watched.earned(worker) < share(owed)) {
                throw new RuleBroken(
                        "VOUCHER_UNPAID", worker + " earned " + watched.earned(worker) + " of a voucher over " + owed);
            }
        } else if (!dead.contains(worker) && !attempt.statement && watched.settled == null) {
            // The orchestrator may give the lock to accomplices; it may not give it back to the payer instead.
            long unpaid = attempt.delivered - watched.cost(worker);
            if (Math.min(unpaid, watched.returned) > 0) {
                throw new RuleBroken(
                        "UNPAID_SERVICE",
                        worker + " is owed " + unpaid + " and the payer got " + watched.returned + " back");
            }
        }
    }

    private static long share(long price) {
        return price * 7_500 / 10_000 - ROUNDING;
    }
}

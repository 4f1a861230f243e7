package org.usedecentral.testkit.ledger;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;

/** Writes random schedules: a plausible job, and anything at all in between. One thread. */
final class ScheduleWriter {
    private static final long[] TIMES = {
        1, 1, 1, 1, 2, 2, 2, 5, 5, 5, 8, 15, 19, 20, 20, 21, 25, 40, 60, 60, 61, 90, 121, 700
    };

    private final Random random;
    private final List<ScheduleAction> actions = new ArrayList<>();

    private ScheduleWriter(long seed) {
        this.random = new Random(seed);
    }

    /** The schedule of that seed: always the same. */
    static Schedule write(long seed) {
        return new ScheduleWriter(seed).write();
    }

    private Schedule write() {
        Set<String> accomplices = pick(Set.of(), Set.of(), Set.of(), Set.of("A"), Set.of("B"), Set.of("A", "B"));
        Schedule.Setting setting = new Schedule.Setting(
                chance(.55),
                accomplices,
                pick(600L, 1_000L, 1_500L, 3_000L),
                chance(.6) ? pick(400L, 700L, 1_200L) : 0,
                chance(.7));
        if (chance(.9)) {
            actions.add(new ScheduleAction.Lock(chance(.6), pick(100L, 200L, 400L, 0L), chance(.7), pick(5L, 60L)));
        }
        List<String> workers = new ArrayList<>(List.of("A", "B", "C"));
        Collections.shuffle(workers, random);
        if (chance(.85)) {
            plausibleJob(workers);
        }
        Schedule.Setting told = special(setting);
        int noise = 2 + random.nextInt(12);
        for (int i = 0; i < noise; i++) {
            int at = random.nextInt(actions.size() + 1);
            actions.add(at, anything());
            if (actions.get(at) instanceof ScheduleAction.Crash(int job)) {
                actions.add(at + 1 + random.nextInt(actions.size() - at), new ScheduleAction.Restart(job));
            }
        }
        return new Schedule(told, actions);
    }

    private void plausibleJob(List<String> workers) {
        int next = 0;
        for (int attempts = pick(1, 1, 2, 3); attempts > 0; attempts--) {
            actions.add(new ScheduleAction.Attempt(0, workers.get(next++ % 3)));
            if (chance(.2)) {
                actions.add(new ScheduleAction.Attempt(0, workers.get(next++ % 3)));
            }
            for (int tokens = random.nextInt(4); tokens > 0; tokens--) {
                actions.add(tokens());
            }
            if (chance(.5)) {
                actions.add(new ScheduleAction.Fail(0, chance(.5)));
            }
        }
        actions.add(new ScheduleAction.End(0));
        if (chance(.8)) {
            actions.add(new ScheduleAction.Settle(0));
        }
    }

    private ScheduleAction tokens() {
        return new ScheduleAction.Tokens(0, pick(1L, 7L, 40L, 100L, 400L), chance(.7), chance(.7), chance(.5));
    }

    /** A few situations that chance alone would seldom make. */
    private Schedule.Setting special(Schedule.Setting setting) {
        double which = random.nextDouble();
        List<ScheduleAction> lock = actions.isEmpty() ? List.of() : List.of(actions.getFirst());
        ScheduleAction served = new ScheduleAction.Tokens(0, 40, true, true, true);
        if (which < .02) { // an expired job, whose worker must notice
            begin(lock, new ScheduleAction.Attempt(0, "A"), served, new ScheduleAction.Expire(0));
            Collections.addAll(actions, new ScheduleAction.Pass(15), new ScheduleAction.Pass(pick(2L, 15L)), served);
        } else if (which < .04) { // a refund, then downtime
            begin(lock, new ScheduleAction.Expire(0), new ScheduleAction.Pass(21));
            Collections.addAll(actions, new ScheduleAction.Refund(0), new ScheduleAction.Down(30));
        } else if (which < .05) { // a lock that is refused first
            actions.addFirst(new ScheduleAction.Retry());
            actions.addFirst(new ScheduleAction.Deposit(900));
            actions.addFirst(new ScheduleAction.Lock(false, 700, false, 60));
            return new Schedule.Setting(false, setting.accomplices(), 600, setting.limit(), setting.comesBack());
        } else if (which < .08) { // the adversary's keys take the remembered places
            begin(lock, new ScheduleAction.Attempt(0, "A"), served, new ScheduleAction.FalseVoucher(0, "B", 0));
            Collections.addAll(
                    actions, new ScheduleAction.FalseVoucher(0, "D", 0), new ScheduleAction.FalseVoucher(0, "E", 0));
            return new Schedule.Setting(false, Set.of("B"), setting.deposit(), setting.limit(), setting.comesBack());
        } else if (which < .10) { // the adversary claims beside a settled worker's held share
            begin(lock, new ScheduleAction.Attempt(0, "A"), served, new ScheduleAction.End(0));
            Collections.addAll(actions, new ScheduleAction.Settle(0), new ScheduleAction.FalseVoucher(0, "D", 4));
            return new Schedule.Setting(false, Set.of(), setting.deposit(), setting.limit(), setting.comesBack());
        } else if (which < .11) { // an approval that was signed before the payer changed its mind
            actions.addAll(
                    List.of(new ScheduleAction.Withhold(900), new ScheduleAction.Revoke(), new ScheduleAction.Send()));
            return new Schedule.Setting(setting.honest(), setting.accomplices(), setting.deposit(), 400, true);
        } else if (which < .12) { // an orchestrator that claims again and again for one worker
            begin(lock, new ScheduleAction.Attempt(0, "A"), served, new ScheduleAction.OrchestratorClaim(0, "A", 1));
            actions.add(new ScheduleAction.OrchestratorClaim(0, "A", 4));
            return new Schedule.Setting(false, Set.of(), setting.deposit(), setting.limit(), setting.comesBack());
        }
        return setting;
    }

    private void begin(List<ScheduleAction> lock, ScheduleAction... then) {
        actions.clear();
        actions.addAll(lock);
        Collections.addAll(actions, then);
    }

    private ScheduleAction anything() {
        int job = random.nextInt(2);
        return switch (random.nextInt(8)) {
            case 0, 1, 2 -> new ScheduleAction.Pass(TIMES[random.nextInt(TIMES.length)]);
            case 3 -> ofThePayer(job);
            case 4 -> ofTheLedger(job);
            case 5, 6 -> ofTheOrchestrator(job);
            default -> ofTheAdversary(job);
        };
    }

    private ScheduleAction ofThePayer(int job) {
        return switch (random.nextInt(10)) {
            case 0, 1 ->
                new ScheduleAction.Lock(
                        chance(.6), pick(100L, 200L, 400L, 700L, 0L), chance(.7), pick(5L, 5L, 60L, 60L, 0L, -1L, 61L));
            case 2 -> new ScheduleAction.Deposit(pick(100L, 900L));
            case 3 -> new ScheduleAction.Withdraw(pick(1L, 200L, 900L));
            case 4 -> new ScheduleAction.Retry();
            case 5 -> new ScheduleAction.Approve(pick(100L, 500L, 900L));
            case 6 -> new ScheduleAction.Revoke();
            case 7 -> new ScheduleAction.Withhold(pick(100L, 900L));
            case 8 -> new ScheduleAction.Send();
            default -> new ScheduleAction.Relock(job);
        };
    }

    private ScheduleAction ofTheLedger(int job) {
        return switch (random.nextInt(7)) {
            case 0 -> new ScheduleAction.Down(pick(3L, 30L, 300L, 3_600L));
            case 1 -> new ScheduleAction.Back(pick(1L, 30L, 1_000L));
            case 2, 3 -> new ScheduleAction.Refund(job);
            case 4, 5 -> new ScheduleAction.Close(job);
            default -> new ScheduleAction.Repeat(random.nextInt(9));
        };
    }

    private ScheduleAction ofTheOrchestrator(int job) {
        return switch (random.nextInt(8)) {
            case 0 -> new ScheduleAction.Crash(job);
            case 1 -> new ScheduleAction.Expire(job);
            case 2 -> new ScheduleAction.OrchestratorClaim(job, worker("ABC"), random.nextInt(5));
            case 3 -> new ScheduleAction.Attempt(job, worker("ABCDE"));
            case 4 -> new ScheduleAction.Fail(job, chance(.5));
            case 5 -> new ScheduleAction.WorkerClaim(job, worker("ABC"));
            case 6 ->
                switch (random.nextInt(3)) {
                    case 0 -> new ScheduleAction.Retire(worker("ABC"));
                    case 1 -> new ScheduleAction.Die(worker("ABC"));
                    default -> new ScheduleAction.MovePayout(worker("ABCD"));
                };
            default -> new ScheduleAction.Tokens(job, pick(1L, 40L, 400L), chance(.5), chance(.7), chance(.5));
        };
    }

    private ScheduleAction ofTheAdversary(int job) {
        return switch (random.nextInt(8)) {
            case 0, 1 -> new ScheduleAction.FalseVoucher(job, worker("ABCDE"), random.nextInt(5));
            case 2 -> new ScheduleAction.FalseSettle(job, worker("ABCDE"), random.nextInt(5));
            case 3 -> new ScheduleAction.Overcharge(job, worker("ABCDE"));
            case 4 -> new ScheduleAction.Squat(worker("POAB"));
            case 5 -> new ScheduleAction.Repeat(random.nextInt(30));
            default -> new ScheduleAction.Meddle(job, worker("XPSABD"), random.nextInt(3));
        };
    }

    private String worker(String of) {
        int at = random.nextInt(of.length());
        return of.substring(at, at + 1);
    }

    private boolean chance(double probability) {
        return random.nextDouble() < probability;
    }

    @SafeVarargs
    private <T> T pick(T... of) {
        return of[random.nextInt(of.length)];
    }
}

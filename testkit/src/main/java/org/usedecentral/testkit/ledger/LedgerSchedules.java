package org.usedecentral.testkit.ledger;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Random schedules of what honest and dishonest parties do to a ledger: replayed and squatted write ids, false vouchers, late settles,
 * crashes, downtime, a clock set back. After every write the credits must add up and no rule of docs/protocol.md, section 6, be broken;
 * at the end no honest worker may have less than its vouchers, no payer have paid more than the lock, and a dishonest orchestrator have
 * taken no more than section 4 says. Reproducible: a schedule is its seed. One thread at a time.
 */
public final class LedgerSchedules {
    private final Supplier<? extends LedgerFixture> fixtures;
    private final boolean compared;

    private LedgerSchedules(Supplier<? extends LedgerFixture> fixtures, boolean compared) {
        this.fixtures = fixtures;
        this.compared = compared;
    }

    /** Schedules on ledgers that are compared, write by write, with the reference ledger in memory. */
    public static LedgerSchedules comparing(Supplier<? extends LedgerFixture> fixtures) {
        return new LedgerSchedules(fixtures, true);
    }

    /** Schedules on the reference ledger itself. */
    static LedgerSchedules alone(Supplier<? extends LedgerFixture> fixtures) {
        return new LedgerSchedules(fixtures, false);
    }

    /**
     * Plays {@code count} schedules, of the seeds from {@code seed} on.
     *
     * @throws AssertionError if one breaks a rule: with its seed, the schedule made as short as it still breaks the rule, and what
     *     happened on the ledger
     */
    public void check(long seed, int count) {
        Optional<Finding> finding = find(seed, count);
        if (finding.isPresent()) {
            throw new AssertionError(finding.get().text());
        }
    }

    /** The first of those schedules that breaks a rule. */
    Optional<Finding> find(long seed, int count) {
        for (long next = seed; next < seed + count; next++) {
            Schedule schedule = ScheduleWriter.write(next);
            Optional<Finding> found = play(next, schedule);
            if (found.isPresent()) {
                return Optional.of(shorten(found.get()));
            }
        }
        return Optional.empty();
    }

    /** A schedule that breaks a rule. */
    record Finding(long seed, RuleBroken broken, Schedule schedule, List<String> log) {
        String text() {
            return broken.getMessage() + "\nschedule of seed " + seed + ", shortened:\n" + schedule
                    + "\n  on the ledger:\n    " + String.join("\n    ", log);
        }
    }

    private Optional<Finding> play(long seed, Schedule schedule) {
        try (LedgerFixture fixture = fixtures.get()) {
            ScheduleWorld world = new ScheduleWorld(schedule.setting(), fixture, compared);
            try {
                world.play(schedule.actions());
                return Optional.empty();
            } catch (RuleBroken broken) {
                return Optional.of(new Finding(seed, broken, schedule, List.copyOf(world.log())));
            }
        }
    }

    /** Leaves out one action after the other as long as the same rule is broken. */
    private Finding shorten(Finding found) {
        Finding shortest = found;
        boolean shorter = true;
        while (shorter) {
            shorter = false;
            for (int i = shortest.schedule().actions().size() - 1; i >= 0; i--) {
                List<ScheduleAction> fewer = new ArrayList<>(shortest.schedule().actions());
                fewer.remove(i);
                Schedule schedule = new Schedule(shortest.schedule().setting(), fewer);
                String kind = shortest.broken().kind();
                Optional<Finding> again = play(found.seed(), schedule)
                        .filter(finding -> finding.broken().kind().equals(kind));
                if (again.isPresent()) {
                    shortest = again.get();
                    shorter = true;
                }
            }
        }
        return shortest;
    }
}

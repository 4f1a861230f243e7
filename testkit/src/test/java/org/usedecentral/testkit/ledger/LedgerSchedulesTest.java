package org.usedecentral.testkit.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.EnumSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The reference ledger stands every schedule, and the schedules notice each rule that is missing. */
final class LedgerSchedulesTest {
    /** Other schedules, or more, with -Dledger.schedules.seed and -Dledger.schedules.count. */
    private static final long SEED = Long.getLong("ledger.schedules.seed", 1);

    private static final int COUNT = Integer.getInteger("ledger.schedules.count", 4_000);

    /** More than the rule that is noticed last needs. */
    private static final int ENOUGH = 20_000;

    @Test
    void noScheduleBreaksARule() {
        LedgerSchedules.alone(BrokenFixture::new).check(SEED, COUNT);
    }

    @Test
    void twoReferenceLedgersAgree() {
        LedgerSchedules.comparing(InMemoryFixture::new).check(SEED, 50);
    }

    @ParameterizedTest
    @EnumSource(Rule.class)
    void withoutAnyOneRuleSomethingIsFound(Rule rule) {
        assertThat(LedgerSchedules.alone(() -> new BrokenFixture(EnumSet.of(rule)))
                        .find(1, ENOUGH))
                .as("a schedule that breaks something without rule " + rule)
                .isPresent();
    }

    @Test
    void aLedgerThatAnswersOtherwiseThanTheReferenceIsNoticed() {
        LedgerSchedules.Finding finding = LedgerSchedules.comparing(
                        () -> new InMemoryFixture(EnumSet.of(Rule.DOWNTIME_EXTENDS)))
                .find(SEED, ENOUGH)
                .orElseThrow();
        assertThat(finding.broken().kind()).isEqualTo("DIFFERS");
    }

    @Test
    void aFindingTellsSeedScheduleAndLedger() {
        LedgerSchedules schedules = LedgerSchedules.alone(() -> new BrokenFixture(EnumSet.of(Rule.CLOSE_WAITS)));
        assertThatThrownBy(() -> schedules.check(1, ENOUGH))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("CLOSED_EARLY")
                .hasMessageContaining("schedule of seed ")
                .hasMessageContaining("Lock[")
                .hasMessageContaining("X close: taken");
    }

    @Test
    void aScheduleIsItsSeed() {
        assertThat(ScheduleWriter.write(42)).isEqualTo(ScheduleWriter.write(42)).isNotEqualTo(ScheduleWriter.write(43));
    }
}

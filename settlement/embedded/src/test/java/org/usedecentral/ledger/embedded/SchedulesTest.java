package org.usedecentral.ledger.embedded;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.usedecentral.testkit.ledger.LedgerSchedules;

/** Random schedules on the embedded ledger and the one in memory: they answer every write alike. Each ends with an audit. */
final class SchedulesTest {
    /** More for a long look: {@code -Dledger.schedules=10000}. */
    private static final int COUNT = Integer.getInteger("ledger.schedules", 60);

    @Test
    void itAnswersAsTheReferenceDoes() {
        LedgerSchedules.comparing(EmbeddedFixture::new).check(1, COUNT);
    }

    /** A failure names the schedule's seed. */
    @Test
    void itAnswersAsTheReferenceDoesOnSchedulesNobodySawBefore() {
        LedgerSchedules.comparing(EmbeddedFixture::new).check(new Random().nextInt(Integer.MAX_VALUE), COUNT);
    }
}

package org.usedecentral.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.usedecentral.spi.protocol.TokenPrices;

final class EarningsTest {
    private static final Earnings.Speed SPEED = new Earnings.Speed(500, 50);
    private static final Earnings.Job JOB = new Earnings.Job(100, 100);
    private static final TokenPrices PRICES = new TokenPrices(1_000_000, 3_000_000);

    private static Earnings estimate(Earnings.Speed speed, int share, Earnings.Operation operation) {
        return Earnings.estimate(speed, JOB, new Earnings.Terms(PRICES, share), operation);
    }

    @Test
    void aDayIsItsJobsTimesTheWorkersShare() {
        // 0.2 s of prefill and 2 s of decode: 11,781 jobs fit 30 % of a day. 400 base units a job, 300 of them the
        // worker's.
        Earnings earnings = estimate(SPEED, 7500, new Earnings.Operation(3000, 0, 0));
        assertThat(earnings).isEqualTo(new Earnings(11_781, 300, 0));
        assertThat(earnings.perDay()).isEqualTo(3_534_300);
        assertThat(earnings.perMonth()).isEqualTo(106_029_000);
        assertThat(earnings.netPerMonth()).isEqualTo(earnings.perMonth());
    }

    @Test
    void aStakedWorkerKeepsMore() {
        assertThat(estimate(SPEED, 8500, new Earnings.Operation(3000, 0, 0)).perDay())
                .isEqualTo(11_781L * 340);
    }

    @Test
    void sharesAreRoundedDownAndElectricityUp() {
        Earnings odd = Earnings.estimate(
                SPEED,
                new Earnings.Job(1, 0),
                new Earnings.Terms(new TokenPrices(1_000_000, 0), 9999),
                new Earnings.Operation(10_000, 0, 0));
        assertThat(odd.perJob()).isZero();
        // 1 W is 24 Wh a day; at 0.000001 USDC a kWh that is a part of a base unit.
        assertThat(estimate(SPEED, 7500, new Earnings.Operation(0, 1, 1)).electricity())
                .isEqualTo(1);
    }

    @Test
    void electricityMayCostMoreThanIsEarned() {
        // 100 W are 2.4 kWh a day, at 0.30 USDC each.
        Earnings idle = estimate(SPEED, 7500, new Earnings.Operation(0, 100, 300_000));
        assertThat(idle.electricity()).isEqualTo(720_000);
        assertThat(idle.netPerDay()).isEqualTo(-720_000);
        assertThat(idle.netPerMonth()).isEqualTo(-21_600_000);
    }

    @Test
    void nothingIsEarnedAtASpeedNobodyKnows() {
        assertThat(estimate(new Earnings.Speed(Double.NaN, 50), 7500, new Earnings.Operation(10_000, 0, 0))
                        .perDay())
                .isZero();
        assertThat(estimate(new Earnings.Speed(500, 0), 7500, new Earnings.Operation(10_000, 0, 0))
                        .perDay())
                .isZero();
    }

    @Test
    void impossibleTermsAreRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> new Earnings.Terms(PRICES, 10_001));
        assertThatIllegalArgumentException().isThrownBy(() -> new Earnings.Operation(10_001, 0, 0));
        assertThatIllegalArgumentException().isThrownBy(() -> new Earnings.Operation(0, -1, 0));
    }
}

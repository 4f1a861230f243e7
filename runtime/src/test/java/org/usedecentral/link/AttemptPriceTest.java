package org.usedecentral.link;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.usedecentral.spi.protocol.TokenPrices;

final class AttemptPriceTest {
    private static final AttemptPrice PRICE = new AttemptPrice(new TokenPrices(300_000, 1_000_000), 50, 70);

    @Test
    void nothingIsDueBeforeTheFirstOutputToken() {
        assertThat(PRICE.of(50, 0)).isZero();
    }

    @Test
    void inputAndOutputArePaidAndRoundedUp() {
        assertThat(PRICE.of(10, 1)).isEqualTo(4);
        assertThat(PRICE.of(11, 1)).isEqualTo(5);
        assertThat(PRICE.of(0, 1)).isEqualTo(1);
    }

    @Test
    void inputIsBilledUpToItsCap() {
        assertThat(PRICE.billedInput(49)).isEqualTo(49);
        assertThat(PRICE.billedInput(51)).isEqualTo(50);
        assertThat(PRICE.of(5_000, 1)).isEqualTo(PRICE.of(50, 1)).isEqualTo(16);
    }

    @Test
    void theBudgetIsTheMost() {
        assertThat(PRICE.of(50, 55)).isEqualTo(70);
        assertThat(PRICE.of(50, 56)).isEqualTo(70);
        assertThat(PRICE.of(Integer.MAX_VALUE, Integer.MAX_VALUE)).isEqualTo(70);
    }

    @Test
    void thePriceNeverFallsAsOutputGrows() {
        Random random = new Random(7);
        for (int i = 0; i < 1000; i++) {
            AttemptPrice price = new AttemptPrice(
                    new TokenPrices(random.nextInt(1 << 30), random.nextInt(1 << 30)),
                    random.nextInt(10_000),
                    random.nextInt(1_000_000));
            int input = random.nextInt(20_000);
            long last = 0;
            for (int tokens = 0; tokens < 200; tokens += 1 + random.nextInt(20)) {
                long now = price.of(input, tokens);
                assertThat(now).isBetween(last, price.budget());
                last = now;
            }
        }
    }
}

package org.usedecentral.spi.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.math.BigInteger;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;

final class TokenPricesTest {
    private static final long HIGHEST = (1L << 36) - 1;
    private static final BigInteger MILLION = BigInteger.valueOf(1_000_000);

    @Property
    void costsWhatUnboundedArithmeticSays(
            @ForAll @IntRange(max = Integer.MAX_VALUE) int input,
            @ForAll @IntRange(max = Integer.MAX_VALUE) int output,
            @ForAll @LongRange(max = HIGHEST) long inputPrice,
            @ForAll @LongRange(max = HIGHEST) long outputPrice) {
        BigInteger sum = BigInteger.valueOf(input)
                .multiply(BigInteger.valueOf(inputPrice))
                .add(BigInteger.valueOf(output).multiply(BigInteger.valueOf(outputPrice)));
        TokenPrices prices = new TokenPrices(inputPrice, outputPrice);
        if (sum.bitLength() > 63) {
            DecentralException e = catchThrowableOfType(DecentralException.class, () -> prices.cost(input, output));
            assertThat(e.code()).isEqualTo(ErrorCode.INVALID_REQUEST);
        } else {
            BigInteger cost = sum.add(MILLION).subtract(BigInteger.ONE).divide(MILLION);
            assertThat(prices.cost(input, output)).isEqualTo(cost.longValueExact());
        }
    }

    /** What settle relies on: fewer tokens or lower prices never cost more. */
    @Property
    void neverCostsMoreForLess(
            @ForAll @IntRange(max = 1 << 25) int tokens,
            @ForAll @IntRange(max = 1 << 25) int more,
            @ForAll @LongRange(max = HIGHEST) long price) {
        TokenPrices prices = new TokenPrices(price, price / 2);
        assertThat(prices.cost(tokens, tokens)).isLessThanOrEqualTo(prices.cost(tokens + more, tokens + more));
        assertThat(new TokenPrices(price / 3, price / 2).cost(tokens, tokens))
                .isLessThanOrEqualTo(prices.cost(tokens, tokens));
    }

    @Test
    void refusesPricesOutOfRange() {
        for (long wrong : new long[] {-1, HIGHEST + 1, Long.MIN_VALUE, Long.MAX_VALUE}) {
            assertThatExceptionOfType(DecentralException.class).isThrownBy(() -> new TokenPrices(wrong, 0));
            assertThatExceptionOfType(DecentralException.class).isThrownBy(() -> new TokenPrices(0, wrong));
        }
    }

    @Test
    void refusesNegativeCounts() {
        TokenPrices prices = new TokenPrices(1, 1);
        assertThatExceptionOfType(DecentralException.class).isThrownBy(() -> prices.cost(-1, 1));
        assertThatExceptionOfType(DecentralException.class).isThrownBy(() -> prices.cost(1, Integer.MIN_VALUE));
    }

    @Test
    void isWithinACeilingOnlyIfBothPricesAre() {
        TokenPrices ceiling = new TokenPrices(10, 20);
        assertThat(ceiling.within(ceiling)).isTrue();
        assertThat(new TokenPrices(11, 20).within(ceiling)).isFalse();
        assertThat(new TokenPrices(10, 21).within(ceiling)).isFalse();
    }
}

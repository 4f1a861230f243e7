package org.usedecentral.launcher;

import java.math.BigDecimal;

/** Amounts as people write them. Stateless. */
final class Money {
    private static final int DECIMALS = 6;

    private Money() {}

    /** An amount that a person wrote. */
    record Amount(long baseUnits) {
        /** USDC, such as 5 or 0.25; throws as {@link Money#parse}. */
        static Amount parse(String usdc) {
            return new Amount(Money.parse(usdc));
        }
    }

    /** Base units as USDC, with all six decimals. */
    static String usdc(long baseUnits) {
        return BigDecimal.valueOf(baseUnits, DECIMALS).toPlainString() + " USDC";
    }

    /**
     * USDC as base units.
     *
     * @throws IllegalArgumentException if it is no amount, negative, or finer than a base unit
     */
    static long parse(String usdc) {
        try {
            long amount = new BigDecimal(usdc.trim()).movePointRight(DECIMALS).longValueExact();
            if (amount > 0) {
                return amount;
            }
        } catch (ArithmeticException | NumberFormatException e) {
            throw new IllegalArgumentException("'" + usdc + "' is no amount of USDC such as 5 or 0.25", e);
        }
        throw new IllegalArgumentException("an amount is above 0, not " + usdc);
    }
}

package org.usedecentral.launcher;

import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;
import org.usedecentral.measure.Earnings;
import org.usedecentral.spi.DecentralException;
import picocli.CommandLine.Option;

/** What an estimate of earnings rests on beside speed and prices. */
final class EarningsOptions {
    private static final int MOST_WATTS = 1_000_000;

    @Option(
            names = "--utilisation",
            paramLabel = "SHARE",
            order = 10,
            description = "How much of the day there are jobs, 0 … 1. Default: 0.3.")
    private BigDecimal utilisation = new BigDecimal("0.3");

    @Option(
            names = "--staked",
            order = 11,
            description = "Estimates with the larger share of a worker that has staked.")
    private boolean staked;

    @Option(
            names = "--watts",
            paramLabel = "N",
            order = 12,
            description = "What the machine draws, day and night. Default: electricity is left out.")
    private int watts;

    @Option(names = "--kwh-price", paramLabel = "USDC", order = 13, description = "What a kilowatt-hour costs.")
    private Money.@Nullable Amount kilowattHour;

    boolean staked() {
        return staked;
    }

    /**
     * The options as the estimate takes them.
     *
     * @throws DecentralException {@code INVALID_REQUEST} naming the option that is wrong
     */
    Earnings.Operation operation() {
        if (utilisation.signum() < 0 || utilisation.compareTo(BigDecimal.ONE) > 0 || utilisation.scale() > 4) {
            throw DecentralException.invalid(
                    "--utilisation",
                    "--utilisation must lie in 0 … 1 with at most four decimals, not " + utilisation.toPlainString());
        }
        if (watts < 0 || watts > MOST_WATTS) {
            throw DecentralException.invalid("--watts", "--watts must lie in 0 … " + MOST_WATTS + ", not " + watts);
        }
        Money.Amount price = kilowattHour;
        if ((watts > 0) != (price != null)) {
            throw DecentralException.invalid(
                    "--watts", "--watts and --kwh-price belong together: give both, or neither");
        }
        return new Earnings.Operation(
                utilisation.movePointRight(4).intValueExact(), watts, price == null ? 0 : price.baseUnits());
    }
}

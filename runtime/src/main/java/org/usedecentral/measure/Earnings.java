package org.usedecentral.measure;

import java.math.BigInteger;
import org.usedecentral.spi.protocol.TokenPrices;

/**
 * What a worker may earn: jobs of one size, one after the other with as many streams as were measured, for a share of the day. An estimate of the machine, not
 * of the market. All amounts are base units (1e-6 USDC), earnings rounded down and costs up.
 *
 * @param jobs a day
 * @param perJob the worker's share of one job, rounded down as the ledger does
 * @param electricity what the machine draws a day; 0 when not asked for
 */
public record Earnings(long jobs, long perJob, long electricity) {
    /** Of a month in estimates. */
    public static final int DAYS = 30;

    private static final long DAY_NANOS = 86_400L * 1_000_000_000;
    private static final int WHOLE = 10_000;

    /** What the speed was measured with: tokens a second over all streams together. */
    public record Speed(double prefill, double decode) {}

    /** The tokens of the usual job. */
    public record Job(int inputTokens, int outputTokens) {}

    /**
     * What a job brings.
     *
     * @param shareBasisPoints the worker's share
     */
    public record Terms(TokenPrices prices, int shareBasisPoints) {
        public Terms {
            if (shareBasisPoints < 0 || shareBasisPoints > WHOLE) {
                throw new IllegalArgumentException("a share lies in 0 … 10000 basis points");
            }
        }
    }

    /**
     * What a machine costs and how much of the day it has jobs.
     *
     * @param utilisationBasisPoints of the day
     * @param watts day and night
     * @param kilowattHour base units
     */
    public record Operation(int utilisationBasisPoints, int watts, long kilowattHour) {
        public Operation {
            if (utilisationBasisPoints < 0 || utilisationBasisPoints > WHOLE || watts < 0 || kilowattHour < 0) {
                throw new IllegalArgumentException(
                        "utilisation lies in 0 … 10000 basis points, watts and price are not negative");
            }
        }
    }

    /** An estimate for one model. */
    public static Earnings estimate(Speed speed, Job job, Terms terms, Operation operation) {
        return new Earnings(
                jobsADay(speed, job, operation.utilisationBasisPoints()),
                share(terms, job),
                electricity(operation.watts(), operation.kilowattHour()));
    }

    private static long jobsADay(Speed speed, Job job, int utilisation) {
        if (!(speed.prefill() > 0) || !(speed.decode() > 0)) {
            return 0;
        }
        double seconds = job.inputTokens() / speed.prefill() + job.outputTokens() / speed.decode();
        long nanos = (long) Math.max(1, Math.ceil(seconds * 1e9));
        return BigInteger.valueOf(DAY_NANOS)
                .multiply(BigInteger.valueOf(utilisation))
                .divide(BigInteger.valueOf(WHOLE))
                .divide(BigInteger.valueOf(nanos))
                .longValueExact();
    }

    private static long share(Terms terms, Job job) {
        return BigInteger.valueOf(terms.prices().cost(job.inputTokens(), job.outputTokens()))
                .multiply(BigInteger.valueOf(terms.shareBasisPoints()))
                .divide(BigInteger.valueOf(WHOLE))
                .longValueExact();
    }

    private static long electricity(int watts, long kilowattHour) {
        BigInteger thousandths =
                BigInteger.valueOf(watts).multiply(BigInteger.valueOf(24)).multiply(BigInteger.valueOf(kilowattHour));
        return thousandths
                .add(BigInteger.valueOf(999))
                .divide(BigInteger.valueOf(1000))
                .longValueExact();
    }

    /** Before electricity. */
    public long perDay() {
        return Math.multiplyExact(jobs, perJob);
    }

    /** Before electricity, of {@link #DAYS} days. */
    public long perMonth() {
        return Math.multiplyExact(perDay(), DAYS);
    }

    /** After electricity; negative where that costs more. */
    public long netPerDay() {
        return Math.subtractExact(perDay(), electricity);
    }

    /** After electricity, of {@link #DAYS} days. */
    public long netPerMonth() {
        return Math.multiplyExact(netPerDay(), DAYS);
    }
}

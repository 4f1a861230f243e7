package org.usedecentral.benchmarks;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.protocol.JobId;
import org.usedecentral.spi.protocol.TokenPrices;
import org.usedecentral.spi.protocol.Voucher;

/** What a voucher costs before it is signed: every 64 tokens or second of a lane. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class PriceBenchmark {
    private final TokenPrices prices = new TokenPrices(150_000, 600_000);
    private final JobId job = new JobId(Bytes.zeros(32));
    /** Not final, so that nothing is computed ahead. */
    private int input = 1234;

    private int output = 567;

    @Benchmark
    public long cost() {
        return prices.cost(input, output);
    }

    @Benchmark
    public Voucher voucher() {
        return Voucher.of(job, Account.NONE, 0, output, prices.cost(input, output));
    }
}

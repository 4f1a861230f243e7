package org.usedecentral.benchmarks;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.usedecentral.crypto.Ed25519;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.protocol.Statement;

/** Signing and verifying a statement: a few times a job. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class SignatureBenchmark {
    private final Ed25519.KeyPair key = Ed25519.fromSeed(Bytes.zeros(32));
    private final Bytes statement = Bytes.zeros(Statement.LENGTH);
    private final Bytes signature = key.sign(statement);

    @Benchmark
    public Bytes sign() {
        return key.sign(statement);
    }

    @Benchmark
    public boolean verify() {
        return Ed25519.verify(key.account(), statement, signature);
    }
}

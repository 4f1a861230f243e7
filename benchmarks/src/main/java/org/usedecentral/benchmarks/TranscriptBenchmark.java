package org.usedecentral.benchmarks;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.inference.Part;
import org.usedecentral.spi.protocol.OutputHasher;

/** Hashing output as it passes: once a frame on either end, and the digest once an attempt. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class TranscriptBenchmark {
    /** Bytes of a piece: a token, a few, a coalesced frame. */
    @Param({"5", "20", "100", "1000"})
    public int bytes;

    private byte[] piece = new byte[0];
    private OutputHasher hasher = new OutputHasher(Bytes.zeros(32), 1);

    @Setup
    public void prepare() {
        piece = new byte[bytes];
        hasher = new OutputHasher(Bytes.zeros(32), 1);
    }

    @Benchmark
    public OutputHasher append() {
        hasher.append(Part.TEXT, piece, 0, piece.length);
        return hasher;
    }

    @Benchmark
    public Bytes digest() {
        return hasher.digest();
    }
}

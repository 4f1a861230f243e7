package org.usedecentral.benchmarks;

import java.security.SecureRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.usedecentral.crypto.Hpke;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.protocol.Seal;

/** HPKE of a job's payload, key agreement and the exported frame key included: once an attempt on either end. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class SealBenchmark {
    private static final Bytes INFO = Bytes.zeros(112);

    /** Bytes of the payload. */
    @Param({"1000", "100000"})
    public int bytes;

    private final Hpke.SessionKey key = Hpke.generate(new SecureRandom());
    private final Bytes context = Seal.frameKeyContext(0, 1);
    private Bytes payload = Bytes.empty();
    private Bytes encapsulation = Bytes.empty();
    private Bytes ciphertext = Bytes.empty();

    @Setup
    public void prepare() {
        payload = Bytes.zeros(bytes);
        Hpke.Sender sender = Hpke.seal(key.publicKey(), INFO);
        encapsulation = sender.encapsulation();
        ciphertext = sender.seal(payload);
    }

    @Benchmark
    public Bytes seal() {
        Hpke.Sender sender = Hpke.seal(key.publicKey(), INFO);
        Bytes sealed = sender.seal(payload);
        return Bytes.concat(sealed, sender.export(context, Seal.FRAME_KEY_LENGTH));
    }

    @Benchmark
    public Bytes open() {
        Hpke.Receiver receiver = key.open(encapsulation, INFO);
        Bytes opened = receiver.open(ciphertext);
        return Bytes.concat(opened, receiver.export(context, Seal.FRAME_KEY_LENGTH));
    }
}

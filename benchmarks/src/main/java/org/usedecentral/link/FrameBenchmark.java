package org.usedecentral.link;

import java.util.List;
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
import org.usedecentral.spi.inference.GenerationEvent;
import org.usedecentral.spi.inference.Part;
import org.usedecentral.spi.inference.PartKind;
import org.usedecentral.spi.proof.ProofScheme.Transcript;
import org.usedecentral.spi.protocol.JobId;
import org.usedecentral.spi.protocol.OutputHasher;

/** A TOKENS frame, from events to sealed bytes on the worker and back to records on the orchestrator. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class FrameBenchmark {
    private static final Bytes KEY = Bytes.zeros(16);
    private static final JobId JOB = new JobId(Bytes.zeros(32));

    /** Tokens coalesced into a frame, of five bytes each. */
    @Param({"1", "8"})
    public int tokens;

    private final GenerationEvent token = new GenerationEvent.TextDelta(0, PartKind.TEXT, " word", 1, List.of());
    private final FrameCipher opener = new FrameCipher(KEY, JOB, 0);
    private final byte[] opened = new byte[Frame.MAX_LENGTH];
    private RecordWriter writer = writer();
    private byte[] frame = new byte[0];

    private static RecordWriter writer() {
        return new RecordWriter(new FrameCipher(KEY, JOB, 0), new Hashed(new OutputHasher(Bytes.zeros(32), 1)));
    }

    @Setup
    public void prepare() {
        writer = writer();
        frame = write();
    }

    @Benchmark
    public byte[] write() {
        for (int i = 0; i < tokens; i++) {
            writer.add(token);
        }
        return writer.seal(1);
    }

    @Benchmark
    public int open() {
        FrameCipher.FrameHead head = SealedFrame.tokensHead(frame, 0, frame.length);
        return opener.open(head, frame, SealedFrame.TOKENS_HEAD, frame.length - SealedFrame.TOKENS_HEAD, opened);
    }

    private record Hashed(OutputHasher hasher) implements Transcript {
        @Override
        public void append(Part part, byte[] utf8, int offset, int length) {
            hasher.append(part, utf8, offset, length);
        }

        @Override
        public Bytes digest() {
            return hasher.digest();
        }
    }
}

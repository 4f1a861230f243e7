package org.usedecentral.spi.protocol;

import java.nio.ByteBuffer;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.inference.FinishReason;

/** What a worker states about the work of one attempt: 200 bytes (docs/protocol.md, section 5). Immutable. */
public final class Statement {
    public static final int LENGTH = 200;

    private final Bytes encoded;

    private Statement(Bytes encoded) {
        this.encoded = Layout.check(encoded, LENGTH, Tag.PROOF);
        Layout.u31(encoded, 176);
        Layout.u31(encoded, 180);
        Layout.u63(encoded, 184);
        Layout.u31(encoded, 196);
        if (encoded.get(192) < 0 || encoded.get(192) >= FinishReason.values().length) {
            throw Layout.malformed(Tag.PROOF, "has no finish reason of that number");
        }
        if (!encoded.slice(193, 3).isZero()) {
            throw Layout.malformed(Tag.PROOF, "has padding that is not zero");
        }
    }

    /**
     * Reads the layout.
     *
     * @throws DecentralException {@code INVALID_REQUEST} if it is not one
     */
    public static Statement decode(Bytes encoded) {
        return new Statement(encoded);
    }

    /** A statement about one attempt of a job; every other field must be set. */
    public static Builder builder(JobId job, Account worker, int attempt) {
        return new Builder(job, worker, attempt);
    }

    /** The bytes that the worker signs. */
    public Bytes encoded() {
        return encoded;
    }

    public JobId job() {
        return new JobId(Layout.field(encoded, 16));
    }

    public Account worker() {
        return Layout.account(encoded, 48);
    }

    public Bytes requestCommitment() {
        return Layout.field(encoded, 80);
    }

    /** Zeros where the worker does not state it. */
    public Bytes modelDigest() {
        return Layout.field(encoded, 112);
    }

    public Bytes outputDigest() {
        return Layout.field(encoded, 144);
    }

    public int inputTokens() {
        return Layout.u31(encoded, 176);
    }

    public int outputTokens() {
        return Layout.u31(encoded, 180);
    }

    public long price() {
        return Layout.u63(encoded, 184);
    }

    /** Of the first choice. */
    public FinishReason finishReason() {
        return FinishReason.of(encoded.get(192));
    }

    public int attempt() {
        return Layout.u31(encoded, 196);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Statement statement && encoded.equals(statement.encoded);
    }

    @Override
    public int hashCode() {
        return encoded.hashCode();
    }

    @Override
    public String toString() {
        return "statement on attempt " + attempt() + " of job " + job();
    }

    /** Collects a {@link Statement}. One thread. */
    public static final class Builder {
        private final JobId job;
        private final Account worker;
        private final int attempt;
        private Bytes requestCommitment = Bytes.empty();
        private Bytes modelDigest = Bytes.zeros(32);
        private Bytes outputDigest = Bytes.empty();
        private int inputTokens;
        private int outputTokens;
        private long price;
        private FinishReason finishReason = FinishReason.STOP;

        private Builder(JobId job, Account worker, int attempt) {
            this.job = job;
            this.worker = worker;
            this.attempt = attempt;
        }

        public Builder requestCommitment(Bytes value) {
            this.requestCommitment = value;
            return this;
        }

        public Builder modelDigest(Bytes value) {
            this.modelDigest = value;
            return this;
        }

        public Builder outputDigest(Bytes value) {
            this.outputDigest = value;
            return this;
        }

        public Builder tokens(int input, int output) {
            this.inputTokens = input;
            this.outputTokens = output;
            return this;
        }

        /** Base units. */
        public Builder price(long value) {
            this.price = value;
            return this;
        }

        public Builder finishReason(FinishReason value) {
            this.finishReason = value;
            return this;
        }

        /** Throws {@code INVALID_REQUEST} if a field is missing or out of range. */
        public Statement build() {
            ByteBuffer buffer = Layout.allocate(LENGTH, Tag.PROOF);
            for (Bytes field : new Bytes[] {job.value(), worker.key(), requestCommitment, modelDigest, outputDigest}) {
                if (field.length() != 32) {
                    throw Layout.malformed(Tag.PROOF, "needs commitment and digests of 32 bytes");
                }
                field.writeTo(buffer);
            }
            buffer.putInt(inputTokens).putInt(outputTokens).putLong(price);
            buffer.put((byte) finishReason.code()).put(new byte[3]).putInt(attempt);
            return new Statement(Layout.finish(buffer));
        }
    }
}

package org.usedecentral.spi.protocol;

import java.nio.ByteBuffer;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;

/** What an orchestrator acknowledges of one attempt so far: cumulative, 96 bytes (docs/protocol.md, section 4). Immutable. */
public final class Voucher {
    public static final int LENGTH = 96;

    private final Bytes encoded;

    private Voucher(Bytes encoded) {
        this.encoded = Layout.check(encoded, LENGTH, Tag.VOUCHER);
        Layout.u31(encoded, 80);
        Layout.u31(encoded, 84);
        Layout.u63(encoded, 88);
    }

    /**
     * A voucher; {@code outputTokens} 0 and {@code price} 0 make it the assignment.
     *
     * @param price base units
     */
    public static Voucher of(JobId job, Account worker, int attempt, int outputTokens, long price) {
        ByteBuffer buffer = Layout.allocate(LENGTH, Tag.VOUCHER);
        job.value().writeTo(buffer);
        worker.key().writeTo(buffer);
        buffer.putInt(attempt).putInt(outputTokens).putLong(price);
        return new Voucher(Layout.finish(buffer));
    }

    /**
     * Reads the layout.
     *
     * @throws DecentralException {@code INVALID_REQUEST} if it is not one
     */
    public static Voucher decode(Bytes encoded) {
        return new Voucher(encoded);
    }

    /** The bytes that the job's orchestrator signs. */
    public Bytes encoded() {
        return encoded;
    }

    public JobId job() {
        return new JobId(Layout.field(encoded, 16));
    }

    public Account worker() {
        return Layout.account(encoded, 48);
    }

    public int attempt() {
        return Layout.u31(encoded, 80);
    }

    public int outputTokens() {
        return Layout.u31(encoded, 84);
    }

    public long price() {
        return Layout.u63(encoded, 88);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Voucher voucher && encoded.equals(voucher.encoded);
    }

    @Override
    public int hashCode() {
        return encoded.hashCode();
    }

    @Override
    public String toString() {
        return "voucher " + outputTokens() + "/" + price() + " for attempt " + attempt() + " of job " + job();
    }
}

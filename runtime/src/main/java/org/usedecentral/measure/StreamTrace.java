package org.usedecentral.measure;

import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.inference.Usage;

/** When one stream's tokens came. Written by the stream's reader, read when it has ended. Times in nanoseconds of one source. */
final class StreamTrace {
    private final long[] times;
    private final int[] tokens;
    private final long asked;
    private int size;
    private int counted;
    private long characters;
    private Usage usage = new Usage(0, 0);

    /**
     * A stream that is asked for now.
     *
     * @param most tokens it may have
     */
    StreamTrace(int most, long asked) {
        this.times = new long[most];
        this.tokens = new int[most];
        this.asked = asked;
    }

    /** Tokens that came together; none is no event. */
    void came(long now, int count) {
        if (count == 0) {
            return;
        }
        if (size == times.length) {
            throw new DecentralException(
                    ErrorCode.INTERNAL, "the engine sent more tokens than the " + times.length + " it was asked for");
        }
        times[size] = now;
        tokens[size++] = count;
        counted += count;
    }

    /** Text that came, be it with tokens or without. */
    void said(String text) {
        characters += text.length();
    }

    long characters() {
        return characters;
    }

    void ended(Usage all) {
        this.usage = all;
    }

    Usage usage() {
        return usage;
    }

    boolean isEmpty() {
        return size == 0;
    }

    /** How many times tokens came. */
    int size() {
        return size;
    }

    long first() {
        return times[0];
    }

    long last() {
        return times[size - 1];
    }

    double secondsToFirst() {
        return (times[0] - asked) / 1e9;
    }

    /** The pause before the {@code index}th coming but the first. */
    double gapSeconds(int index) {
        return (times[index] - times[index - 1]) / 1e9;
    }

    /**
     * Output tokens after {@code from} until {@code to}. An engine that says only at the end how many tokens there were, as behind an HTTP API that sends
     * several in one chunk, has them spread over what came.
     */
    double tokensWithin(long from, long to) {
        int within = 0;
        for (int i = 0; i < size; i++) {
            within += times[i] - from > 0 && times[i] - to <= 0 ? tokens[i] : 0;
        }
        return counted == 0 ? 0 : (double) within * Math.max(counted, usage.outputTokens()) / counted;
    }
}

package org.usedecentral.backend.llamacpp.grammar;

import java.util.Arrays;

/** A set of Unicode characters, surrogates excluded: they are no characters of UTF-8. Immutable. */
public final class CharacterSet {
    private static final int LAST = Character.MAX_CODE_POINT;

    /** First and last of each range, ascending, neither overlapping nor touching. */
    private final int[] bounds;

    private final long low;
    private final long high;

    private CharacterSet(int[] bounds) {
        this.bounds = bounds;
        this.low = ascii(bounds, 0);
        this.high = ascii(bounds, 64);
    }

    /** The characters between pairs of first and last, in any order. */
    public static CharacterSet of(int... pairs) {
        long[] ranges = new long[pairs.length / 2];
        for (int i = 0; i < ranges.length; i++) {
            ranges[i] = (long) pairs[2 * i] << 32 | pairs[2 * i + 1];
        }
        Arrays.sort(ranges);
        int[] sorted = new int[pairs.length];
        int size = 0;
        for (long range : ranges) {
            int first = (int) (range >>> 32);
            int last = (int) range;
            if (first > last) {
                continue;
            }
            if (size > 0 && first <= sorted[size - 1] + 1) {
                sorted[size - 1] = Math.max(sorted[size - 1], last);
            } else {
                sorted[size++] = first;
                sorted[size++] = last;
            }
        }
        return withoutSurrogates(Arrays.copyOf(sorted, size));
    }

    private static CharacterSet withoutSurrogates(int[] bounds) {
        int[] cut = new int[bounds.length + 2];
        int size = 0;
        for (int i = 0; i < bounds.length; i += 2) {
            size = add(cut, size, bounds[i], Math.min(bounds[i + 1], Character.MIN_SURROGATE - 1));
            size = add(cut, size, Math.max(bounds[i], Character.MAX_SURROGATE + 1), bounds[i + 1]);
        }
        return new CharacterSet(Arrays.copyOf(cut, size));
    }

    private static int add(int[] bounds, int size, int first, int last) {
        if (first > last) {
            return size;
        }
        bounds[size] = first;
        bounds[size + 1] = last;
        return size + 2;
    }

    /** Every other character. */
    public CharacterSet complement() {
        int[] pairs = new int[bounds.length + 2];
        int size = 0;
        int from = 0;
        for (int i = 0; i < bounds.length; i += 2) {
            size = add(pairs, size, from, bounds[i] - 1);
            from = bounds[i + 1] + 1;
        }
        size = add(pairs, size, from, LAST);
        return withoutSurrogates(Arrays.copyOf(pairs, size));
    }

    /** The characters of this and the other. */
    public CharacterSet and(CharacterSet other) {
        return complement().or(other.complement()).complement();
    }

    /** The characters of this or the other. */
    public CharacterSet or(CharacterSet other) {
        int[] pairs = Arrays.copyOf(bounds, bounds.length + other.bounds.length);
        System.arraycopy(other.bounds, 0, pairs, bounds.length, other.bounds.length);
        return of(pairs);
    }

    public boolean isEmpty() {
        return bounds.length == 0;
    }

    public boolean contains(int character) {
        if (character < 128) {
            return ((character < 64 ? low >>> character : high >>> (character - 64)) & 1) != 0;
        }
        return intersects(character, character);
    }

    /** Whether a character from {@code first} to {@code last} belongs to it. */
    boolean intersects(int first, int last) {
        int at = 0;
        int end = bounds.length / 2;
        while (at < end) {
            int middle = (at + end) >>> 1;
            if (bounds[2 * middle + 1] < first) {
                at = middle + 1;
            } else {
                end = middle;
            }
        }
        return 2 * at < bounds.length && bounds[2 * at] <= last;
    }

    /** First and last of each range, ascending. */
    public int[] toPairs() {
        return bounds.clone();
    }

    private static long ascii(int[] bounds, int from) {
        long bits = 0;
        for (int i = 0; i < bounds.length; i += 2) {
            for (int c = Math.max(bounds[i], from); c <= Math.min(bounds[i + 1], from + 63); c++) {
                bits |= 1L << (c - from);
            }
        }
        return bits;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof CharacterSet set && Arrays.equals(bounds, set.bounds);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bounds);
    }

    @Override
    public String toString() {
        StringBuilder out = new StringBuilder("[");
        for (int i = 0; i < bounds.length; i += 2) {
            out.append(Character.toString(bounds[i])).append('-').append(Character.toString(bounds[i + 1]));
        }
        return out.append(']').toString();
    }
}

package org.usedecentral.backend.llamacpp;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.usedecentral.spi.inference.Sampling;

/**
 * Chooses the next token of one sequence: temperature, then min-p, top-k and top-p, as vLLM orders them. (llama.cpp's own
 * tools cut first and apply the temperature last.)
 * Written in Java rather than with libllama's samplers, so that a seed means the same on every platform and the choice
 * can be tested without a model. One thread; the scratch arrays are shared by all sequences of a loop.
 */
final class Sampler {
    /** Below e^-40 of the best token all of a vocabulary together weighs nothing in a double. */
    private static final int FARTHEST = 40;

    /** Steps of a sixteenth in the logarithm, by which a nucleus is found without sorting the vocabulary. */
    private static final int BUCKETS_A_UNIT = 16;

    private final double temperature;
    private final double topP;
    private final int topK;
    /** How far below the best a logit may lie after the temperature: the logarithm of min-p. */
    private final double floor;

    private long state;

    Sampler(Sampling sampling, long seed) {
        this.temperature = sampling.temperature();
        this.topP = sampling.topP();
        this.topK = sampling.topK();
        this.floor = Math.max(-FARTHEST, Math.log(sampling.minP()));
        this.state = seed;
    }

    /** The working memory of one loop. */
    static final class Scratch {
        final float[] logits;
        final double[] weights;
        final int[] order;
        final double[] masses = new double[FARTHEST * BUCKETS_A_UNIT + 1];
        private float @Nullable [] raw;

        Scratch(int vocabulary) {
            this.logits = new float[vocabulary];
            this.weights = new double[vocabulary];
            this.order = new int[vocabulary];
        }

        /** A second array of logits, for what needs them as the model gave them. */
        float[] raw() {
            if (raw == null) {
                raw = new float[logits.length];
            }
            return raw;
        }

        /** The {@code count} greatest of {@code values}, greatest first, at the start of {@link #order}. */
        int selectTop(float[] values, int count) {
            for (int i = 0; i < values.length; i++) {
                // NaN would make a mess of the order.
                weights[i] = values[i] > Float.NEGATIVE_INFINITY ? values[i] : Double.NEGATIVE_INFINITY;
            }
            return Sampler.selectTop(this, count);
        }
    }

    /**
     * The token chosen from {@code scratch.logits}, which it leaves unchanged; -1 if no logit is a number.
     */
    int sample(Scratch scratch) {
        int best = best(scratch.logits);
        if (best < 0 || temperature == 0 || topK == 1) {
            return best;
        }
        float peak = scratch.logits[best];
        if (topK == 0 && topP >= 1) {
            return drawFromAll(scratch, peak);
        }
        return drawFromTop(scratch, peak);
    }

    private static int best(float[] logits) {
        int best = -1;
        float peak = Float.NEGATIVE_INFINITY;
        for (int i = 0; i < logits.length; i++) {
            // The first of equals; NaN never wins.
            if (logits[i] > peak) {
                peak = logits[i];
                best = i;
            }
        }
        return best;
    }

    private int drawFromAll(Scratch scratch, float peak) {
        double total = weigh(scratch, peak);
        double point = nextDouble() * total;
        double[] weights = scratch.weights;
        int last = 0;
        for (int i = 0; i < weights.length; i++) {
            if (weights[i] > 0) {
                last = i;
                point -= weights[i];
                if (point < 0) {
                    return i;
                }
            }
        }
        return last;
    }

    /** Fills the weights, which are probabilities but for a common factor, and returns their sum. */
    private double weigh(Scratch scratch, float peak) {
        double scale = 1 / temperature;
        double total = 0;
        float[] logits = scratch.logits;
        double[] weights = scratch.weights;
        for (int i = 0; i < logits.length; i++) {
            double distance = (logits[i] - peak) * scale;
            double weight = distance >= floor ? Math.exp(distance) : 0;
            weights[i] = weight;
            total += weight;
        }
        return total;
    }

    private int drawFromTop(Scratch scratch, float peak) {
        double total = weigh(scratch, peak);
        if (topK == 0 || topK >= scratch.logits.length) {
            return drawFromNucleus(scratch, peak, total * topP);
        }
        int count = selectTop(scratch, topK);
        // Top-p is of what top-k left.
        int kept = topP >= 1 ? count : nucleus(scratch, count, sum(scratch, count) * topP);
        return drawFromOrder(scratch, kept == 0 ? count : kept);
    }

    /** Draws from the fewest tokens that weigh {@code wanted} together: whole buckets, and the best of the last one. */
    private int drawFromNucleus(Scratch scratch, float peak, double wanted) {
        double[] masses = scratch.masses;
        Arrays.fill(masses, 0);
        double[] weights = scratch.weights;
        for (int i = 0; i < weights.length; i++) {
            if (weights[i] > 0) {
                masses[bucket(scratch.logits[i], peak)] += weights[i];
            }
        }
        int last = 0;
        double before = 0;
        while (last < masses.length - 1 && before + masses[last] < wanted) {
            before += masses[last++];
        }
        int size = 0;
        for (int i = 0; i < weights.length; i++) {
            if (weights[i] > 0 && bucket(scratch.logits[i], peak) == last) {
                scratch.order[size++] = i;
            }
        }
        sort(scratch, size);
        int kept = nucleus(scratch, size, wanted - before);
        kept = kept == 0 ? size : kept;
        double point = nextDouble() * (before + sum(scratch, kept));
        if (point >= before) {
            return pick(scratch, kept, point - before);
        }
        for (int i = 0; i < weights.length; i++) {
            if (weights[i] > 0 && bucket(scratch.logits[i], peak) < last) {
                point -= weights[i];
                if (point < 0) {
                    return i;
                }
            }
        }
        // Only by rounding.
        return scratch.order[0];
    }

    private int bucket(float logit, float peak) {
        return (int) ((peak - logit) / temperature * BUCKETS_A_UNIT);
    }

    private static double sum(Scratch scratch, int count) {
        double sum = 0;
        for (int i = 0; i < count; i++) {
            sum += scratch.weights[scratch.order[i]];
        }
        return sum;
    }

    /** How many of the first {@code count} reach {@code mass} together; 0 if they do not. */
    private static int nucleus(Scratch scratch, int count, double mass) {
        double sum = 0;
        for (int i = 0; i < count; i++) {
            sum += scratch.weights[scratch.order[i]];
            if (sum >= mass) {
                return i + 1;
            }
        }
        return 0;
    }

    private int drawFromOrder(Scratch scratch, int count) {
        return pick(scratch, count, nextDouble() * sum(scratch, count));
    }

    /** The token of the first {@code count} in order in which the running sum passes {@code point}. */
    private static int pick(Scratch scratch, int count, double point) {
        double left = point;
        for (int i = 0; i < count; i++) {
            left -= scratch.weights[scratch.order[i]];
            if (left < 0) {
                return scratch.order[i];
            }
        }
        return scratch.order[0];
    }

    /** Puts the {@code count} heaviest tokens first in {@code order}, heaviest first, and returns how many there are. */
    private static int selectTop(Scratch scratch, int count) {
        int[] heap = scratch.order;
        double[] weights = scratch.weights;
        int size = 0;
        for (int token = 0; token < weights.length; token++) {
            if (size < count) {
                heap[size] = token;
                siftUp(heap, weights, size++);
            } else if (weights[token] > weights[heap[0]]) {
                heap[0] = token;
                siftDown(heap, weights, 0, size);
            }
        }
        sortHeap(heap, weights, size);
        return size;
    }

    /** Sorts the first {@code size} of {@code order}, heaviest first. */
    private static void sort(Scratch scratch, int size) {
        for (int parent = size / 2 - 1; parent >= 0; parent--) {
            siftDown(scratch.order, scratch.weights, parent, size);
        }
        sortHeap(scratch.order, scratch.weights, size);
    }

    /** In place: the lightest goes to the end each time, so the heaviest ends in front. */
    private static void sortHeap(int[] heap, double[] weights, int size) {
        for (int end = size - 1; end > 0; end--) {
            swap(heap, 0, end);
            siftDown(heap, weights, 0, end);
        }
    }

    /** Lighter, or as light with a greater id: a total order, so that equal weights are cut the same way always. */
    private static boolean lighter(double[] weights, int a, int b) {
        return weights[a] < weights[b] || (weights[a] == weights[b] && a > b);
    }

    private static void siftUp(int[] heap, double[] weights, int at) {
        int child = at;
        while (child > 0) {
            int parent = (child - 1) / 2;
            if (!lighter(weights, heap[child], heap[parent])) {
                return;
            }
            swap(heap, child, parent);
            child = parent;
        }
    }

    private static void siftDown(int[] heap, double[] weights, int at, int size) {
        int parent = at;
        while (true) {
            int child = 2 * parent + 1;
            if (child >= size) {
                return;
            }
            if (child + 1 < size && lighter(weights, heap[child + 1], heap[child])) {
                child++;
            }
            if (!lighter(weights, heap[child], heap[parent])) {
                return;
            }
            swap(heap, child, parent);
            parent = child;
        }
    }

    private static void swap(int[] heap, int a, int b) {
        int token = heap[a];
        heap[a] = heap[b];
        heap[b] = token;
    }

    /** SplitMix64 (Steele, Lea, Flood 2014), the top 53 bits as a fraction: the same on every platform and version. */
    private double nextDouble() {
        state += 0x9E3779B97F4A7C15L;
        long z = state;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        z ^= z >>> 31;
        return (z >>> 11) * 0x1.0p-53;
    }
}

package org.usedecentral.spi.inference;

import java.util.List;

/** One vector an input, in input order. */
public record Embeddings(List<Vector> vectors, Usage usage) {
    public Embeddings {
        vectors = List.copyOf(vectors);
    }

    /** An embedding. Immutable. */
    public static final class Vector {
        private final float[] values;

        public Vector(float... values) {
            this.values = values.clone();
        }

        public int dimensions() {
            return values.length;
        }

        public float get(int index) {
            return values[index];
        }

        public float[] toArray() {
            return values.clone();
        }
    }
}

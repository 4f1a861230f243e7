package org.usedecentral.backend.djl;

import java.nio.FloatBuffer;

/**
 * From a vector a token to one a text: the mean over the tokens that are no padding, scaled to length 1, as sentence-transformers'
 * models are trained (Reimers and Gurevych, Sentence-BERT, 2019). Stateless.
 */
final class Pooling {
    private Pooling() {}

    /**
     * The vector of one text.
     *
     * @param hidden what the network gave for a batch: texts × {@code width} × {@code dimensions}
     * @param text which one of the batch
     * @param tokens of the text, at least 1; they come first, padding after them
     */
    static float[] mean(FloatBuffer hidden, int text, int width, int tokens, int dimensions) {
        double[] sums = new double[dimensions];
        int at = text * width * dimensions;
        for (int token = 0; token < tokens; token++) {
            for (int d = 0; d < dimensions; d++) {
                sums[d] += hidden.get(at++);
            }
        }
        double squares = 0;
        for (double sum : sums) {
            squares += sum * sum;
        }
        // The mean's divisor goes out in the scaling.
        double length = Math.sqrt(squares);
        float[] vector = new float[dimensions];
        for (int d = 0; d < dimensions; d++) {
            vector[d] = length == 0 ? 0 : (float) (sums[d] / length);
        }
        return vector;
    }
}

package org.usedecentral.backend.llamacpp;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;

/**
 * A BERT of two narrow layers with random weights, written as a GGUF file, and what it computes: a second, plain
 * implementation to compare the engine with. One thread.
 */
final class TinyBert {
    static final int CONTEXT = 96;
    static final int WIDTH = 32;
    private static final int HEADS = 4;
    private static final int HEAD = WIDTH / HEADS;
    private static final int INNER = 64;
    private static final int LAYERS = 2;
    private static final double EPSILON = 1e-12;
    /** Padding, unknown, beginning, end, mask. */
    private static final List<String> SPECIALS = List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]");

    private static final int UNKNOWN = 1;
    private static final int BEGINNING = 2;
    private static final int END = 3;
    private static final List<String> WORDS = List.of("the", "sea", "is", "cat", "sleep", "calm");
    private static final List<String> ENDINGS = List.of("s", "ing", "er");

    private final List<String> vocabulary = vocabulary();
    private final Map<String, Tensor> weights = new LinkedHashMap<>();
    /** Numbers and texts by key; may be changed before {@link #write}. */
    final Map<String, Object> metadata = new LinkedHashMap<>();

    /** Rows of numbers, or one row. */
    private static final class Tensor {
        private final float[] values;
        private final List<Integer> shape;

        Tensor(float[] values, List<Integer> shape) {
            this.values = values;
            this.shape = shape;
        }
    }

    TinyBert(long seed) {
        Random random = new Random(seed);
        matrix(random, "token_embd", WIDTH, vocabulary.size());
        matrix(random, "token_types", WIDTH, 2);
        matrix(random, "position_embd", WIDTH, CONTEXT);
        norm(random, "token_embd_norm");
        for (int layer = 0; layer < LAYERS; layer++) {
            String block = "blk." + layer + ".";
            for (String part : List.of("attn_q", "attn_k", "attn_v", "attn_output")) {
                matrix(random, block + part, WIDTH, WIDTH);
                bias(random, block + part, WIDTH);
            }
            norm(random, block + "attn_output_norm");
            matrix(random, block + "ffn_up", WIDTH, INNER);
            bias(random, block + "ffn_up", INNER);
            matrix(random, block + "ffn_down", INNER, WIDTH);
            bias(random, block + "ffn_down", WIDTH);
            norm(random, block + "layer_output_norm");
        }
        metadata.put("general.architecture", "bert");
        metadata.put("bert.context_length", CONTEXT);
        metadata.put("bert.embedding_length", WIDTH);
        metadata.put("bert.block_count", LAYERS);
        metadata.put("bert.feed_forward_length", INNER);
        metadata.put("bert.attention.head_count", HEADS);
        metadata.put("bert.attention.layer_norm_epsilon", (float) EPSILON);
        metadata.put("bert.attention.causal", false);
        metadata.put("bert.pooling_type", 1);
        metadata.put("tokenizer.ggml.model", "bert");
        metadata.put("tokenizer.ggml.token_type_count", 2);
        metadata.put("tokenizer.ggml.padding_token_id", 0);
        metadata.put("tokenizer.ggml.unknown_token_id", UNKNOWN);
        metadata.put("tokenizer.ggml.cls_token_id", BEGINNING);
        metadata.put("tokenizer.ggml.bos_token_id", BEGINNING);
        metadata.put("tokenizer.ggml.seperator_token_id", END);
        metadata.put("tokenizer.ggml.mask_token_id", 4);
    }

    private static List<String> vocabulary() {
        List<String> tokens = new ArrayList<>(SPECIALS);
        WORDS.forEach(word -> tokens.add("▁" + word));
        tokens.addAll(ENDINGS);
        for (char c = 'a'; c <= 'z'; c++) {
            tokens.add("▁" + c);
            if (!tokens.contains(String.valueOf(c))) {
                tokens.add(String.valueOf(c));
            }
        }
        for (char c : "0123456789.,?!".toCharArray()) {
            tokens.add("▁" + c);
        }
        return tokens;
    }

    private void matrix(Random random, String name, int columns, int rows) {
        float deviation = name.startsWith("blk") ? 0.25f : 1;
        weights.put(name + ".weight", new Tensor(random(random, columns * rows, 0, deviation), List.of(columns, rows)));
    }

    private void bias(Random random, String name, int length) {
        vector(random, name + ".bias", length, 0, 0.3f);
    }

    private void norm(Random random, String name) {
        vector(random, name + ".weight", WIDTH, 1, 0.2f);
        vector(random, name + ".bias", WIDTH, 0, 0.2f);
    }

    private void vector(Random random, String name, int length, float mean, float deviation) {
        weights.put(name, new Tensor(random(random, length, mean, deviation), List.of(length)));
    }

    private static float[] random(Random random, int length, float mean, float deviation) {
        float[] values = new float[length];
        for (int i = 0; i < length; i++) {
            values[i] = mean + deviation * (float) random.nextGaussian();
        }
        return values;
    }

    // What it computes.

    /** The tokens of a text of letters, digits and ASCII punctuation, without accents: the longest pieces from the left. */
    List<Integer> tokens(String text) {
        List<Integer> tokens = new ArrayList<>();
        tokens.add(BEGINNING);
        for (String word : Normalizer.normalize(text.toLowerCase(Locale.ROOT), Normalizer.Form.NFD)
                .replaceAll("\\p{M}", "")
                .replaceAll("(\\p{Punct})", " $1 ")
                .strip()
                .split("\\s+", -1)) {
            List<Integer> pieces = new ArrayList<>();
            String rest = word.isEmpty() ? "" : "▁" + word;
            while (!rest.isEmpty()) {
                int length = rest.length();
                while (length > 0 && !vocabulary.contains(rest.substring(0, length))) {
                    length--;
                }
                if (length == 0) {
                    pieces = List.of(UNKNOWN);
                    break;
                }
                pieces.add(vocabulary.indexOf(rest.substring(0, length)));
                rest = rest.substring(length);
            }
            tokens.addAll(pieces);
        }
        tokens.add(END);
        return tokens;
    }

    /** The mean over a text's tokens, of length 1. */
    double[] embed(String text) {
        double[] mean = new double[WIDTH];
        for (double[] state : states(tokens(text))) {
            for (int i = 0; i < WIDTH; i++) {
                mean[i] += state[i];
            }
        }
        return unit(mean);
    }

    /** What the first token has become, of length 1. */
    double[] embedFirst(String text) {
        return unit(states(tokens(text)).getFirst());
    }

    private static double[] unit(double[] vector) {
        double squares = 0;
        for (double value : vector) {
            squares += value * value;
        }
        double[] unit = new double[vector.length];
        for (int i = 0; i < unit.length; i++) {
            unit[i] = vector[i] / Math.sqrt(squares);
        }
        return unit;
    }

    private List<double[]> states(List<Integer> tokens) {
        List<double[]> states = new ArrayList<>();
        for (int position = 0; position < tokens.size(); position++) {
            double[] sum = new double[WIDTH];
            for (int i = 0; i < WIDTH; i++) {
                sum[i] = (double) values("token_embd.weight")[tokens.get(position) * WIDTH + i]
                        + values("token_types.weight")[i]
                        + values("position_embd.weight")[position * WIDTH + i];
            }
            states.add(norm("token_embd_norm", sum));
        }
        for (int layer = 0; layer < LAYERS; layer++) {
            states = layer("blk." + layer + ".", states);
        }
        return states;
    }

    private List<double[]> layer(String block, List<double[]> inputs) {
        List<double[]> keys =
                inputs.stream().map(x -> linear(block + "attn_k", x)).toList();
        List<double[]> values =
                inputs.stream().map(x -> linear(block + "attn_v", x)).toList();
        List<double[]> outputs = new ArrayList<>();
        for (double[] input : inputs) {
            double[] mixed = attend(linear(block + "attn_q", input), keys, values);
            double[] attended = norm(block + "attn_output_norm", sum(linear(block + "attn_output", mixed), input));
            double[] inner = linear(block + "ffn_up", attended);
            for (int i = 0; i < inner.length; i++) {
                inner[i] = gelu(inner[i]);
            }
            outputs.add(norm(block + "layer_output_norm", sum(linear(block + "ffn_down", inner), attended)));
        }
        return outputs;
    }

    private static double[] attend(double[] query, List<double[]> keys, List<double[]> values) {
        double[] mixed = new double[WIDTH];
        for (int head = 0; head < WIDTH; head += HEAD) {
            double[] shares = new double[keys.size()];
            double all = 0;
            for (int t = 0; t < shares.length; t++) {
                double product = 0;
                for (int i = head; i < head + HEAD; i++) {
                    product += query[i] * keys.get(t)[i];
                }
                shares[t] = Math.exp(product / Math.sqrt(HEAD));
                all += shares[t];
            }
            for (int t = 0; t < shares.length; t++) {
                for (int i = head; i < head + HEAD; i++) {
                    mixed[i] += shares[t] / all * values.get(t)[i];
                }
            }
        }
        return mixed;
    }

    private double[] linear(String name, double[] input) {
        float[] matrix = values(name + ".weight");
        float[] bias = values(name + ".bias");
        double[] output = new double[bias.length];
        for (int row = 0; row < output.length; row++) {
            output[row] = bias[row];
            for (int i = 0; i < input.length; i++) {
                output[row] += matrix[row * input.length + i] * input[i];
            }
        }
        return output;
    }

    private double[] norm(String name, double[] input) {
        double mean = 0;
        for (double value : input) {
            mean += value / input.length;
        }
        double variance = 0;
        for (double value : input) {
            variance += (value - mean) * (value - mean) / input.length;
        }
        double[] output = new double[input.length];
        for (int i = 0; i < output.length; i++) {
            output[i] = (input[i] - mean) / Math.sqrt(variance + EPSILON) * values(name + ".weight")[i]
                    + values(name + ".bias")[i];
        }
        return output;
    }

    private float[] values(String name) {
        Tensor tensor = weights.get(name);
        if (tensor == null) {
            throw new AssertionError("there is no tensor " + name);
        }
        return tensor.values;
    }

    private static double[] sum(double[] a, double[] b) {
        double[] sum = new double[a.length];
        for (int i = 0; i < sum.length; i++) {
            sum[i] = a[i] + b[i];
        }
        return sum;
    }

    /** Hendrycks and Gimpel's approximation, in half precision: ggml looks it up in a table of those. */
    private static double gelu(double x) {
        double half = Float.float16ToFloat(Float.floatToFloat16((float) x));
        double exact = 0.5 * half * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * half * (1 + 0.044715 * half * half)));
        return Float.float16ToFloat(Float.floatToFloat16((float) exact));
    }

    // How it is written.

    /** Writes the file in format version 3. */
    Path write(Path path) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes("GGUF".getBytes(StandardCharsets.US_ASCII));
        int32(out, 3);
        int64(out, weights.size());
        int64(out, metadata.size() + 2);
        metadata.forEach((key, value) -> entry(out, key, value));
        array(out, "tokenizer.ggml.tokens", 8);
        vocabulary.forEach(token -> string(out, token));
        array(out, "tokenizer.ggml.token_type", 5);
        for (int i = 0; i < vocabulary.size(); i++) {
            int32(out, i == UNKNOWN ? 2 : i < SPECIALS.size() ? 3 : 1);
        }
        long offset = 0;
        for (Map.Entry<String, Tensor> entry : weights.entrySet()) {
            string(out, entry.getKey());
            Tensor tensor = entry.getValue();
            int32(out, tensor.shape.size());
            tensor.shape.forEach(length -> int64(out, length));
            int32(out, 0);
            int64(out, offset);
            offset += (tensor.values.length * 4L + 31) & -32;
        }
        for (Tensor tensor : weights.values()) {
            pad(out);
            for (float value : tensor.values) {
                int32(out, Float.floatToRawIntBits(value));
            }
        }
        pad(out);
        return Files.write(path, out.toByteArray());
    }

    private void array(ByteArrayOutputStream out, String key, int type) {
        string(out, key);
        int32(out, 9);
        int32(out, type);
        int64(out, vocabulary.size());
    }

    private static void entry(ByteArrayOutputStream out, String key, Object value) {
        string(out, key);
        switch (value) {
            case Integer number -> {
                int32(out, 4);
                int32(out, number);
            }
            case Float number -> {
                int32(out, 6);
                int32(out, Float.floatToRawIntBits(number));
            }
            case Boolean flag -> {
                int32(out, 7);
                out.write(flag ? 1 : 0);
            }
            default -> {
                int32(out, 8);
                string(out, value.toString());
            }
        }
    }

    private static void pad(ByteArrayOutputStream out) {
        while (out.size() % 32 != 0) {
            out.write(0);
        }
    }

    private static void string(ByteArrayOutputStream out, String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        int64(out, utf8.length);
        out.writeBytes(utf8);
    }

    private static void int32(ByteArrayOutputStream out, int value) {
        out.writeBytes(ByteBuffer.allocate(4)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(value)
                .array());
    }

    private static void int64(ByteArrayOutputStream out, long value) {
        out.writeBytes(ByteBuffer.allocate(8)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(value)
                .array());
    }
}

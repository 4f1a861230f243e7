package org.usedecentral.backend.llamacpp;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.inference.WeightsInfo;

/**
 * What a GGUF file says of itself. Reading it is also the check that must come before libllama sees the file, because
 * libllama trusts many values and ends the process over a bad one: every count and extent is bounded by a stated limit
 * and by the file's size, and what the vocabulary loader assumes is verified. Format: ggml's {@code docs/gguf.md}.
 */
final class GgufFile {
    private static final int MAGIC = 0x46554747;
    static final long MAX_ENTRIES = 1 << 16;
    private static final long MAX_TENSORS = 1 << 16;
    private static final int MAX_LAYERS = 512;
    private static final int MAX_VOCABULARY = 1 << 22;
    private static final int DEFAULT_ALIGNMENT = 32;
    private static final int MAX_NAME = 63;
    private static final int MAX_DIMENSIONS = 4;

    /** Architectures that read a text as a whole and write none. */
    private static final Set<String> ENCODERS = Set.of(
            "bert",
            "eurobert",
            "gemma-embedding",
            "jina-bert-v2",
            "jina-bert-v3",
            "modern-bert",
            "neo-bert",
            "nomic-bert",
            "nomic-bert-moe");

    private static final int MEAN_POOLING = 1;
    private static final int RANK_POOLING = 4;

    private final GgufReader in;
    private final Map<String, Object> values = new HashMap<>();
    private final Map<String, GgufReader.ArrayInfo> arrays = new HashMap<>();

    private GgufFile(GgufReader in) {
        this.in = in;
    }

    /**
     * Reads and checks the header; the weights themselves are not read.
     *
     * @throws DecentralException {@code INVALID_REQUEST} saying what is wrong with the file
     */
    static GgufFile read(Path path) {
        try (GgufReader in = GgufReader.open(path)) {
            GgufFile file = new GgufFile(in);
            file.readHeader();
            return file;
        } catch (IOException e) {
            throw new DecentralException(ErrorCode.INVALID_REQUEST, "cannot read the model file " + path, e);
        } catch (GgufReader.MalformedException e) {
            throw new DecentralException(
                    ErrorCode.INVALID_REQUEST, path + " is not a usable GGUF model: " + e.getMessage(), e);
        }
    }

    /** Whether a file begins as GGUF files do. */
    static boolean isGguf(Path path) {
        try (InputStream in = Files.newInputStream(path)) {
            return Arrays.equals(in.readNBytes(4), new byte[] {'G', 'G', 'U', 'F'});
        } catch (IOException e) {
            throw new DecentralException(
                    ErrorCode.INVALID_REQUEST, "cannot read the model file " + path + ": " + e.getMessage(), e);
        }
    }

    WeightsInfo info() {
        return new WeightsInfo("gguf", architecture(), quantisation(), trainedContext(), cacheBytesPerToken());
    }

    /** The model family, such as {@code llama}. */
    String architecture() {
        return text("general.architecture");
    }

    /** The longest sequence the model was trained for. */
    int trainedContext() {
        return Math.toIntExact(number(architecture() + ".context_length"));
    }

    /** True for a model that gives a vector for a text rather than more text, whatever else its file holds. */
    boolean embeds() {
        return isEncoder() || statedPooling() > 0;
    }

    /** True if a text is read as a whole, without a KV cache. */
    boolean isEncoder() {
        return ENCODERS.contains(architecture());
    }

    /** True if what the model gives for a text is how well it fits, not a vector. */
    boolean ranks() {
        return statedPooling() == RANK_POOLING;
    }

    /** How the vectors of a text's tokens become one, by libllama's number; the mean where the file does not say. */
    int pooling() {
        return statedPooling() == 0 ? MEAN_POOLING : statedPooling();
    }

    private int statedPooling() {
        return (int) optional(architecture() + ".pooling_type", 0);
    }

    /** The model's chat template; empty if the file has none. */
    String chatTemplate() {
        return values.get("tokenizer.chat_template") instanceof String template ? template : "";
    }

    int vocabularySize() {
        return Math.toIntExact(array("tokenizer.ggml.tokens").count());
    }

    /** The most bytes of text that one token can stand for. */
    int longestToken() {
        return array("tokenizer.ggml.tokens").longest();
    }

    /** The quantisation as llama.cpp names it, such as {@code Q4_1}; empty if the file does not say. */
    String quantisation() {
        return values.get("general.file_type") instanceof Long type ? GgufTypes.fileType(type) : "";
    }

    /**
     * Bytes of KV cache that a token of one sequence takes, in half precision; more than is needed where layers differ.
     */
    long cacheBytesPerToken() {
        String prefix = architecture() + ".";
        long heads = optional(prefix + "attention.head_count", 1);
        long keyValueHeads = optional(prefix + "attention.head_count_kv", heads);
        long length = number(prefix + "embedding_length") / Math.max(1, heads);
        long key = optional(prefix + "attention.key_length", length);
        long value = optional(prefix + "attention.value_length", length);
        return number(prefix + "block_count") * keyValueHeads * (key + value) * Short.BYTES;
    }

    /** The size of the file, most of which are weights. */
    long bytes() {
        return in.size();
    }

    /** About how many bytes a step of {@code batch} tokens works in: attention scores and two layers' activations. */
    long stepBytes(int batch, int context) {
        String prefix = architecture() + ".";
        long width = number(prefix + "embedding_length");
        long inner = optional(prefix + "feed_forward_length", 4 * width);
        long heads = optional(prefix + "attention.head_count", 1);
        return batch * (heads * context + 4 * inner + 8 * width) * Float.BYTES;
    }

    private long optional(String key, long standard) {
        return values.get(key) instanceof Long value ? value : standard;
    }

    private void readHeader() throws IOException {
        if (in.remaining() < 24) {
            throw in.malformed("it has only " + in.remaining() + " bytes");
        }
        if (in.readInt() != MAGIC) {
            throw in.malformed("it does not begin with GGUF");
        }
        int version = in.readInt();
        if (version != 2 && version != 3) {
            throw in.malformed("its version is " + Integer.toUnsignedString(version) + "; 2 and 3 are supported");
        }
        long tensors = in.readCount("tensors", MAX_TENSORS);
        long entries = in.readCount("metadata entries", MAX_ENTRIES);
        for (long i = 0; i < entries; i++) {
            readEntry();
        }
        checkModel();
        checkVocabulary();
        checkTensors(tensors);
    }

    private void readEntry() throws IOException {
        String key = in.readString("a metadata key");
        int type = in.readInt();
        if (key.isEmpty() || values.containsKey(key) || arrays.containsKey(key)) {
            throw in.malformed("a metadata key is empty or occurs twice: '" + key + "'");
        }
        if (type == GgufReader.ARRAY) {
            arrays.put(key, in.skipArray(key));
        } else {
            values.put(key, in.readValue(type, key));
        }
    }

    private void checkModel() {
        String architecture = architecture();
        within(architecture + ".context_length", 1, Integer.MAX_VALUE);
        within(architecture + ".block_count", 1, MAX_LAYERS);
        within(architecture + ".embedding_length", 1, 1 << 20);
        if (values.containsKey(architecture + ".pooling_type")) {
            // The library ends the process over one that it does not know.
            within(architecture + ".pooling_type", 0, RANK_POOLING);
        }
        if (isEncoder()) {
            checkHeads(architecture + ".");
        }
        if (values.get("split.count") instanceof Long parts && parts > 1) {
            throw in.malformed("it is one of " + parts + " parts; merge them with llama-gguf-split first");
        }
        for (Map.Entry<String, Object> entry : values.entrySet()) {
            // Divisors of the shapes; a zero would be a division by zero in native code.
            String key = entry.getKey();
            if ((key.endsWith(".head_count") || key.endsWith(".head_count_kv")) && entry.getValue() instanceof Long) {
                within(key, key.endsWith("_kv") ? 0 : 1, 1 << 16);
            }
        }
    }

    /** The shapes of an encoder's attention, which the library assumes. */
    private void checkHeads(String prefix) {
        within(prefix + "attention.head_count", 1, 1 << 16);
        long heads = number(prefix + "attention.head_count");
        long keyValueHeads = optional(prefix + "attention.head_count_kv", heads);
        long width = number(prefix + "embedding_length");
        long key = optional(prefix + "attention.key_length", width / heads);
        if (keyValueHeads < 1
                || heads % keyValueHeads != 0
                || key < 1
                || key != optional(prefix + "attention.value_length", key)
                || (key * heads != width && !architecture().equals("gemma-embedding"))) {
            throw in.malformed("its width of " + width + " is not made of its " + heads + " attention heads");
        }
    }

    private void checkVocabulary() {
        GgufReader.ArrayInfo tokens = array("tokenizer.ggml.tokens");
        if (tokens.type() != GgufReader.STRING || tokens.count() < 1 || tokens.count() > MAX_VOCABULARY) {
            throw in.malformed("its vocabulary has " + tokens.count() + " entries");
        }
        // libllama reads these side by side with the tokens and does not compare their lengths.
        parallel("tokenizer.ggml.scores", GgufReader.FLOAT32, tokens.count());
        parallel("tokenizer.ggml.token_type", GgufReader.INT32, tokens.count());
        for (Map.Entry<String, Object> entry : values.entrySet()) {
            String key = entry.getKey();
            if (key.startsWith("tokenizer.ggml.")
                    && key.endsWith("_token_id")
                    && entry.getValue() instanceof Long id
                    && id != 0xFFFFFFFFL
                    && (id < 0 || id >= tokens.count())) {
                throw in.malformed(key + " is " + id + ", beyond the vocabulary");
            }
        }
        text("tokenizer.ggml.model");
    }

    private void parallel(String key, int type, long count) {
        GgufReader.ArrayInfo array = arrays.get(key);
        if (array != null && (array.type() != type || array.count() != count)) {
            throw in.malformed(key + " does not match the vocabulary");
        }
    }

    private void checkTensors(long count) throws IOException {
        long alignment = values.get("general.alignment") instanceof Long value ? value : DEFAULT_ALIGNMENT;
        if (alignment < 1 || alignment > 1 << 20 || Long.bitCount(alignment) != 1) {
            throw in.malformed("its alignment is " + alignment);
        }
        Set<String> names = new HashSet<>();
        long extent = 0;
        for (long i = 0; i < count; i++) {
            String name = in.readString("a tensor name");
            if (name.isEmpty() || name.length() > MAX_NAME || !names.add(name)) {
                throw in.malformed("a tensor name is empty, too long or occurs twice: '" + name + "'");
            }
            long bytes = readTensorSize(name);
            long offset = in.readLong();
            if (offset != extent) {
                throw in.malformed("tensor " + name + " lies at " + offset + " where " + extent + " is expected");
            }
            extent = align(Math.addExact(extent, bytes), alignment);
            if (extent > in.size() + alignment) {
                throw in.malformed("tensor " + name + " reaches beyond the end: the file is truncated");
            }
            if (i == count - 1 && align(in.position(), alignment) + offset + bytes > in.size()) {
                throw in.malformed("its last tensor reaches beyond the end: the file is truncated");
            }
        }
        if (count == 0) {
            throw in.malformed("it holds no tensors");
        }
    }

    private long readTensorSize(String name) throws IOException {
        int dimensions = in.readInt();
        if (dimensions < 1 || dimensions > MAX_DIMENSIONS) {
            throw in.malformed("tensor " + name + " has " + Integer.toUnsignedString(dimensions) + " dimensions");
        }
        long elements = 1;
        long row = 0;
        for (int d = 0; d < dimensions; d++) {
            long n = in.readLong();
            if (n < 1 || n > Integer.MAX_VALUE) {
                throw in.malformed("tensor " + name + " has a dimension of " + Long.toUnsignedString(n));
            }
            row = d == 0 ? n : row;
            elements = Math.multiplyHigh(elements, n) == 0 ? elements * n : -1;
            // No more elements than the file could hold at a bit each.
            if (elements < 0 || elements / 8 > in.size()) {
                throw in.malformed("tensor " + name + " is larger than the file");
            }
        }
        int type = in.readInt();
        if (!GgufTypes.isKnown(type)) {
            throw in.malformed("tensor " + name + " is of the unknown type " + type);
        }
        if (row % GgufTypes.blockElements(type) != 0) {
            throw in.malformed("the rows of tensor " + name + " are no whole blocks of its type");
        }
        return elements / GgufTypes.blockElements(type) * GgufTypes.blockBytes(type);
    }

    private static long align(long value, long alignment) {
        return (value + alignment - 1) & -alignment;
    }

    private void within(String key, long low, long high) {
        long value = number(key);
        if (value < low || value > high) {
            throw in.malformed(key + " is " + value);
        }
    }

    private long number(String key) {
        if (values.get(key) instanceof Long value) {
            return value;
        }
        throw in.malformed("it does not state " + key);
    }

    private String text(String key) {
        if (values.get(key) instanceof String value && !value.isEmpty()) {
            return value;
        }
        throw in.malformed("it does not state " + key);
    }

    private GgufReader.ArrayInfo array(String key) {
        GgufReader.ArrayInfo array = arrays.get(key);
        if (array == null) {
            throw in.malformed("it does not state " + key);
        }
        return array;
    }
}

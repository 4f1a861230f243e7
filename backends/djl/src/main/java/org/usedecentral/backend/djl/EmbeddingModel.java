package org.usedecentral.backend.djl;

import ai.djl.Device;
import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.engine.EngineException;
import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.djl.inference.Predictor;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.translate.NoopTranslator;
import ai.djl.translate.TranslateException;
import java.io.IOException;
import java.nio.LongBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.ModelId;
import org.usedecentral.spi.inference.Embeddings;
import org.usedecentral.spi.inference.Feature;
import org.usedecentral.spi.inference.ModelCard;
import org.usedecentral.spi.inference.ModelLimits;
import org.usedecentral.spi.inference.Usage;

/** An ONNX encoder and its tokenizer. Thread-safe until it is closed, which comes after the last call. */
final class EmbeddingModel implements AutoCloseable {
    private static final int MAX_INPUTS = 2048;
    private static final Set<String> INPUTS = Set.of("input_ids", "attention_mask", "token_type_ids");

    private final ModelCard card;
    private final Settings.Limits limits;
    private final HuggingFaceTokenizer tokenizer;
    private final Model model;
    private final List<String> inputNames;

    /** What a model is called and known by. */
    record Identity(ModelId id, @Nullable Bytes digest, String quantisation) {}

    /** A text, cut into tokens. */
    private record Cut(int index, Encoding encoding) {
        long[] ids() {
            return encoding.getIds();
        }
    }

    private EmbeddingModel(ModelCard card, Settings.Limits limits, HuggingFaceTokenizer tokenizer, Model model) {
        this.card = card;
        this.limits = limits;
        this.tokenizer = tokenizer;
        this.model = model;
        this.inputNames = List.copyOf(model.describeInput().keys());
    }

    /**
     * Opens both files.
     *
     * @throws DecentralException {@code INVALID_REQUEST} saying which one cannot be used, and why
     */
    static EmbeddingModel open(Identity identity, Path weights, Path tokenizerFile, Settings.Limits limits) {
        requireFile("the model", weights);
        requireFile("the tokenizer, which belongs beside the model or under the key tokenizer,", tokenizerFile);
        HuggingFaceTokenizer tokenizer = tokenizer(tokenizerFile);
        Model model = null;
        try {
            model = network(weights, limits);
            ModelCard card = new ModelCard(
                    identity.id(),
                    identity.digest(),
                    new ModelLimits(limits.context(), 1, 0),
                    identity.quantisation(),
                    Set.of(Feature.EMBED, Feature.DETERMINISTIC));
            EmbeddingModel opened = new EmbeddingModel(card, limits, tokenizer, model);
            opened.check(weights);
            model = null;
            return opened;
        } finally {
            if (model != null) {
                model.close();
                tokenizer.close();
            }
        }
    }

    private static void requireFile(String what, Path file) {
        if (!Files.isRegularFile(file) || !Files.isReadable(file)) {
            throw new DecentralException(ErrorCode.INVALID_REQUEST, what + " cannot be read: there is no file " + file);
        }
    }

    private static HuggingFaceTokenizer tokenizer(Path file) {
        try {
            // What the file says about cutting off and padding is for its author's batches; neither is done here.
            return HuggingFaceTokenizer.builder()
                    .optTokenizerPath(file)
                    .optAddSpecialTokens(true)
                    .optTruncation(false)
                    .optPadding(false)
                    .build();
        } catch (IOException | RuntimeException e) {
            throw new DecentralException(
                    ErrorCode.INVALID_REQUEST, file + " is not a usable tokenizer: " + e.getMessage(), e);
        }
    }

    private static Model network(Path weights, Settings.Limits limits) {
        Path absolute = weights.toAbsolutePath();
        Map<String, String> options = new HashMap<>();
        if (limits.threads() > 0) {
            options.put("intraOpNumThreads", Integer.toString(limits.threads()));
        }
        Model model = Model.newInstance(absolute.getFileName().toString(), Device.cpu(), "OnnxRuntime");
        try {
            model.load(absolute.getParent(), absolute.getFileName().toString(), options);
            return model;
        } catch (IOException | MalformedModelException | EngineException e) {
            model.close();
            throw new DecentralException(
                    ErrorCode.INVALID_REQUEST, weights + " is not a usable ONNX model: " + e.getMessage(), e);
        }
    }

    /** Embeds one text, so that a model of another shape is refused when it is loaded. */
    private void check(Path weights) {
        if (!INPUTS.containsAll(inputNames) || !inputNames.contains("input_ids")) {
            throw new DecentralException(
                    ErrorCode.INVALID_REQUEST,
                    weights + " is no text encoder: its inputs are " + inputNames + ", not of " + INPUTS);
        }
        try {
            Embeddings _ = embed(List.of("test"), new AtomicBoolean());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new DecentralException(ErrorCode.CANCELLED, "interrupted while loading " + weights, e);
        }
    }

    ModelCard card() {
        return card;
    }

    /**
     * Embeds every text, in steps of bounded size; an interrupt is noticed between them, and {@code abandoned} set.
     *
     * @throws DecentralException {@code CONTEXT_TOO_LONG} naming the first input that is too long, {@code INVALID_REQUEST} for too many
     */
    Embeddings embed(List<String> texts, AtomicBoolean abandoned) throws InterruptedException {
        if (texts.size() > MAX_INPUTS) {
            throw DecentralException.invalid(
                    "input", "a request embeds at most " + MAX_INPUTS + " inputs, not " + texts.size());
        }
        List<Cut> cuts = new ArrayList<>(texts.size());
        int tokens = 0;
        for (int i = 0; i < texts.size(); i++) {
            goOn(abandoned);
            Cut cut = cut(i, texts.get(i));
            cuts.add(cut);
            tokens = Math.addExact(tokens, cut.ids().length);
        }
        // Texts of like length together: less of a step is padding.
        cuts.sort(Comparator.comparingInt(cut -> cut.ids().length));
        float[][] vectors = new float[texts.size()][];
        try (Predictor<NDList, NDList> predictor = model.newPredictor(new NoopTranslator())) {
            int from = 0;
            while (from < cuts.size()) {
                goOn(abandoned);
                int to = from + 1;
                while (to < cuts.size() && (to + 1 - from) * cuts.get(to).ids().length <= limits.batchTokens()) {
                    to++;
                }
                step(predictor, cuts.subList(from, to), vectors);
                from = to;
            }
        }
        return new Embeddings(
                IntStream.range(0, vectors.length)
                        .mapToObj(i -> new Embeddings.Vector(vectors[i]))
                        .toList(),
                new Usage(tokens, 0));
    }

    private static void goOn(AtomicBoolean abandoned) throws InterruptedException {
        if (abandoned.get() || Thread.interrupted()) {
            throw new InterruptedException("while embedding");
        }
    }

    private Cut cut(int index, String text) {
        // Half a surrogate pair has no UTF-8, and the tokenizer is native code that wants some.
        String whole = new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
        Encoding encoding = tokenizer.encode(whole);
        int length = encoding.getIds().length;
        if (length > limits.context()) {
            throw new DecentralException(
                    ErrorCode.CONTEXT_TOO_LONG,
                    "input " + index + " has " + length + " tokens and model " + card.id() + " takes "
                            + limits.context() + ": shorten or split it");
        }
        return new Cut(index, encoding);
    }

    private void step(Predictor<NDList, NDList> predictor, List<Cut> batch, float[][] vectors) {
        int width = batch.getLast().ids().length;
        try (NDManager manager = model.getNDManager().newSubManager()) {
            NDList output = predictor.predict(input(manager, batch, width));
            NDArray hidden = output.getFirst();
            Shape shape = hidden.getShape();
            if (hidden.getDataType() != DataType.FLOAT32
                    || shape.dimension() != 3
                    || shape.get(0) != batch.size()
                    || shape.get(1) != width) {
                throw new DecentralException(
                        ErrorCode.INVALID_REQUEST,
                        "model " + card.id() + " gives " + hidden.getDataType() + " of shape " + shape
                                + ", not a vector of floats a token");
            }
            var values = hidden.toByteBuffer().asFloatBuffer();
            for (int i = 0; i < batch.size(); i++) {
                Cut cut = batch.get(i);
                vectors[cut.index()] = Pooling.mean(values, i, width, cut.ids().length, (int) shape.get(2));
            }
            output.close();
        } catch (TranslateException | EngineException e) {
            throw new DecentralException(ErrorCode.INTERNAL, "ONNX Runtime failed: " + e.getMessage(), e);
        }
    }

    private NDList input(NDManager manager, List<Cut> batch, int width) {
        LongBuffer ids = LongBuffer.allocate(batch.size() * width);
        LongBuffer mask = LongBuffer.allocate(batch.size() * width);
        for (int i = 0; i < batch.size(); i++) {
            long[] of = batch.get(i).ids();
            ids.put(i * width, of);
            for (int t = 0; t < of.length; t++) {
                mask.put(i * width + t, 1);
            }
        }
        Shape shape = new Shape(batch.size(), width);
        NDList list = new NDList(inputNames.size());
        for (String name : inputNames) {
            LongBuffer values = switch (name) {
                case "input_ids" -> ids;
                case "attention_mask" -> mask;
                // One text, no pairs.
                default -> LongBuffer.allocate(batch.size() * width);
            };
            NDArray array = manager.create(values, shape, DataType.INT64);
            array.setName(name);
            list.add(array);
        }
        return list;
    }

    @Override
    public void close() {
        model.close();
        tokenizer.close();
    }
}

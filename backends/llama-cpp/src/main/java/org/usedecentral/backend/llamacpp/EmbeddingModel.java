package org.usedecentral.backend.llamacpp;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.inference.BackendLoad;
import org.usedecentral.spi.inference.EmbeddingRequest;
import org.usedecentral.spi.inference.Embeddings;
import org.usedecentral.spi.inference.Feature;
import org.usedecentral.spi.inference.ModelCard;
import org.usedecentral.spi.inference.ModelLimits;
import org.usedecentral.spi.inference.Usage;

/**
 * An embedding model in memory. Thread-safe: callers wait on threads of their own kind while one platform thread
 * computes, a step of one request after a step of another, since native code would hold a virtual thread's carrier.
 */
final class EmbeddingModel implements ResidentModel {
    /** As many as OpenAI's API takes. */
    static final int MAX_INPUTS = 2048;

    /** Texts in one step at most, where the model can take several. */
    private static final int SEQUENCES = 32;

    private final ReentrantReadWriteLock lease = new ReentrantReadWriteLock();
    private final NativeModel nativeModel;
    private final Vocabulary vocabulary;
    private final EmbeddingSteps steps;
    private final ModelCard card;
    private final int slots;
    private final int batchTokens;
    private final Semaphore free;
    private final ExecutorService thread = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("llama-embed").factory());
    private volatile boolean closed;

    private EmbeddingModel(Engine engine, Identity identity, GgufFile file, NativeModel model) {
        Settings settings = engine.settings();
        NativeModel.EmbeddingShape shape = shape(settings, file, engine.onGpu());
        this.nativeModel = model;
        this.vocabulary = new Vocabulary(engine.api(), model.weights());
        this.steps = new EmbeddingSteps(engine.api(), model, shape);
        this.slots = settings.slots();
        this.batchTokens = settings.batch();
        this.free = new Semaphore(slots);
        Set<Feature> features = EnumSet.of(Feature.EMBED);
        // What runs beside a request is never in its steps, and they are computed by the same number of threads.
        if (repeats(rehearsal(shape.contextTokens()), settings.computeThreads()) && !engine.onGpu()) {
            features.add(Feature.DETERMINISTIC);
        }
        String quantisation = identity.quantisation().isEmpty() ? file.quantisation() : identity.quantisation();
        this.card = new ModelCard(
                identity.id(), identity.digest(), new ModelLimits(shape.contextTokens(), 1, 0), quantisation, features);
    }

    /** Loads a file that {@link GgufFile} has checked and found to {@linkplain GgufFile#embeds embed}. */
    static EmbeddingModel open(Engine engine, Identity identity, Path weights, GgufFile file) {
        if (file.ranks()) {
            throw DecentralException.unsupported("ranking, which " + weights + " is made for,");
        }
        NativeModel model = NativeModel.openForEmbedding(
                engine.api(), weights, engine.settings(), shape(engine.settings(), file, engine.onGpu()));
        try {
            return new EmbeddingModel(engine, identity, file, model);
        } catch (RuntimeException e) {
            model.close();
            throw e;
        }
    }

    private static NativeModel.EmbeddingShape shape(Settings settings, GgufFile file, boolean onGpu) {
        int context = Math.min(settings.context(), file.trainedContext());
        int sequences = file.isEncoder() ? SEQUENCES : 1;
        int tokens = Math.max(context, Math.max(settings.batch(), sequences));
        return new NativeModel.EmbeddingShape(context, sequences, tokens, file.pooling(), onGpu);
    }

    /** As {@link ResidentModel#memoryNeeded}; libllama makes room for the logits of every token, though none are asked. */
    static long memoryNeeded(Settings settings, GgufFile file) {
        NativeModel.EmbeddingShape shape = shape(settings, file, false);
        long cache = file.isEncoder() ? 0 : file.cacheBytesPerToken() * shape.contextTokens();
        long logits = (long) shape.stepTokens() * file.vocabularySize() * Float.BYTES;
        return file.bytes() + cache + logits + file.stepBytes(shape.stepTokens(), shape.stepTokens());
    }

    /** Texts to compute once before others are; a vocabulary without tokens for them is refused. */
    private List<int[]> rehearsal(int contextTokens) {
        List<int[]> texts = new ArrayList<>();
        for (String text : List.of("a", "The sea is calm tonight, the tide is full.", "one two three")) {
            int[] tokens = vocabulary.tokenizeText(text);
            if (tokens.length == 0) {
                throw new DecentralException(
                        ErrorCode.INVALID_REQUEST, "the model's vocabulary has no tokens for '" + text + "'");
            }
            texts.add(Arrays.copyOf(tokens, Math.min(tokens.length, contextTokens)));
        }
        return texts;
    }

    /** Chooses how many threads pay at the moment, then computes the texts twice and others in between. */
    private boolean repeats(List<int[]> texts, int mostThreads) {
        ThreadPace pace = new ThreadPace(mostThreads);
        pace.begin(threads -> steps.time(texts.get(1), threads));
        steps.setThreads(pace.threads());
        float[][] first = computeAll(texts);
        steps.compute(texts.subList(1, 2));
        return Arrays.deepEquals(first, computeAll(texts));
    }

    private float[][] computeAll(List<int[]> texts) {
        List<float[]> vectors = new ArrayList<>();
        while (vectors.size() < texts.size()) {
            List<int[]> left = texts.subList(vectors.size(), texts.size());
            vectors.addAll(Arrays.asList(steps.compute(left.subList(0, steps.fitting(left, batchTokens)))));
        }
        return vectors.toArray(float[][]::new);
    }

    @Override
    public ModelCard card() {
        return card;
    }

    @Override
    public BackendLoad load() {
        return new BackendLoad(slots, slots - free.availablePermits(), 0, 0);
    }

    /**
     * Embeds every input; an interrupt is noticed between steps.
     *
     * @throws DecentralException {@code OVERLOADED} if as many requests as there are slots run already,
     *     {@code CONTEXT_TOO_LONG} naming the first input that is too long, {@code INVALID_REQUEST} for too many inputs
     */
    @Override
    public Embeddings embed(EmbeddingRequest request) throws InterruptedException {
        ResidentModel.check(request, card);
        if (request.inputs().size() > MAX_INPUTS) {
            throw DecentralException.invalid(
                    "input",
                    "a request embeds at most " + MAX_INPUTS + " inputs, not "
                            + request.inputs().size());
        }
        if (!free.tryAcquire()) {
            throw new DecentralException(
                    ErrorCode.OVERLOADED,
                    "model " + card.id() + " runs " + slots + " requests and has no slot left; try again shortly");
        }
        Turn turn = new Turn();
        try {
            return embed(request.inputs(), turn);
        } finally {
            turn.end();
        }
    }

    /** A request's hold on a slot; a step that outlives its caller keeps it. The caller's thread. */
    private final class Turn {
        private CompletableFuture<float[][]> step = CompletableFuture.completedFuture(new float[0][]);
        private volatile boolean abandoned;

        float[][] compute(List<int[]> texts) throws InterruptedException {
            try {
                step = CompletableFuture.supplyAsync(
                        () -> {
                            if (abandoned || closed) {
                                throw closing();
                            }
                            return steps.compute(texts);
                        },
                        thread);
                return step.get();
            } catch (RejectedExecutionException e) {
                throw closing();
            } catch (ExecutionException e) {
                throw e.getCause() instanceof DecentralException known
                        ? known
                        : new DecentralException(ErrorCode.INTERNAL, "embedding failed: " + e.getCause(), e);
            }
        }

        void end() {
            abandoned = true;
            CompletableFuture<float[][]> _ = step.whenComplete((_, _) -> free.release());
        }
    }

    private DecentralException closing() {
        return new DecentralException(ErrorCode.UNAVAILABLE, "model " + card.id() + " is not loaded any more");
    }

    private Embeddings embed(List<String> inputs, Turn turn) throws InterruptedException {
        List<int[]> texts = new ArrayList<>(inputs.size());
        int tokens = 0;
        for (int i = 0; i < inputs.size(); i++) {
            int[] text = tokenize(i, inputs.get(i));
            texts.add(text);
            tokens = Math.addExact(tokens, text.length);
        }
        List<Embeddings.Vector> vectors = new ArrayList<>(inputs.size());
        while (vectors.size() < texts.size()) {
            List<int[]> left = texts.subList(vectors.size(), texts.size());
            for (float[] vector : turn.compute(left.subList(0, steps.fitting(left, batchTokens)))) {
                vectors.add(new Embeddings.Vector(vector));
            }
        }
        return new Embeddings(vectors, new Usage(tokens, 0));
    }

    private int[] tokenize(int index, String input) throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException("while embedding");
        }
        int[] tokens;
        lease.readLock().lock();
        try {
            if (closed) {
                throw closing();
            }
            tokens = vocabulary.tokenizeText(input);
        } finally {
            lease.readLock().unlock();
        }
        int context = card.limits().contextTokens();
        if (tokens.length > context) {
            throw new DecentralException(
                            ErrorCode.CONTEXT_TOO_LONG,
                            "input " + index + " has " + tokens.length + " tokens and model " + card.id() + " takes "
                                    + context + ": shorten or split it")
                    .at("input");
        }
        if (tokens.length == 0) {
            throw DecentralException.invalid(
                    "input", "input " + index + " has no tokens in the vocabulary of model " + card.id());
        }
        return tokens;
    }

    /** Lets a step that runs end, then frees the memory. */
    @Override
    public void close() {
        closed = true;
        // Waits: freed under a step, the native context would end the process.
        thread.close();
        lease.writeLock().lock();
        try {
            nativeModel.close();
        } finally {
            lease.writeLock().unlock();
        }
    }
}

package org.usedecentral.testkit.inference;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.StringTokenizer;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.ModelId;
import org.usedecentral.spi.inference.BackendLoad;
import org.usedecentral.spi.inference.Device;
import org.usedecentral.spi.inference.EmbeddingRequest;
import org.usedecentral.spi.inference.Embeddings;
import org.usedecentral.spi.inference.Feature;
import org.usedecentral.spi.inference.GenerationRequest;
import org.usedecentral.spi.inference.InferenceBackend;
import org.usedecentral.spi.inference.ModelCard;
import org.usedecentral.spi.inference.ModelLimits;
import org.usedecentral.spi.inference.TokenStream;
import org.usedecentral.spi.inference.Usage;
import org.usedecentral.spi.protocol.Sha256;

/**
 * A backend that says what a test tells it to, and otherwise keeps every rule of the contract: slots, context, stop texts, features,
 * cancellation. A word of the prompt is a token. Every feature works as far as a script can show it: {@link #usual} says what is
 * answered without a script, and models list what they like. Thread-safe; it starts no thread.
 */
public final class ScriptedBackend implements InferenceBackend {
    private static final int MOST_REMEMBERED = 1_000;
    private static final int MOST_PLANNED = 1_000;
    private static final int EMBEDDING_DIMENSIONS = 8;

    private final String name;
    private final Map<ModelId, ModelCard> cards;
    private final int slots;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final List<ScriptedStream> running = new ArrayList<>();
    private final Deque<Script> planned = new ArrayDeque<>();
    private final Deque<GenerationRequest> requests = new ArrayDeque<>();
    private final Vocabulary vocabulary = new Vocabulary();
    private final ScriptedPrompts prompts = new ScriptedPrompts();
    private Function<GenerationRequest, Script> answer = this::usual;
    private @Nullable RuntimeException refusal;
    private boolean closed;
    private volatile boolean frozen;

    private ScriptedBackend(Builder builder) {
        this.name = builder.name;
        this.cards = Map.copyOf(builder.cards);
        this.slots = builder.slots;
    }

    public static Builder builder() {
        return new Builder();
    }

    /** A backend of four slots with one model that has these features beside {@code GENERATE}. */
    public static ScriptedBackend of(String model, Feature... features) {
        return builder().model(card(model, features)).build();
    }

    /** A card with a context of 4,096 tokens, a digest made of the name, {@code GENERATE} and these features. */
    public static ModelCard card(String model, Feature... features) {
        Set<Feature> all = new HashSet<>(Set.of(features));
        all.add(Feature.GENERATE);
        return cardOf(model, all);
    }

    /** The same for a model that embeds and does not generate. */
    public static ModelCard embeddingCard(String model, Feature... features) {
        Set<Feature> all = new HashSet<>(Set.of(features));
        all.add(Feature.EMBED);
        return cardOf(model, all);
    }

    private static ModelCard cardOf(String model, Set<Feature> features) {
        return new ModelCard(
                new ModelId(model),
                Sha256.of(Bytes.utf8(model)),
                new ModelLimits(4096, 2048, 16),
                "scripted",
                features);
    }

    /** Collects a {@link ScriptedBackend}. One thread. */
    public static final class Builder {
        private final Map<ModelId, ModelCard> cards = new LinkedHashMap<>();
        private String name = "scripted";
        private int slots = 4;

        private Builder() {}

        public Builder name(String value) {
            this.name = value;
            return this;
        }

        public Builder model(ModelCard card) {
            cards.put(card.id(), card);
            return this;
        }

        /** How many generations run at once. */
        public Builder slots(int value) {
            this.slots = value;
            return this;
        }

        public ScriptedBackend build() {
            if (cards.isEmpty() || slots < 1) {
                throw new IllegalArgumentException("a scripted backend needs a model and a slot");
            }
            return new ScriptedBackend(this);
        }
    }

    // What a test does with it

    /** From now on every request for which nothing is planned is answered so. */
    public void play(Script script) {
        answer(request -> script);
    }

    /**
     * What is said when no test told it what: JSON that satisfies the schema, text that the grammar allows, a call of the tool that must be
     * called, the rest of a prompt that begins with {@code "Say: "}, and otherwise 200 different words.
     *
     * @throws DecentralException {@code INVALID_REQUEST} for a schema or grammar that is none
     */
    public Script usual(GenerationRequest request) {
        return ScriptedAnswers.to(request, cardOf(request.model()).features());
    }

    /** From now on every request for which nothing is planned is answered by this function, on the caller's thread. */
    public void answer(Function<GenerationRequest, Script> answers) {
        locked(() -> answer = answers);
    }

    /** Plans the answer to the next request that has none planned; at most 1,000 wait. */
    public void playOnce(Script script) {
        locked(() -> {
            if (planned.size() >= MOST_PLANNED) {
                throw new IllegalStateException("at most " + MOST_PLANNED + " scripts can be planned");
            }
            planned.add(script);
        });
    }

    /** From now on every request is refused with this exception; null: they are admitted again. */
    public void refuse(@Nullable RuntimeException with) {
        locked(() -> refusal = with);
    }

    /** Stops every generation where it is, running or new, as a hung engine does; it still admits, and can be cancelled. */
    public void freeze() {
        frozen = true;
    }

    /** Lets generations go on. */
    public void thaw() {
        frozen = false;
        List<ScriptedStream> woken = new ArrayList<>();
        locked(() -> woken.addAll(running));
        woken.forEach(ScriptedStream::wake);
    }

    /** The requests it was asked, oldest first; the last 1,000. */
    public List<GenerationRequest> requests() {
        lock.lock();
        try {
            return List.copyOf(requests);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits until so many generations run: neither ended nor cancelled.
     *
     * @throws AssertionError if it is otherwise for {@code limit}
     */
    public void awaitRunning(int count, Duration limit) throws InterruptedException {
        long deadline = System.nanoTime() + limit.toNanos();
        lock.lockInterruptibly();
        try {
            while (running.size() != count) {
                long left = deadline - System.nanoTime();
                if (left <= 0 || (!changed.await(left, TimeUnit.NANOSECONDS) && running.size() != count)) {
                    throw new AssertionError(running.size() + " generations run, not " + count + ", for " + limit);
                }
            }
        } finally {
            lock.unlock();
        }
    }

    // What the contract asks of it

    @Override
    public String name() {
        return name;
    }

    @Override
    public String type() {
        return "scripted";
    }

    @Override
    public List<Device> devices() {
        return List.of(new Device(Device.Kind.CPU, "scripted", 0));
    }

    @Override
    public List<ModelCard> models() {
        return List.copyOf(cards.values());
    }

    @Override
    public BackendLoad load() {
        lock.lock();
        try {
            return new BackendLoad(slots, running.size(), 0, (double) running.size() / slots);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public TokenStream generate(GenerationRequest request) {
        ModelCard card = cardOf(request.model());
        request.requireFeaturesOf(card);
        lock.lock();
        try {
            remember(request);
            if (refusal != null) {
                throw refusal;
            }
            if (running.size() >= slots) {
                throw new DecentralException(
                        ErrorCode.OVERLOADED, "all " + slots + " slots are taken: try again later");
            }
            Script script = planned.isEmpty() ? answer.apply(request) : planned.remove();
            int input = inputTokens(request, script, card.limits());
            ScriptedChoice.Voice voice = new ScriptedChoice.Voice(
                    vocabulary, card.features().contains(Feature.TOKEN_IDS), limit(request, input, card.limits()));
            List<ScriptedChoice> choices = IntStream.range(0, request.choices())
                    .mapToObj(choice -> new ScriptedChoice(choice, request, script, voice))
                    .toList();
            int cached = card.features().contains(Feature.PREFIX_CACHING) ? prompts.cached(request) : 0;
            ScriptedStream stream =
                    new ScriptedStream(this, script, new ScriptedPrompts.Counted(input, cached), choices);
            running.add(stream);
            changed.signalAll();
            return stream;
        } finally {
            lock.unlock();
        }
    }

    /** A word is a token. */
    @Override
    public int countInputTokens(GenerationRequest request) {
        request.requireFeaturesOf(cardOf(request.model()));
        return ScriptedPrompts.count(request);
    }

    /** Vectors made of the text's hash: equal for equal texts, of length 1. */
    @Override
    public Embeddings embed(EmbeddingRequest request) {
        ModelCard card = cardOf(request.model());
        if (!card.features().contains(Feature.EMBED)) {
            throw DecentralException.unsupported("feature EMBED of model " + card.id());
        }
        int tokens = 0;
        List<Embeddings.Vector> vectors = new ArrayList<>();
        for (String input : request.inputs()) {
            int words = new StringTokenizer(input).countTokens();
            if (words > card.limits().contextTokens()) {
                throw tooLong(words, card.limits());
            }
            tokens += words;
            vectors.add(vector(input));
        }
        return new Embeddings(vectors, new Usage(tokens, 0));
    }

    private static Embeddings.Vector vector(String text) {
        Bytes hash = Sha256.of(Bytes.utf8(text));
        float[] values = new float[EMBEDDING_DIMENSIONS];
        double squares = 0;
        for (int i = 0; i < values.length; i++) {
            values[i] = hash.get(i) + 0.5f;
            squares += values[i] * values[i];
        }
        for (int i = 0; i < values.length; i++) {
            values[i] /= (float) Math.sqrt(squares);
        }
        return new Embeddings.Vector(values);
    }

    /** Cancels what still runs, so that no reader hangs; the runtime calls it after its own cancellations. */
    @Override
    public void close() {
        List<ScriptedStream> left = new ArrayList<>();
        locked(() -> {
            closed = true;
            left.addAll(running);
        });
        left.forEach(ScriptedStream::close);
    }

    private ModelCard cardOf(ModelId model) {
        ModelCard card = cards.get(model);
        if (card == null) {
            throw new DecentralException(
                    ErrorCode.MODEL_NOT_FOUND, "there is no model " + model + " here; there are " + cards.keySet());
        }
        lock.lock();
        try {
            if (closed) {
                throw new DecentralException(ErrorCode.UNAVAILABLE, "backend " + name + " is closed");
            }
        } finally {
            lock.unlock();
        }
        return card;
    }

    private static int inputTokens(GenerationRequest request, Script script, ModelLimits limits) {
        int words = ScriptedPrompts.count(request);
        if (words >= limits.contextTokens()) {
            throw tooLong(words, limits);
        }
        return script.ending().inputTokens().orElse(words);
    }

    private static DecentralException tooLong(int tokens, ModelLimits limits) {
        return new DecentralException(
                ErrorCode.CONTEXT_TOO_LONG,
                "the prompt has " + tokens + " tokens; prompt and output have " + limits.contextTokens());
    }

    private static int limit(GenerationRequest request, int input, ModelLimits limits) {
        int most = Math.max(1, Math.min(limits.maxOutputTokens(), limits.contextTokens() - input));
        return request.maxOutputTokens() == 0 ? most : Math.min(most, request.maxOutputTokens());
    }

    private void remember(GenerationRequest request) {
        if (requests.size() == MOST_REMEMBERED) {
            requests.remove();
        }
        requests.add(request);
    }

    boolean isFrozen() {
        return frozen;
    }

    void release(ScriptedStream stream) {
        locked(() -> {
            running.remove(stream);
            changed.signalAll();
        });
    }

    private void locked(Runnable action) {
        lock.lock();
        try {
            action.run();
        } finally {
            lock.unlock();
        }
    }
}

package org.usedecentral.backend.llamacpp;

import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.inference.BackendLoad;
import org.usedecentral.spi.inference.Device;
import org.usedecentral.spi.inference.Feature;
import org.usedecentral.spi.inference.GenerationRequest;
import org.usedecentral.spi.inference.Message;
import org.usedecentral.spi.inference.ModelCard;
import org.usedecentral.spi.inference.ModelLimits;
import org.usedecentral.spi.inference.TokenStream;

/**
 * One model in memory: weights, context, vocabulary, template, and the loop that runs it. Thread-safe: the lease keeps
 * native memory from being freed under a thread that still tokenises.
 */
final class LoadedModel implements ResidentModel {
    private static final System.Logger LOGGER = System.getLogger(LoadedModel.class.getName());

    private final ReentrantReadWriteLock lease = new ReentrantReadWriteLock();
    private final NativeModel nativeModel;
    private final Vocabulary vocabulary;
    private final ChatTemplate template;
    private final BatchLoop loop;
    private final ModelCard card;
    private final int slots;
    private final int longestToken;
    private boolean closed;

    private LoadedModel(Engine engine, Identity identity, GgufFile file, NativeModel model) {
        LlamaApi api = engine.api();
        Settings settings = engine.settings();
        this.nativeModel = model;
        int contextTokens = contextTokens(settings, file);
        // Lives as long as the loop that holds parts of it.
        Arena arena = Arena.ofAuto();
        this.vocabulary = new Vocabulary(api, nativeModel.weights());
        this.template = new ChatTemplate(
                file.chatTemplate(),
                new ChatTemplate.SpecialTokens(vocabulary.bos(), vocabulary.eos()),
                engine.clock());
        this.slots = settings.slots();
        this.longestToken = file.longestToken();
        NativeBatch batch = new NativeBatch(arena, Math.max(settings.batch(), slots));
        // Before the loop is there: from then on the context is its own.
        Rehearsal rehearsal = new Rehearsal(api, nativeModel.context(), batch, vocabulary.size());
        ThreadPace pace = new ThreadPace(settings.computeThreads());
        pace.begin(rehearsal::time);
        boolean invariant = rehearsal.isBatchInvariant(slots);
        boolean prefixes = settings.prefixCache() && !model.isRecurrent();
        this.loop = new BatchLoop(
                api,
                nativeModel.context(),
                vocabulary,
                batch,
                new BatchLoop.Shape(slots, contextTokens, settings.batch(), prefixes, pace));
        ModelLimits limits =
                new ModelLimits(contextTokens, contextTokens, TemplateOverhead.measure(template, vocabulary));
        String quantisation = identity.quantisation().isEmpty() ? file.quantisation() : identity.quantisation();
        Set<Feature> features = EnumSet.of(Feature.GENERATE, Feature.CONTINUOUS_BATCHING, Feature.RESUME);
        // A recurrent state is not kept by position: it can be neither copied nor cut as a KV cache can.
        if (!model.isRecurrent()) {
            features.add(Feature.MULTIPLE_CHOICES);
        }
        if (prefixes) {
            features.add(Feature.PREFIX_CACHING);
        }
        features.addAll(Decoding.FEATURES);
        // Fused attention sums a long cache in parts, one a thread: the rehearsal is too short to see it.
        if (invariant && settings.gpu().cache().flashNumber(engine.onGpu()) == 0 && !engine.onGpu()) {
            features.add(Feature.DETERMINISTIC);
        }
        this.card = new ModelCard(identity.id(), identity.digest(), limits, quantisation, features);
    }

    /**
     * Loads a file that {@link GgufFile} has checked and starts its loop.
     *
     * @throws DecentralException {@code INVALID_REQUEST} if it is no model with a chat template
     */
    static LoadedModel open(Engine engine, Identity identity, Path weights, GgufFile file) {
        if (file.chatTemplate().isEmpty()) {
            throw new DecentralException(
                    ErrorCode.INVALID_REQUEST,
                    weights + " has no chat template; only chat and embedding models can be served");
        }
        requireMemory(engine, file);
        NativeModel model = NativeModel.open(
                engine.api(),
                weights,
                engine.settings(),
                new NativeModel.Placement(contextTokens(engine.settings(), file), engine.onGpu()));
        try {
            LoadedModel loaded = new LoadedModel(engine, identity, file, model);
            loaded.loop.start();
            return loaded;
        } catch (RuntimeException e) {
            model.close();
            throw e;
        }
    }

    /** As {@link ResidentModel#memoryNeeded}: its weights, the KV cache of every slot, and what a step needs. */
    static long memoryNeeded(Settings settings, GgufFile file) {
        int batch = Math.max(settings.batch(), settings.slots());
        return file.bytes()
                + cacheBytes(settings, file)
                + file.stepBytes(batch, contextTokens(settings, file))
                + (long) settings.slots() * file.vocabularySize() * Float.BYTES;
    }

    private static long cacheBytes(Settings settings, GgufFile file) {
        double scale = settings.gpu().cache().bytesPerNumber() / Short.BYTES;
        return (long) (scale * file.cacheBytesPerToken() * contextTokens(settings, file) * settings.slots());
    }

    /** The system would grant more than it has and end the process when it is used, so it is not asked. */
    private static void requireMemory(Engine engine, GgufFile file) {
        Settings settings = engine.settings();
        long cache = cacheBytes(settings, file);
        long memory = engine.devices().stream().mapToLong(Device::memoryBytes).sum();
        if (!engine.onGpu() && memory > 0 && cache > memory) {
            throw DecentralException.invalid(
                    "context",
                    settings.slots() + " slots of " + contextTokens(settings, file) + " tokens need "
                            + (cache >> 20) + " MiB for the KV cache; this machine has " + (memory >> 20)
                            + ". Set context or slots lower.");
        }
    }

    private static int contextTokens(Settings settings, GgufFile file) {
        return Math.min(settings.context(), file.trainedContext());
    }

    @Override
    public ModelCard card() {
        return card;
    }

    @Override
    public BackendLoad load() {
        return new BackendLoad(slots, loop.busySlots(), 0, loop.cacheUse());
    }

    BatchLoop.Steps steps() {
        return loop.steps();
    }

    PrefixCache.Use prefixUse() {
        return loop.prefixUse();
    }

    /** Admits a request for this model; everything that could trouble native code is refused here. */
    @Override
    public TokenStream generate(GenerationRequest request) {
        check(request, card, slots);
        Decoding decoding = Decoding.of(request, vocabulary);
        lease.readLock().lock();
        try {
            requireOpen();
            Generation.Prompt prompt = prompt(request);
            int room = card.limits().contextTokens() - prompt.length();
            int wanted = request.maxOutputTokens() == 0 ? room : Math.min(room, request.maxOutputTokens());
            List<Answer> answers = new ArrayList<>(request.choices());
            for (int choice = 0; choice < request.choices(); choice++) {
                answers.add(decoding.answer(choice, wanted));
            }
            return loop.admit(prompt, answers);
        } finally {
            lease.readLock().unlock();
        }
    }

    /** How many tokens the prompt has, also when they are more than the context. */
    @Override
    public int countInputTokens(GenerationRequest request) {
        check(request, card, slots);
        lease.readLock().lock();
        try {
            requireOpen();
            requireText(request);
            return tokenize(request).length();
        } finally {
            lease.readLock().unlock();
        }
    }

    /** Refuses what no model of that card and so many slots can do, loaded or not. */
    static void check(GenerationRequest request, ModelCard card, int slots) {
        request.requireFeaturesOf(card);
        if (request.maxOutputTokens() > card.limits().maxOutputTokens()) {
            throw DecentralException.invalid(
                    "max_tokens", "max_tokens must not exceed " + card.limits().maxOutputTokens());
        }
        if (request.choices() > slots) {
            throw DecentralException.invalid(
                    "n", "n is " + request.choices() + "; this backend makes at most " + slots + " choices at once");
        }
    }

    private void requireOpen() {
        if (closed) {
            throw new DecentralException(ErrorCode.UNAVAILABLE, "the model is not loaded any more");
        }
    }

    private Generation.Prompt prompt(GenerationRequest request) {
        long characters = requireText(request);
        int context = card.limits().contextTokens();
        // Before it is rendered: so many characters cannot be fewer tokens, and a huge text costs nothing.
        if (characters / longestToken >= context) {
            throw tooLong("at least " + characters / longestToken, context);
        }
        Generation.Prompt prompt = tokenize(request);
        if (prompt.length() >= context) {
            throw tooLong(Integer.toString(prompt.length()), context);
        }
        return prompt;
    }

    /** Returns how many characters it has. */
    private static long requireText(GenerationRequest request) {
        long characters = 0;
        for (Message message : request.messages()) {
            characters += message.text().length();
        }
        if (characters == 0) {
            throw DecentralException.invalid("messages", "the messages hold no text");
        }
        return characters + request.resumeFrom().length();
    }

    /**
     * The prompt, and after it the answer as far as it was delivered: both are input. Without chance the answer is
     * computed token by token as it was before, so that what follows is what would have followed; with it, in chunks.
     */
    private Generation.Prompt tokenize(GenerationRequest request) {
        String rendered = template.render(request.messages(), Decoding.usableTools(request));
        int[] prompt = vocabulary.tokenize(rendered);
        if (prompt.length == 0) {
            throw DecentralException.invalid("messages", "the prompt is empty");
        }
        if (request.resumeFrom().isEmpty()) {
            return new Generation.Prompt(prompt, prompt.length);
        }
        int[] all = vocabulary.tokenize(rendered, prompt, request.resumeFrom());
        boolean repeats = request.sampling().temperature() == 0
                && card.features().contains(Feature.DETERMINISTIC)
                && all.length > prompt.length
                && Arrays.equals(prompt, 0, prompt.length, all, 0, prompt.length);
        return new Generation.Prompt(all, repeats ? prompt.length : all.length);
    }

    private static DecentralException tooLong(String tokens, int context) {
        return new DecentralException(
                        ErrorCode.CONTEXT_TOO_LONG,
                        "the prompt has " + tokens + " tokens; the context of " + context
                                + " must also hold the answer")
                .at("messages");
    }

    /** Ends all streams and frees the memory. */
    @Override
    public void close() {
        loop.close();
        PrefixCache.Use use = loop.prefixUse();
        LOGGER.log(
                System.Logger.Level.DEBUG,
                "model {0}: of {1} prompt tokens {2} came from the prefix cache ({3} of {4} prompts)",
                card.id(),
                use.promptTokens(),
                use.cachedTokens(),
                use.hits(),
                use.prompts());
        lease.writeLock().lock();
        try {
            if (!closed) {
                closed = true;
                nativeModel.close();
            }
        } finally {
            lease.writeLock().unlock();
        }
    }
}

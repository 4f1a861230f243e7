package org.usedecentral.backend.javallama;

import de.kherud.llama.InferenceParameters;
import de.kherud.llama.LlamaModel;
import de.kherud.llama.ModelParameters;
import de.kherud.llama.Pair;
import de.kherud.llama.args.LogFormat;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.ModelId;
import org.usedecentral.spi.inference.Feature;
import org.usedecentral.spi.inference.GenerationRequest;
import org.usedecentral.spi.inference.Message;
import org.usedecentral.spi.inference.Message.Role;
import org.usedecentral.spi.inference.ModelCard;
import org.usedecentral.spi.inference.ModelLimits;
import org.usedecentral.spi.inference.Sampling;

/**
 * A model that the library runs. Thread-safe: the lease and the streams keep every call before {@link #close}, for the library hangs or crashes when it is
 * used after that. Closing gives back no memory: the library leaks its weights, which is one more reason for a process of its own.
 */
final class RunningModel implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(RunningModel.class.getName());
    private static final byte[] GGUF = "GGUF".getBytes(StandardCharsets.US_ASCII);
    private static final String CHATML_START = "<|im_start|>";
    private static final Set<Feature> FEATURES =
            EnumSet.of(Feature.GENERATE, Feature.CONTINUOUS_BATCHING, Feature.MIN_P);

    private final ReentrantReadWriteLock lease = new ReentrantReadWriteLock();
    private final LlamaModel model;
    private final ModelCard card;
    private final int slots;
    private final Set<JavaLlamaStream> streams = ConcurrentHashMap.newKeySet();
    private boolean closed;

    /** What the model is called, the SHA-256 of its file and, where known, its quantisation. */
    record Identity(ModelId id, Bytes digest, String quantisation) {}

    private RunningModel(LlamaModel model, Settings settings, Identity identity) {
        this.model = model;
        this.slots = settings.slots();
        int overhead = tokens(List.of(Message.of(Role.USER, "a"))) - tokenize("a").length;
        int withSystem = tokens(List.of(Message.of(Role.SYSTEM, "a"), Message.of(Role.USER, "a"))) - 2;
        ModelLimits limits =
                new ModelLimits(settings.context(), settings.context(), Math.max(0, Math.max(overhead, withSystem)));
        this.card = new ModelCard(identity.id(), identity.digest(), limits, identity.quantisation(), FEATURES);
    }

    /** Where the library unpacks its native part, once a process, before anything of it is used; otherwise every process of this machine shares one file. */
    static void useFolder(Path folder) {
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new DecentralException(ErrorCode.INVALID_REQUEST, folder + " cannot be made: " + e, e);
        }
        System.setProperty("de.kherud.llama.tmpdir", folder.toString());
    }

    /**
     * Loads weights.
     *
     * @throws DecentralException {@code INVALID_REQUEST} if they are damaged or no chat model, {@code UNAVAILABLE} if the library has no build for this system
     */
    static RunningModel open(Settings settings, Identity identity, Path weights) {
        requireGguf(weights);
        LlamaModel loaded;
        try {
            LlamaModel.setLogger(
                    LogFormat.TEXT, (level, text) -> LOG.log(System.Logger.Level.DEBUG, () -> text.strip()));
            loaded = new LlamaModel(new ModelParameters()
                    .setModel(weights.toString())
                    .setCtxSize(Math.multiplyExact(settings.context(), settings.slots()))
                    .setParallel(settings.slots())
                    .setThreads(settings.computeThreads())
                    .setThreadsBatch(settings.computeThreads())
                    .setGpuLayers(0)
                    .disableContextShift()
                    .enableJinja());
        } catch (RuntimeException e) {
            // Its own exception is not public.
            throw new DecentralException(
                    ErrorCode.INVALID_REQUEST, "java-llama.cpp cannot load " + weights + ": " + e.getMessage(), e);
        } catch (LinkageError e) {
            throw new DecentralException(
                    ErrorCode.UNAVAILABLE,
                    "java-llama.cpp has no build for this system (" + System.getProperty("os.name") + " "
                            + System.getProperty("os.arch") + "); use backend llama-cpp",
                    e);
        }
        try {
            return new RunningModel(loaded, settings, identity);
        } catch (RuntimeException e) {
            loaded.close();
            throw e;
        }
    }

    /** The library ends the process on some files that are no model. */
    private static void requireGguf(Path weights) {
        try (InputStream in = Files.newInputStream(weights)) {
            if (!Arrays.equals(in.readNBytes(GGUF.length), GGUF)) {
                throw DecentralException.invalid("model", weights + " is not a GGUF file");
            }
        } catch (IOException e) {
            throw DecentralException.invalid("model", weights + " cannot be read: " + e);
        }
    }

    ModelCard card() {
        return card;
    }

    int running() {
        return streams.size();
    }

    /** Admits a request; what the library cannot do is refused before it sees any of it. */
    JavaLlamaStream generate(GenerationRequest request) {
        check(request);
        lease.readLock().lock();
        try {
            requireOpen();
            String prompt = render(request.messages());
            int input = tokenize(prompt).length;
            int context = card.limits().contextTokens();
            if (input >= context) {
                throw new DecentralException(
                                ErrorCode.CONTEXT_TOO_LONG,
                                "the prompt has " + input + " tokens; the context of " + context
                                        + " must also hold the answer")
                        .at("messages");
            }
            int room = context - input;
            int limit = request.maxOutputTokens() == 0 ? room : Math.min(room, request.maxOutputTokens());
            JavaLlamaStream stream = new JavaLlamaStream(this, new JavaLlamaStream.Bounds(input, limit));
            admit(stream);
            stream.start(parameters(prompt, request, limit));
            return stream;
        } finally {
            lease.readLock().unlock();
        }
    }

    private void admit(JavaLlamaStream stream) {
        synchronized (streams) {
            if (streams.size() >= slots) {
                throw new DecentralException(ErrorCode.OVERLOADED, "all " + slots + " slots are taken");
            }
            streams.add(stream);
        }
    }

    void ended(JavaLlamaStream stream) {
        streams.remove(stream);
    }

    /** How many tokens the prompt has, also when they are more than the context. */
    int countInputTokens(GenerationRequest request) {
        check(request);
        lease.readLock().lock();
        try {
            requireOpen();
            return tokens(request.messages());
        } finally {
            lease.readLock().unlock();
        }
    }

    /** What the library's server would add of its own, such as a top-k of 40, is switched off. */
    private static InferenceParameters parameters(String prompt, GenerationRequest request, int limit) {
        Sampling sampling = request.sampling();
        InferenceParameters parameters = new InferenceParameters(prompt)
                .setNPredict(limit)
                .setTemperature((float) sampling.temperature())
                .setTopK(sampling.topK())
                .setTopP((float) sampling.topP())
                .setMinP((float) sampling.minP())
                .setRepeatPenalty(1)
                .setCachePrompt(false)
                .setSeed((int) sampling.seed()
                        .orElseGet(() -> ThreadLocalRandom.current().nextLong()));
        if (!request.stop().isEmpty()) {
            parameters.setStopStrings(request.stop().toArray(String[]::new));
        }
        return parameters;
    }

    private void check(GenerationRequest request) {
        request.requireFeaturesOf(card);
        if (request.maxOutputTokens() > card.limits().maxOutputTokens()) {
            throw DecentralException.invalid(
                    "max_tokens", "max_tokens must not exceed " + card.limits().maxOutputTokens());
        }
        if (request.messages().stream().allMatch(message -> message.text().isEmpty())) {
            throw DecentralException.invalid("messages", "the messages hold no text");
        }
    }

    private void requireOpen() {
        if (closed) {
            throw new DecentralException(ErrorCode.UNAVAILABLE, "the model is not loaded any more");
        }
    }

    private int tokens(List<Message> messages) {
        return tokenize(render(messages)).length;
    }

    /** How many tokens text has that was generated, for streams: an estimate, since it may have been generated in other pieces. */
    int outputTokens(String text) {
        return text.isEmpty() ? 0 : tokenize(text).length;
    }

    private int[] tokenize(String text) {
        return model.encode(text);
    }

    /** The library takes one system message, first, and then user and assistant. */
    private String render(List<Message> messages) {
        String system = "";
        List<Pair<String, String>> turns = new ArrayList<>();
        for (Message message : messages) {
            switch (message.role()) {
                case SYSTEM -> {
                    if (!system.isEmpty() || !turns.isEmpty()) {
                        throw DecentralException.invalid(
                                "messages", "backend java-llama takes one system message, as the first message");
                    }
                    system = message.text();
                }
                case USER, ASSISTANT -> turns.add(new Pair<>(message.role().wireName(), message.text()));
                case TOOL -> throw DecentralException.unsupported("a tool message with backend java-llama");
            }
        }
        try {
            return withStart(model.applyTemplate(new InferenceParameters("").setMessages(system, turns)));
        } catch (RuntimeException e) {
            throw DecentralException.invalid("messages", "the model's chat template says: " + e.getMessage());
        }
    }

    /** The library takes a prompt's beginning away where a vocabulary has it for its beginning-of-sequence token, and does not put it back for ChatML models. */
    private static String withStart(String prompt) {
        return prompt.contains(CHATML_START) && !prompt.startsWith(CHATML_START) ? CHATML_START + prompt : prompt;
    }

    /** The library's model, for streams: {@link #close} waits for them. */
    LlamaModel model() {
        return model;
    }

    /** Admits no more, cancels what runs, and waits until no thread is inside the library. */
    @Override
    public void close() {
        lease.writeLock().lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
        } finally {
            lease.writeLock().unlock();
        }
        List<JavaLlamaStream> running = List.copyOf(streams);
        running.forEach(JavaLlamaStream::close);
        running.forEach(JavaLlamaStream::awaitEnd);
        model.close();
    }
}

package org.usedecentral.backend.openai;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.ModelId;
import org.usedecentral.spi.PluginContext;
import org.usedecentral.spi.inference.BackendLoad;
import org.usedecentral.spi.inference.Device;
import org.usedecentral.spi.inference.EmbeddingRequest;
import org.usedecentral.spi.inference.Embeddings;
import org.usedecentral.spi.inference.Feature;
import org.usedecentral.spi.inference.GenerationRequest;
import org.usedecentral.spi.inference.InferenceBackend;
import org.usedecentral.spi.inference.ModelCard;
import org.usedecentral.spi.inference.TokenStream;

/** Passes requests on to a server that speaks OpenAI's API. Thread-safe; a server that is away leaves it without models, not without life. */
final class OpenAiBackend implements InferenceBackend {
    private static final Pattern KEY = Pattern.compile("[\\x21-\\x7e]{1,4096}");

    private final String name;
    private final Settings settings;
    private final Semaphore slots;
    private volatile @Nullable Started started;

    /** What there is from start to close. */
    private record Started(Upstream upstream, UpstreamModels models) {}

    OpenAiBackend(String name, Settings settings) {
        this.name = name;
        this.settings = settings;
        this.slots = new Semaphore(settings.slots());
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String type() {
        return OpenAiBackendProvider.TYPE;
    }

    @Override
    public void start(PluginContext context) {
        Upstream upstream = new Upstream(settings, key());
        UpstreamModels models = new UpstreamModels(settings, upstream, context.clock());
        started = new Started(upstream, models);
        try {
            models.ask();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new DecentralException(ErrorCode.CANCELLED, "interrupted while asking for models", e);
        }
    }

    private String key() {
        String key = settings.apiKey()
                .file()
                .map(OpenAiBackend::read)
                .orElseGet(() -> settings.apiKey().value().orElse(""));
        if (!key.isEmpty() && !KEY.matcher(key).matches()) {
            throw DecentralException.invalid(
                    "api-key", "the key of backend " + name + " has characters that no key has");
        }
        return key;
    }

    private static String read(Path file) {
        try {
            String key = Files.readString(file, StandardCharsets.UTF_8).strip();
            if (key.isEmpty()) {
                throw DecentralException.invalid(
                        "api-key-file", file + " is empty: put the upstream server's key into it");
            }
            return key;
        } catch (IOException e) {
            throw DecentralException.invalid(
                    "api-key-file", file + " cannot be read: " + e.getClass().getSimpleName());
        }
    }

    @Override
    public List<Device> devices() {
        return List.of(new Device(Device.Kind.REMOTE, settings.url().getRawAuthority(), 0));
    }

    @Override
    public List<ModelCard> models() {
        Started now = started;
        return now == null
                ? List.of()
                : now.models().current().stream().map(ServedModel::card).toList();
    }

    @Override
    public BackendLoad load() {
        int running = settings.slots() - slots.availablePermits();
        return new BackendLoad(settings.slots(), running, 0, (double) running / settings.slots());
    }

    /**
     * {@inheritDoc}
     *
     * <p>Waits until the server has admitted the request, which it does before it computes: only then is known whether the prompt fits.
     */
    @Override
    public TokenStream generate(GenerationRequest request) {
        Started now = running();
        ServedModel model = model(now, request.model());
        request.requireFeaturesOf(model.card());
        takeSlot();
        boolean admitted = false;
        try {
            TokenStream stream = begin(now.upstream(), model, request);
            admitted = true;
            return stream;
        } catch (DecentralException e) {
            throw gone(now, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new DecentralException(ErrorCode.CANCELLED, "interrupted while the server was asked", e);
        } finally {
            if (!admitted) {
                slots.release();
            }
        }
    }

    private TokenStream begin(Upstream upstream, ServedModel model, GenerationRequest request)
            throws InterruptedException {
        RequestWriter writer = new RequestWriter(model, settings.maxTokensParameter());
        byte[] body = UpstreamJson.write(writer.streamed(request));
        InputCounter counter = new InputCounter(upstream, model, writer, request);
        TokenTally tally = new TokenTally(model, request);
        int input = counter.countFirst();
        tally.knowInput(input);
        int context = model.card().limits().contextTokens();
        if (input >= context) {
            throw new DecentralException(
                    ErrorCode.CONTEXT_TOO_LONG,
                    "the prompt has " + input + " tokens; prompt and output have " + context);
        }
        Exchange exchange = upstream.post(upstream.below("/chat/completions"), body, "text/event-stream");
        boolean began = false;
        try {
            ByteFlow events = upstream.events(exchange);
            began = true;
            return new UpstreamStream(new UpstreamStream.Parts(
                    exchange,
                    events,
                    new UpstreamStream.Answer(new ChunkReader(request, tally), tally, counter),
                    upstream.patience(),
                    slots::release));
        } finally {
            if (!began) {
                exchange.close();
            }
        }
    }

    /** By the server's own path for it: a probe would generate, which this must not. */
    @Override
    public int countInputTokens(GenerationRequest request) {
        Started now = running();
        ServedModel model = model(now, request.model());
        request.requireFeaturesOf(model.card());
        RequestWriter writer = new RequestWriter(model, settings.maxTokensParameter());
        try (InputCounter counter = new InputCounter(now.upstream(), model, writer, request)) {
            int tokens = counter.countByPath();
            if (tokens < 0) {
                throw DecentralException.unsupported("counting tokens by the server behind " + name);
            }
            return tokens;
        } catch (DecentralException e) {
            throw gone(now, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new DecentralException(ErrorCode.CANCELLED, "interrupted while the server counted", e);
        }
    }

    @Override
    public Embeddings embed(EmbeddingRequest request) throws InterruptedException {
        Started now = running();
        ServedModel model = model(now, request.model());
        if (!model.card().features().contains(Feature.EMBED)) {
            throw DecentralException.unsupported("feature EMBED of model " + request.model());
        }
        takeSlot();
        try {
            byte[] body = UpstreamJson.write(EmbeddingReader.request(model.upstream(), request));
            Upstream upstream = now.upstream();
            return EmbeddingReader.read(
                    upstream.json(upstream.post(upstream.below("/embeddings"), body, "application/json")),
                    request.inputs().size());
        } catch (DecentralException e) {
            throw gone(now, e);
        } finally {
            slots.release();
        }
    }

    private void takeSlot() {
        if (!slots.tryAcquire()) {
            throw new DecentralException(
                    ErrorCode.OVERLOADED, "all " + settings.slots() + " slots are taken: try again later");
        }
    }

    /** Has the list of models looked at again when the server seems to be gone or to have lost one. */
    private static DecentralException gone(Started now, DecentralException cause) {
        if (cause.code() == ErrorCode.UNAVAILABLE || cause.code() == ErrorCode.MODEL_NOT_FOUND) {
            now.models().suspect();
        }
        return cause;
    }

    private Started running() {
        Started now = started;
        if (now == null) {
            throw new DecentralException(ErrorCode.UNAVAILABLE, "backend " + name + " is not started, or closed");
        }
        return now;
    }

    private ServedModel model(Started now, ModelId id) {
        ServedModel model = now.models().find(id);
        if (model == null) {
            throw new DecentralException(ErrorCode.MODEL_NOT_FOUND, "backend " + name + " has no model " + id + " now");
        }
        return model;
    }

    @Override
    public void close() {
        Started last = started;
        started = null;
        if (last != null) {
            last.models().close();
            last.upstream().close();
        }
    }
}

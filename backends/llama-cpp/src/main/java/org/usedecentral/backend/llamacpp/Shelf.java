package org.usedecentral.backend.llamacpp;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.ModelId;
import org.usedecentral.spi.inference.BackendLoad;
import org.usedecentral.spi.inference.EmbeddingRequest;
import org.usedecentral.spi.inference.Embeddings;
import org.usedecentral.spi.inference.GenerationRequest;
import org.usedecentral.spi.inference.ModelCard;
import org.usedecentral.spi.inference.TokenStream;

/**
 * The models of a backend, as many of them in memory as a limit allows. A request for one that is not there brings it
 * back; the least recently used ones that nobody uses make room first. Memory is given back before it is taken, by one
 * thread that loads and unloads one model after another. Thread-safe.
 */
final class Shelf implements AutoCloseable {
    private final ResidentModel.Engine engine;
    private final long limit;
    private final Map<ModelId, Shelved> models = new LinkedHashMap<>();
    // Its queue is as short as the list of models: each is loaded once at a time.
    private final ExecutorService loader = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("llama-load").factory());
    private long clock;
    private boolean closed;

    /** A model on the shelf; its fields are guarded by the shelf. */
    private static final class Shelved {
        private final ResidentModel.Identity identity;
        private final Path weights;
        private final long bytes;
        private @Nullable ModelCard card;
        private @Nullable ResidentModel resident;
        private @Nullable CompletableFuture<ResidentModel> loading;
        /** Calls and streams that need it to stay. */
        private int users;

        private long lastUsed;

        Shelved(ResidentModel.Identity identity, Path weights, long bytes) {
            this.identity = identity;
            this.weights = weights;
            this.bytes = bytes;
        }

        private boolean isIdle() {
            ResidentModel model = resident;
            return model != null && users == 0 && model.load().running() == 0;
        }
    }

    /** An empty shelf of models that take at most {@code limit} bytes together. */
    Shelf(ResidentModel.Engine engine, long limit) {
        this.engine = engine;
        this.limit = limit;
    }

    /**
     * Adds a model and loads it; blocks.
     *
     * @throws DecentralException {@code CONFLICT} if there is one of that name, {@code INVALID_REQUEST} if the file is
     *     damaged or needs more than the limit, {@code OVERLOADED} if the others are too busy to make room
     */
    void add(ResidentModel.Identity identity, Path weights) throws InterruptedException {
        long bytes = ResidentModel.memoryNeeded(engine, weights);
        if (bytes > limit) {
            throw DecentralException.invalid(
                    "memory-limit",
                    "model " + identity.id() + " needs about " + mebibytes(bytes) + " for its weights and KV cache; the"
                            + " memory limit is " + mebibytes(limit)
                            + ". Set context or slots lower, or memory-limit higher.");
        }
        Shelved added = new Shelved(identity, weights, bytes);
        CompletableFuture<ResidentModel> loading;
        synchronized (this) {
            requireOpen();
            if (models.containsKey(identity.id())) {
                throw new DecentralException(
                        ErrorCode.CONFLICT, "model " + identity.id() + " is already here; a name is for one model");
            }
            loading = beginLoading(added);
            models.put(identity.id(), added);
        }
        try {
            ResidentModel _ = await(loading);
        } finally {
            synchronized (this) {
                if (added.card == null && added.loading == null) {
                    models.remove(identity.id());
                }
            }
        }
    }

    private static String mebibytes(long bytes) {
        return (bytes >> 20) + " MiB";
    }

    private void requireOpen() {
        if (closed) {
            throw new DecentralException(ErrorCode.UNAVAILABLE, "the backend is closed");
        }
    }

    /** Makes room and hands the work to the loader. Called with the lock held. */
    private CompletableFuture<ResidentModel> beginLoading(Shelved wanted) {
        List<ResidentModel> leaving = makeRoom(wanted);
        CompletableFuture<ResidentModel> loading = new CompletableFuture<>();
        wanted.loading = loading;
        loader.execute(() -> {
            leaving.forEach(ResidentModel::close);
            load(wanted, loading);
        });
        return loading;
    }

    private List<ResidentModel> makeRoom(Shelved wanted) {
        long used = wanted.bytes;
        List<Shelved> idle = new ArrayList<>();
        for (Shelved model : models.values()) {
            used += model.resident != null || model.loading != null ? model.bytes : 0;
            if (model.isIdle()) {
                idle.add(model);
            }
        }
        idle.sort(Comparator.comparingLong(model -> model.lastUsed));
        List<Shelved> leaving = new ArrayList<>();
        for (Shelved model : idle) {
            if (used > limit) {
                used -= model.bytes;
                leaving.add(model);
            }
        }
        if (used > limit) {
            throw new DecentralException(
                    ErrorCode.OVERLOADED,
                    "model " + wanted.identity.id()
                            + " is not in memory and the models that are there are all busy; try" + " again shortly");
        }
        List<ResidentModel> closing = new ArrayList<>();
        for (Shelved model : leaving) {
            if (model.resident != null) {
                closing.add(model.resident);
                model.resident = null;
            }
        }
        return closing;
    }

    /** On the loader's thread. */
    private void load(Shelved wanted, CompletableFuture<ResidentModel> loading) {
        ResidentModel loaded = null;
        DecentralException failure = null;
        try {
            synchronized (this) {
                requireOpen();
            }
            loaded = ResidentModel.open(engine, wanted.identity, wanted.weights);
        } catch (DecentralException e) {
            failure = e;
        } catch (RuntimeException | Error e) {
            failure = new DecentralException(
                    ErrorCode.INTERNAL, "loading model " + wanted.identity.id() + " failed: " + e.getMessage(), e);
        }
        synchronized (this) {
            wanted.loading = null;
            if (loaded != null) {
                wanted.resident = loaded;
                wanted.card = loaded.card();
                wanted.lastUsed = ++clock;
            }
        }
        if (loaded != null) {
            loading.complete(loaded);
        } else if (failure != null) {
            loading.completeExceptionally(failure);
        }
    }

    private static ResidentModel await(CompletableFuture<ResidentModel> loading) throws InterruptedException {
        try {
            return loading.get();
        } catch (java.util.concurrent.ExecutionException e) {
            throw DeferredStream.reason(e);
        }
    }

    /** The cards of all models, in memory or not, in the order in which they were added. */
    synchronized List<ModelCard> cards() {
        List<ModelCard> cards = new ArrayList<>();
        for (Shelved model : models.values()) {
            if (model.card != null) {
                cards.add(model.card);
            }
        }
        return List.copyOf(cards);
    }

    /** The model of that name if it is in memory. */
    synchronized Optional<ResidentModel> resident(ModelId id) {
        Shelved model = models.get(id);
        return model == null ? Optional.empty() : Optional.ofNullable(model.resident);
    }

    /** Summed over the models in memory; those that are not count as their slots only when they are back. */
    synchronized BackendLoad load() {
        int slots = 0;
        int running = 0;
        int waiting = 0;
        double filled = 0;
        for (Shelved model : models.values()) {
            if (model.resident != null) {
                BackendLoad load = model.resident.load();
                slots += load.slots();
                running += load.running();
                filled += load.kvCacheUse() * load.slots();
            } else {
                waiting += model.users;
            }
        }
        return new BackendLoad(
                slots == 0 ? engine.settings().slots() : slots, running, waiting, slots == 0 ? 0 : filled / slots);
    }

    /**
     * Admits a request to a model in memory, or begins to load it and gives a stream that waits for that.
     *
     * @throws DecentralException {@code MODEL_NOT_FOUND}; {@code OVERLOADED} if the model is not in memory and there is
     *     no room, or as many as it has slots wait for it already; else as {@link LoadedModel#generate}
     */
    TokenStream generate(GenerationRequest request) {
        Shelved model = use(request);
        ResidentModel resident;
        CompletableFuture<ResidentModel> loading;
        synchronized (this) {
            resident = model.resident;
            loading = model.loading;
        }
        if (resident == null && loading != null) {
            return new DeferredStream(loading, request, () -> release(model));
        }
        try {
            return required(resident).generate(request);
        } finally {
            release(model);
        }
    }

    /**
     * Embeds with a model that is loaded for this if need be; blocks.
     *
     * @throws DecentralException {@code MODEL_NOT_FOUND}; {@code OVERLOADED} as in {@link #generate}; else as
     *     {@link EmbeddingModel#embed}
     */
    Embeddings embed(EmbeddingRequest request) throws InterruptedException {
        Shelved model = use(request.model(), card -> ResidentModel.check(request, card));
        try {
            return await(model).embed(request);
        } finally {
            release(model);
        }
    }

    /** Asks a model that is loaded for this if need be; blocks. */
    int countInputTokens(GenerationRequest request) throws InterruptedException {
        Shelved model = use(request);
        try {
            return await(model).countInputTokens(request);
        } finally {
            release(model);
        }
    }

    /** Waits for a model that is in use. */
    private ResidentModel await(Shelved model) throws InterruptedException {
        CompletableFuture<ResidentModel> loading;
        ResidentModel resident;
        synchronized (this) {
            resident = model.resident;
            loading = model.loading;
        }
        return resident == null && loading != null ? await(loading) : required(resident);
    }

    private static ResidentModel required(@Nullable ResidentModel resident) {
        if (resident == null) {
            throw new DecentralException(ErrorCode.UNAVAILABLE, "the model could not be loaded; try again");
        }
        return resident;
    }

    private Shelved use(GenerationRequest request) {
        return use(
                request.model(),
                card -> LoadedModel.check(request, card, engine.settings().slots()));
    }

    /** Marks a model as used until {@link #release}, if its card passes; begins to load it if it is not in memory. */
    private synchronized Shelved use(ModelId id, Consumer<ModelCard> check) {
        requireOpen();
        Shelved model = models.get(id);
        if (model == null || model.card == null) {
            throw new DecentralException(ErrorCode.MODEL_NOT_FOUND, "there is no model " + id + " here");
        }
        check.accept(model.card);
        if (model.resident == null) {
            if (model.users >= engine.settings().slots()) {
                throw new DecentralException(
                        ErrorCode.OVERLOADED,
                        model.users + " requests wait for model " + id + " already; try again shortly");
            }
            if (model.loading == null) {
                CompletableFuture<ResidentModel> _ = beginLoading(model);
            }
        }
        model.users++;
        model.lastUsed = ++clock;
        return model;
    }

    private synchronized void release(Shelved model) {
        model.users--;
        model.lastUsed = ++clock;
    }

    /** Ends all streams and frees all memory; waits for a load that is under way. */
    @Override
    public void close() {
        synchronized (this) {
            closed = true;
        }
        // Waits for the loader: it may not be within the library when its memory goes.
        loader.close();
        List<ResidentModel> closing = new ArrayList<>();
        synchronized (this) {
            for (Shelved model : models.values()) {
                if (model.resident != null) {
                    closing.add(model.resident);
                    model.resident = null;
                }
            }
            models.clear();
        }
        closing.forEach(ResidentModel::close);
    }
}

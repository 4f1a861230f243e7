package org.usedecentral.backend.openai;

import com.fasterxml.jackson.databind.JsonNode;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.ModelId;
import org.usedecentral.spi.inference.Feature;
import org.usedecentral.spi.inference.ModelCard;
import org.usedecentral.spi.inference.ModelLimits;

/**
 * Which models the server has now. Asked again when somebody looks and the last answer is a minute old; after a failure it lists none, and asks
 * again after a growing pause. Looking never waits: a virtual thread asks, one at a time. Thread-safe.
 */
final class UpstreamModels {
    private static final Logger LOG = System.getLogger(UpstreamModels.class.getName());
    private static final Duration FRESH = Duration.ofMinutes(1);
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
    private static final int MAX_MODELS = 256;
    private static final int MOST_OVERHEAD = 256;

    private final Settings settings;
    private final Upstream upstream;
    private final Clock clock;
    private final AtomicBoolean asking = new AtomicBoolean();
    private final Map<ModelId, ServedModel.Learnt> learnt = new ConcurrentHashMap<>();
    private volatile Map<ModelId, ServedModel> served = Map.of();
    private volatile Instant next = Instant.MIN;
    private volatile Duration pause = FIRST_PAUSE;
    private volatile boolean closed;

    /** A model as the server lists it. */
    private record Listed(String upstream, String owner, int context, int maxOutput) {}

    UpstreamModels(Settings settings, Upstream upstream, Clock clock) {
        this.settings = settings;
        this.upstream = upstream;
        this.clock = clock;
    }

    /** The models there are, in the order of the list. */
    List<ServedModel> current() {
        if (!closed && !clock.instant().isBefore(next) && asking.compareAndSet(false, true)) {
            Thread.ofVirtual().name("decentral-upstream-models").start(() -> {
                try {
                    ask();
                } catch (InterruptedException e) {
                    LOG.log(Level.DEBUG, "interrupted while asking for models", e);
                } finally {
                    asking.set(false);
                }
            });
        }
        return List.copyOf(served.values());
    }

    @Nullable ServedModel find(ModelId id) {
        return served.get(id);
    }

    /** Asks soon: a request found the server gone. */
    void suspect() {
        next = Instant.MIN;
    }

    void close() {
        closed = true;
    }

    /**
     * Asks now, and waits for the answer; a failure is logged and leaves no model.
     *
     * @throws DecentralException {@code INVALID_REQUEST} if the configuration asks for what this server cannot do
     */
    void ask() throws InterruptedException {
        Instant began = clock.instant();
        try {
            served = serve();
            if (served.isEmpty()) {
                throw new DecentralException(
                        ErrorCode.UNAVAILABLE,
                        settings.models().isPresent()
                                ? "it has none of upstream-models: compare them with its GET /models"
                                : "it has no model whose name can be used here: load one, or name it in upstream-models");
            }
            next = began.plus(FRESH);
            pause = FIRST_PAUSE;
        } catch (DecentralException e) {
            served = Map.of();
            next = began.plus(pause);
            if (!closed) {
                LOG.log(
                        Level.WARNING,
                        "no models from upstream server {0}: {1}; asked again in {2}",
                        upstream.place(),
                        e.message(),
                        pause);
            }
            Duration longer = pause.multipliedBy(2);
            pause = longer.compareTo(FRESH) > 0 ? FRESH : longer;
            if (e.code() == ErrorCode.INVALID_REQUEST) {
                throw e;
            }
        }
    }

    private Map<ModelId, ServedModel> serve() throws InterruptedException {
        Map<String, Listed> listed = list();
        List<UpstreamModel> wanted = settings.models().orElseGet(() -> all(listed));
        Map<ModelId, ServedModel> cards = new LinkedHashMap<>();
        for (UpstreamModel model : wanted) {
            Listed found = listed.get(model.upstream());
            if (found != null) {
                cards.put(model.id(), served(model, found));
            } else {
                LOG.log(Level.DEBUG, "the upstream server does not list {0}", model.upstream());
            }
        }
        learnt.keySet().retainAll(cards.keySet());
        return Collections.unmodifiableMap(cards);
    }

    private Map<String, Listed> list() throws InterruptedException {
        JsonNode answer = upstream.json(upstream.get(upstream.below("/models")));
        JsonNode data = answer.get("data");
        if (data == null || !data.isArray()) {
            throw UpstreamJson.malformed("is not a list of models: is url right, /v1 included?");
        }
        Map<String, Listed> listed = new LinkedHashMap<>();
        for (JsonNode item : data) {
            String id = UpstreamJson.text(item, "id");
            if (id != null && listed.size() < MAX_MODELS) {
                listed.put(id, listed(id, item));
                // Ollama lists name:latest and takes name.
                if (id.endsWith(":latest")) {
                    listed.putIfAbsent(id.substring(0, id.length() - ":latest".length()), listed(id, item));
                }
            }
        }
        return listed;
    }

    private static Listed listed(String id, JsonNode item) {
        String owner = UpstreamJson.text(item, "owned_by");
        JsonNode own = item.get("decentral");
        int context =
                own == null ? UpstreamJson.count(item, "max_model_len") : UpstreamJson.count(own, "context_tokens");
        int maxOutput = own == null ? -1 : UpstreamJson.count(own, "max_output_tokens");
        return new Listed(id, owner == null ? "" : owner, context, maxOutput);
    }

    private static List<UpstreamModel> all(Map<String, Listed> listed) {
        List<UpstreamModel> all = new ArrayList<>();
        for (Map.Entry<String, Listed> entry : listed.entrySet()) {
            if (!entry.getKey().equals(entry.getValue().upstream())) {
                continue;
            }
            try {
                all.add(new UpstreamModel(
                        new ModelId(entry.getKey()),
                        entry.getKey(),
                        UpstreamModel.Limits.UNKNOWN,
                        Optional.empty(),
                        Optional.empty()));
            } catch (IllegalArgumentException e) {
                LOG.log(
                        Level.INFO,
                        "upstream model left out, its name is {0}: name it in upstream-models",
                        e.getMessage());
            }
        }
        return all;
    }

    private ServedModel served(UpstreamModel model, Listed found) throws InterruptedException {
        Dialect dialect = settings.dialect().orElseGet(() -> Dialect.ofOwner(found.owner()));
        int context = model.limits().context().orElse(found.context());
        if (context < 1 && dialect == Dialect.LLAMA_SERVER) {
            context = contextOfProps();
        }
        if (context < 1) {
            context = settings.context();
        }
        int maxOutput = model.limits().maxOutput().orElse(found.maxOutput() > 0 ? found.maxOutput() : context);
        ModelLimits limits = new ModelLimits(
                context,
                Math.min(maxOutput, context),
                model.limits().templateOverhead().orElse(MOST_OVERHEAD));
        return new ServedModel(
                new ModelCard(model.id(), model.digest().orElse(null), limits, "", features(model, dialect)),
                found.upstream(),
                dialect,
                settings.counting().orElse(dialect.counting()),
                learnt.computeIfAbsent(model.id(), id -> new ServedModel.Learnt()));
    }

    /** A slot's context, which is less than what the model was trained for. */
    private int contextOfProps() throws InterruptedException {
        try {
            JsonNode props = upstream.json(upstream.get(upstream.atRoot("/props")));
            JsonNode defaults = props.get("default_generation_settings");
            return defaults == null ? -1 : UpstreamJson.count(defaults, "n_ctx");
        } catch (DecentralException e) {
            LOG.log(Level.DEBUG, "the upstream server has no /props: {0}", e.message());
            return -1;
        }
    }

    private static Set<Feature> features(UpstreamModel model, Dialect dialect) {
        Set<Feature> features = model.features().orElseGet(dialect::features);
        if (features.contains(Feature.GRAMMAR) && dialect != Dialect.LLAMA_SERVER) {
            throw unknown(model, "GRAMMAR", dialect);
        }
        if (features.contains(Feature.RESUME) && !dialect.canResume()) {
            throw unknown(model, "RESUME", dialect);
        }
        return features;
    }

    private static DecentralException unknown(UpstreamModel model, String feature, Dialect dialect) {
        return DecentralException.invalid(
                "features",
                "features of model " + model.id() + " has " + feature + ", which a server of dialect "
                        + dialect.configName() + " has no words for: take it out, or set dialect");
    }
}

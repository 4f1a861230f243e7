package org.usedecentral.backend.openai;

import io.helidon.config.Config;
import io.helidon.config.ConfigMappingException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Stream;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ModelId;
import org.usedecentral.spi.inference.Feature;
import org.usedecentral.spi.inference.InferenceBackendProvider;

/** The configuration of one backend, checked when read. Immutable. */
final class Settings {
    private static final Set<String> KEYS = Set.of(
            "url",
            "allow-plain-http",
            "api-key",
            "api-key-file",
            "upstream-models",
            "dialect",
            "context",
            "slots",
            "token-counting",
            "max-tokens-parameter",
            "connect-timeout",
            "read-timeout");
    private static final Set<String> MODEL_KEYS =
            Set.of("id", "upstream", "context", "max-output", "template-overhead", "features", "digest");
    private static final String AUTO = "auto";
    private static final int MAX_MODELS = 256;

    private final URI url;
    private final ApiKey apiKey;
    private final Optional<List<UpstreamModel>> models;
    private final Optional<Dialect> dialect;
    private final Optional<Counting> counting;
    private final int context;
    private final int slots;
    private final String maxTokensParameter;
    private final Timeouts timeouts;

    /** Where the key comes from; what it is stays out of every message. */
    record ApiKey(Optional<String> value, Optional<Path> file) {
        @Override
        public String toString() {
            return "ApiKey[hidden]";
        }
    }

    /**
     * How long to wait.
     *
     * @param connect for a connection
     * @param read for an answer to begin, and from one event of it to the next
     */
    record Timeouts(Duration connect, Duration read) {}

    private Settings(Config config) {
        this.url = url(config);
        this.apiKey = apiKey(config);
        this.dialect = choice(
                        config,
                        "dialect",
                        Stream.of(Dialect.values()).map(Dialect::configName).toList())
                .map(name -> Stream.of(Dialect.values())
                        .filter(d -> d.configName().equals(name))
                        .findFirst()
                        .orElseThrow());
        this.counting = choice(config, "token-counting", List.of("stream", "endpoint", "probe", "estimate"))
                .map(name -> Counting.valueOf(name.toUpperCase(Locale.ROOT)));
        this.models = models(config.get("upstream-models"));
        this.context = number(config, "context", 64, 1 << 24).orElse(4096);
        this.slots = number(config, "slots", 1, 4096).orElse(8);
        this.maxTokensParameter = config.get("max-tokens-parameter").asString().orElse("max_tokens");
        if (!maxTokensParameter.equals("max_tokens") && !maxTokensParameter.equals("max_completion_tokens")) {
            throw wrong("max-tokens-parameter", "must be max_tokens or max_completion_tokens");
        }
        this.timeouts = new Timeouts(
                duration(config, "connect-timeout", Duration.ofSeconds(5)),
                duration(config, "read-timeout", Duration.ofSeconds(120)));
    }

    /**
     * Reads a backend's keys.
     *
     * @throws DecentralException {@code INVALID_REQUEST} naming the key that is wrong or unknown
     */
    static Settings from(Config config) {
        known(config, KEYS, InferenceBackendProvider.RUNTIME_KEYS);
        return new Settings(config);
    }

    private static void known(Config config, Set<String> keys, Set<String> others) {
        for (Config child : config.asNodeList().orElse(List.of())) {
            if (!keys.contains(child.name()) && !others.contains(child.name())) {
                throw DecentralException.invalid(
                        child.key().toString(),
                        "backend openai has no key '" + child.name() + "' here; it has "
                                + keys.stream().sorted().toList());
            }
        }
    }

    private static URI url(Config config) {
        String text = config.get("url")
                .asString()
                .orElseThrow(() -> wrong("url", "is required, such as http://127.0.0.1:8000/v1"));
        URI url;
        try {
            url = new URI(text.replaceFirst("/+$", ""));
        } catch (URISyntaxException e) {
            throw wrong("url", "is not an address, such as http://127.0.0.1:8000/v1");
        }
        boolean plain = "http".equals(url.getScheme());
        if ((!plain && !"https".equals(url.getScheme())) || url.getHost() == null) {
            throw wrong("url", "must begin with https://host or http://host");
        }
        if (url.getRawUserInfo() != null || url.getRawQuery() != null || url.getRawFragment() != null) {
            throw wrong("url", "must have no user, query or fragment; a key goes into api-key-file");
        }
        boolean allowed = flag(config, "allow-plain-http");
        if (plain && !allowed && !isLoopback(url.getHost())) {
            throw wrong(
                    "url",
                    "leads to another machine without TLS, where prompts and the key can be read: use https, or set"
                            + " allow-plain-http: true if the network is yours");
        }
        return url;
    }

    private static boolean isLoopback(String host) {
        return host.equals("localhost") || host.equals("[::1]") || host.matches("127\\.[0-9]+\\.[0-9]+\\.[0-9]+");
    }

    private static ApiKey apiKey(Config config) {
        Optional<String> value = config.get("api-key").asString().asOptional();
        Optional<Path> file = config.get("api-key-file").asString().asOptional().map(Path::of);
        if (value.isPresent() && file.isPresent()) {
            throw wrong("api-key", "and api-key-file are both set: keep one, best the file");
        }
        return new ApiKey(value, file);
    }

    private static Optional<List<UpstreamModel>> models(Config config) {
        if (!config.exists() || (config.isLeaf() && config.asString().orElse("").equals(AUTO))) {
            return Optional.empty();
        }
        if (config.isLeaf()) {
            throw wrong("upstream-models", "must be auto, or a list of models with an id each");
        }
        List<UpstreamModel> models = new ArrayList<>();
        Set<ModelId> ids = new HashSet<>();
        for (Config item : config.asNodeList().orElse(List.of())) {
            UpstreamModel model = model(item);
            if (!ids.add(model.id())) {
                throw wrong("upstream-models", "names " + model.id() + " twice");
            }
            models.add(model);
        }
        if (models.isEmpty() || models.size() > MAX_MODELS) {
            throw wrong("upstream-models", "must be auto, or a list of 1 to " + MAX_MODELS + " models");
        }
        return Optional.of(List.copyOf(models));
    }

    private static UpstreamModel model(Config item) {
        known(item, MODEL_KEYS, Set.of());
        String name =
                item.get("id").asString().orElseThrow(() -> wrong("upstream-models", "needs an id for each model"));
        ModelId id;
        try {
            id = new ModelId(name);
        } catch (IllegalArgumentException e) {
            throw wrong("upstream-models", "has an id that is " + e.getMessage());
        }
        UpstreamModel.Limits limits = new UpstreamModel.Limits(
                number(item, "context", 64, 1 << 24),
                number(item, "max-output", 1, 1 << 24),
                number(item, "template-overhead", 0, 1 << 16));
        return new UpstreamModel(
                id, item.get("upstream").asString().orElse(name), limits, features(item), digest(item));
    }

    private static Optional<Set<Feature>> features(Config item) {
        if (!item.get("features").exists()) {
            return Optional.empty();
        }
        Set<Feature> features = EnumSet.noneOf(Feature.class);
        for (String name : item.get("features").asList(String.class).orElse(List.of())) {
            Feature feature = Stream.of(Feature.values())
                    .filter(f -> f.name().equals(name.toUpperCase(Locale.ROOT).replace('-', '_')))
                    .findFirst()
                    .orElseThrow(() -> wrong("features", "has '" + name + "'; there are " + List.of(Feature.values())));
            if (feature == Feature.TOKEN_IDS) {
                throw wrong("features", "cannot have TOKEN_IDS: OpenAI's API does not carry them");
            }
            features.add(feature);
        }
        if (!features.contains(Feature.GENERATE) && !features.contains(Feature.EMBED)) {
            throw wrong("features", "must have GENERATE or EMBED");
        }
        return Optional.of(features);
    }

    private static Optional<Bytes> digest(Config item) {
        return item.get("digest").asString().asOptional().map(hex -> {
            if (!hex.matches("[0-9a-f]{64}")) {
                throw wrong("digest", "must be the SHA-256 of the weights: 64 hexadecimal digits");
            }
            return Bytes.fromHex(hex);
        });
    }

    private static Optional<String> choice(Config config, String key, List<String> allowed) {
        String value = config.get(key).asString().orElse(AUTO);
        if (value.equals(AUTO)) {
            return Optional.empty();
        }
        if (!allowed.contains(value)) {
            throw wrong(key, "must be auto or one of " + allowed);
        }
        return Optional.of(value);
    }

    private static boolean flag(Config config, String key) {
        return switch (config.get(key).asString().orElse("false")) {
            case "true" -> true;
            case "false" -> false;
            default -> throw wrong(key, "must be true or false");
        };
    }

    private static OptionalInt number(Config config, String key, int low, int high) {
        Config node = config.get(key);
        if (!node.exists()) {
            return OptionalInt.empty();
        }
        try {
            int value = node.asInt().get();
            if (value >= low && value <= high) {
                return OptionalInt.of(value);
            }
        } catch (ConfigMappingException e) {
            throw wrong(key, "is not a number");
        }
        throw wrong(key, "must lie in " + low + " … " + high);
    }

    private static Duration duration(Config config, String key, Duration standard) {
        Duration value;
        try {
            value = config.get(key).as(Duration.class).orElse(standard);
        } catch (ConfigMappingException e) {
            throw wrong(key, "is not a duration, such as PT30S");
        }
        if (value.compareTo(Duration.ofMillis(10)) < 0 || value.compareTo(Duration.ofHours(1)) > 0) {
            throw wrong(key, "must lie in PT0.01S … PT1H");
        }
        return value;
    }

    private static DecentralException wrong(String key, String what) {
        return DecentralException.invalid(key, key + " of backend openai " + what);
    }

    /** The base, {@code /v1} included, without a slash at its end. */
    URI url() {
        return url;
    }

    ApiKey apiKey() {
        return apiKey;
    }

    /** The models the operator chose; empty: all that the server lists. */
    Optional<List<UpstreamModel>> models() {
        return models;
    }

    /** Whose server it is; empty: found out. */
    Optional<Dialect> dialect() {
        return dialect;
    }

    /** How prompts are counted; empty: as the dialect does best. */
    Optional<Counting> counting() {
        return counting;
    }

    /** The context of models for which neither the operator nor the server says one, tokens. */
    int context() {
        return context;
    }

    /** Requests that run at once. */
    int slots() {
        return slots;
    }

    /** The name by which the server wants the most tokens of an answer. */
    String maxTokensParameter() {
        return maxTokensParameter;
    }

    Timeouts timeouts() {
        return timeouts;
    }
}

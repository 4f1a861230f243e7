package org.usedecentral.measure;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.ModelId;
import org.usedecentral.spi.inference.EmbeddingRequest;
import org.usedecentral.spi.inference.Embeddings;
import org.usedecentral.spi.inference.Feature;
import org.usedecentral.spi.inference.GenerationRequest;
import org.usedecentral.spi.inference.InferenceBackend;
import org.usedecentral.spi.inference.Message;
import org.usedecentral.spi.inference.ModelCard;
import org.usedecentral.spi.inference.Sampling;

/**
 * Whether a model works at all, and how fast it is with one stream. A few tokens tell the first; the second is measured for about two seconds, with lengths
 * chosen by what the few tokens took, and remembered. One thread.
 */
public final class SelfTest {
    private static final int CHECK_TOKENS = 8;
    private static final int SHORTEST_PROMPT = 48;
    private static final int LONGEST_PROMPT = 256;
    private static final int LONGEST_OUTPUT = 64;
    private static final String BUILD = "/META-INF/maven/org.usedecentral/decentral-runtime/pom.properties";

    private final Extent extent;
    private final SpeedFile speeds;
    private final Limits limits;
    private final LongSupplier nanoTime;

    /** How thorough it is. */
    public enum Extent {
        /** Measures at each start. */
        FULL,
        /** Measures what was not measured before. */
        QUICK,
        /** Trusts. */
        OFF
    }

    /**
     * How long it may take a model.
     *
     * @param check of real time, after which a model is taken to hang
     * @param phase what measuring prefill, and decode, shall take each
     */
    public record Limits(Duration check, Duration phase) {
        public static final Limits DEFAULT = new Limits(Duration.ofSeconds(60), Duration.ofSeconds(1));
    }

    /** Tokens a second of one stream; 0: not measured. */
    public record Speed(double prefill, double decode) {
        /** Of a model that was not measured. */
        public static final Speed UNKNOWN = new Speed(0, 0);

        public boolean isKnown() {
            return prefill > 0 && decode > 0;
        }
    }

    /**
     * How a model did.
     *
     * @param failure what is wrong with it; empty if nothing is
     */
    public record Outcome(ModelId model, String failure, Speed speed) {}

    /** A test that times with {@code nanoTime}, a clock that only goes on. */
    public SelfTest(Extent extent, SpeedFile speeds, Limits limits, LongSupplier nanoTime) {
        this.extent = extent;
        this.speeds = speeds;
        this.limits = limits;
        this.nanoTime = nanoTime;
    }

    /** Tests every model of a started backend. What a model fails with is in its outcome. */
    public List<Outcome> test(InferenceBackend backend) throws InterruptedException {
        List<Outcome> outcomes = new ArrayList<>();
        if (extent != Extent.OFF) {
            for (ModelCard card : backend.models()) {
                outcomes.add(test(backend, card));
            }
        }
        return outcomes;
    }

    private Outcome test(InferenceBackend backend, ModelCard card) throws InterruptedException {
        try {
            if (card.features().contains(Feature.GENERATE)) {
                return new Outcome(card.id(), "", generate(backend, card));
            }
            if (card.features().contains(Feature.EMBED)) {
                embed(backend, card);
            }
            return new Outcome(card.id(), "", Speed.UNKNOWN);
        } catch (DecentralException e) {
            return new Outcome(card.id(), e.message(), Speed.UNKNOWN);
        } catch (RuntimeException e) {
            return new Outcome(card.id(), "the engine failed: " + e, Speed.UNKNOWN);
        }
    }

    private Speed generate(InferenceBackend backend, ModelCard card) throws InterruptedException {
        GenerationRequest few = GenerationRequest.builder(
                        card.id(), List.of(Message.of(Message.Role.USER, "Say hello and tell me about yourself.")))
                .sampling(Sampling.builder().temperature(0).build())
                .maxOutputTokens(Math.min(CHECK_TOKENS, card.limits().maxOutputTokens()))
                .build();
        GroupTrace check = run(backend, few);
        StreamTrace stream = check.streams().getFirst();
        if (stream.characters() == 0) {
            throw new DecentralException(
                    ErrorCode.INTERNAL, "it generated " + stream.usage().outputTokens() + " tokens without any text");
        }
        String key = key(backend, card);
        Optional<Speed> known = extent == Extent.FULL ? Optional.empty() : speeds.find(key);
        if (known.isPresent()) {
            return known.get();
        }
        Speed measured = measure(backend, card, check);
        if (measured.isKnown()) {
            speeds.put(key, measured);
        }
        return measured;
    }

    private Speed measure(InferenceBackend backend, ModelCard card, GroupTrace check) throws InterruptedException {
        int half = Math.max(1, card.limits().contextTokens() / 2);
        int prompt = amount(check.prefill(), SHORTEST_PROMPT, Math.min(half, LONGEST_PROMPT));
        int output = amount(check.decode(), CHECK_TOKENS, Math.min(half, LONGEST_OUTPUT));
        GenerationRequest many = Prompts.of(backend, card.id())
                .next(prompt, Math.min(output, card.limits().maxOutputTokens()));
        GroupTrace trace = run(backend, many);
        double prefill = trace.prefill().perSecond();
        double decode = trace.decode().perSecond();
        // A model that ends its answer at once leaves nothing to time.
        return prefill > 0 && decode > 0 ? new Speed(prefill, decode) : Speed.UNKNOWN;
    }

    /** What a phase has time for. */
    private int amount(Stretch seen, int least, int most) {
        double wanted = seen.perSecond() * limits.phase().toNanos() / 1e9;
        return wanted > least ? (int) Math.min(wanted, Math.max(least, most)) : Math.min(least, most);
    }

    private GroupTrace run(InferenceBackend backend, GenerationRequest request) throws InterruptedException {
        return new StreamGroup(
                        backend,
                        List.of(request),
                        new StreamGroup.Sources(nanoTime, ProcessMeter.hidden(), limits.check()))
                .run();
    }

    private static void embed(InferenceBackend backend, ModelCard card) throws InterruptedException {
        Embeddings made = backend.embed(EmbeddingRequest.of(card.id(), List.of("hello")));
        double squares = 0;
        for (Embeddings.Vector vector : made.vectors()) {
            for (float value : vector.toArray()) {
                squares += (double) value * value;
            }
        }
        if (made.vectors().size() != 1 || !(squares > 0) || Double.isInfinite(squares)) {
            throw new DecentralException(ErrorCode.INTERNAL, "it embedded a word as something that is no vector");
        }
    }

    /** What a speed depends on: weights, engine and its version, devices. */
    private static String key(InferenceBackend backend, ModelCard card) {
        Bytes digest = card.digest();
        String devices = backend.devices().stream()
                .map(device -> device.kind() + " " + device.name())
                .collect(Collectors.joining(", "));
        return String.join(
                " | ",
                card.id().toString(),
                digest == null ? "-" : digest.toString(),
                backend.type() + " " + backend.name(),
                version(),
                devices,
                Runtime.getRuntime().availableProcessors() + " processors");
    }

    /** Ours, which pins the engines' own. */
    private static String version() {
        try (InputStream in = SelfTest.class.getResourceAsStream(BUILD)) {
            Properties properties = new Properties();
            if (in != null) {
                properties.load(in);
            }
            return properties.getProperty("version", "development");
        } catch (IOException e) {
            return "unknown";
        }
    }
}

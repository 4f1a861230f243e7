package org.usedecentral.link;

import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ModelId;
import org.usedecentral.spi.inference.Device;
import org.usedecentral.spi.inference.Feature;
import org.usedecentral.spi.inference.ModelCard;
import org.usedecentral.spi.inference.ModelLimits;
import org.usedecentral.spi.protocol.TokenPrices;

/**
 * What a worker says it offers (docs/protocol.md, section 8).
 *
 * @param sessionKey X25519, 32 bytes: what payloads are sealed to
 * @param validity its sequence and end
 */
public record WorkerAdvert(Account worker, List<Hosted> models, Engine engine, Bytes sessionKey, Validity validity) {
    /** Unix milliseconds: the sequence only grows, and the advert ends at most 60 s after it. */
    public record Validity(long sequence, long expires) {}

    /** The engine and how it does; speeds in tokens a second, 0 when not measured. */
    public record Engine(String name, List<Device> devices, String region, Load load, Speed speed) {
        public Engine {
            devices = List.copyOf(devices);
        }
    }

    /** How busy it is. */
    public record Load(int slots, int running, int waiting) {}

    /** Measured by the worker itself, tokens a second of one stream. */
    public record Speed(double prefill, double decode) {}

    /**
     * A model it hosts.
     *
     * @param digest SHA-256 of the weights; 32 zeros: not stated
     * @param features names; those this version does not know are passed over
     */
    public record Hosted(ModelId id, Bytes digest, Limits limits, List<String> features, Prices prices) {
        public Hosted {
            features = List.copyOf(features);
            if (digest.length() != 32) {
                throw DecentralException.invalid("digest", "a model digest has 32 bytes");
            }
        }

        /** The card that stands for it here. */
        public ModelCard card() {
            Set<Feature> known = EnumSet.noneOf(Feature.class);
            for (Feature feature : Feature.values()) {
                if (features.contains(feature.name())) {
                    known.add(feature);
                }
            }
            return new ModelCard(
                    id,
                    digest.isZero() ? null : digest,
                    new ModelLimits(limits.context(), limits.maxOutput(), limits.overhead()),
                    limits.quantisation(),
                    known);
        }

        static Hosted of(ModelCard card, TokenPrices prices) {
            Bytes digest = card.digest();
            return new Hosted(
                    card.id(),
                    digest == null ? Bytes.zeros(32) : digest,
                    new Limits(
                            card.limits().contextTokens(),
                            card.limits().maxOutputTokens(),
                            card.limits().templateOverheadTokens(),
                            card.quantisation()),
                    card.features().stream().map(Enum::name).sorted().toList(),
                    new Prices(prices.input(), prices.output()));
        }
    }

    /** Tokens, and how the weights are quantised. */
    public record Limits(int context, int maxOutput, int overhead, String quantisation) {}

    /** Base units per million tokens. */
    public record Prices(long input, long output) {
        public TokenPrices tokenPrices() {
            return new TokenPrices(input, output);
        }
    }

    public WorkerAdvert {
        models = List.copyOf(models);
        if (sessionKey.length() != 32) {
            throw DecentralException.invalid("session_key", "a session key has 32 bytes");
        }
        if (models.size() > 64) {
            throw DecentralException.invalid("models", "an advert names at most 64 models");
        }
    }

    public Optional<Hosted> model(ModelId id) {
        return models.stream().filter(hosted -> hosted.id().equals(id)).findFirst();
    }

    /** A hosted model's entry. */
    public static Hosted hosted(ModelCard card, TokenPrices prices) {
        return Hosted.of(card, prices);
    }
}

package org.usedecentral.node;

import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.inference.ModelCard;

/** A price that names a digest is for those weights and no others. Stateless. */
final class PricedWeights {
    private static final Pattern SHA256 = Pattern.compile("[0-9a-fA-F]{64}");

    private PricedWeights() {}

    /**
     * Compares what was loaded with what the prices were made for.
     *
     * @throws DecentralException {@code INVALID_REQUEST} naming the model whose weights are others, or cannot be seen
     */
    static void check(List<ModelPriceConfig> prices, List<ModelCard> cards) {
        for (ModelPriceConfig price : prices) {
            Optional<Bytes> wanted = price.digest().map(PricedWeights::digest);
            for (ModelCard card : cards) {
                boolean named = card.id().value().equals(price.model());
                if (wanted.isPresent() && named && !wanted.equals(Optional.ofNullable(card.digest()))) {
                    Bytes found = card.digest();
                    throw DecentralException.invalid(
                            "worker.model-prices",
                            "worker.model-prices has a price for " + price.model() + " with SHA-256 "
                                    + wanted.get().hex() + ", but "
                                    + (found == null
                                            ? "nobody can see the weights that are loaded"
                                            : "the weights that are loaded have " + found.hex())
                                    + ": correct the digest or load the other weights");
                }
            }
        }
    }

    private static Bytes digest(String hex) {
        if (!SHA256.matcher(hex).matches()) {
            throw DecentralException.invalid(
                    "worker.model-prices", "worker.model-prices: a digest is a SHA-256 of 64 hexadecimal digits");
        }
        return Bytes.fromHex(hex);
    }
}

package org.usedecentral.node;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.ModelId;
import org.usedecentral.spi.inference.Feature;
import org.usedecentral.spi.inference.ModelCard;
import org.usedecentral.spi.inference.ModelLimits;

final class PricedWeightsTest {
    private static final String HEX = "ab".repeat(32);

    private static ModelCard card(String id, @Nullable Bytes digest) {
        return new ModelCard(new ModelId(id), digest, new ModelLimits(10, 10, 0), "", Set.of(Feature.GENERATE));
    }

    private static List<ModelPriceConfig> price(String digest) {
        return List.of(ModelPriceConfig.builder()
                .model("m")
                .digest(digest)
                .input(1)
                .output(2)
                .build());
    }

    private static void assertRefused(List<ModelPriceConfig> prices, ModelCard card, String... parts) {
        assertThatThrownBy(() -> PricedWeights.check(prices, List.of(card)))
                .isInstanceOfSatisfying(
                        DecentralException.class,
                        e -> assertThatCode(() -> requireInvalid(e)).doesNotThrowAnyException())
                .hasMessageContainingAll(parts);
    }

    private static void requireInvalid(DecentralException e) {
        if (e.code() != ErrorCode.INVALID_REQUEST) {
            throw new AssertionError(e.code());
        }
    }

    @Test
    void takesTheWeightsThePriceIsFor() {
        assertThatCode(() -> PricedWeights.check(
                        price(HEX), List.of(card("m", Bytes.fromHex(HEX)), card("other", Bytes.zeros(32)))))
                .doesNotThrowAnyException();
        assertThatCode(() -> PricedWeights.check(
                        List.of(ModelPriceConfig.builder()
                                .model("m")
                                .input(1)
                                .output(2)
                                .build()),
                        List.of(card("m", null))))
                .doesNotThrowAnyException();
    }

    @Test
    void refusesOtherWeights() {
        assertRefused(price(HEX), card("m", Bytes.zeros(32)), "m with SHA-256 " + HEX, "00".repeat(32));
        assertRefused(price(HEX), card("m", null), "nobody can see");
        assertRefused(price("xyz"), card("m", Bytes.zeros(32)), "64");
    }
}

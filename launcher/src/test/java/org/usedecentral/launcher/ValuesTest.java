package org.usedecentral.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.usedecentral.spi.DecentralException;

/** Amounts and addresses as people write them. */
final class ValuesTest {
    @ParameterizedTest
    @CsvSource({"5,5000000", "0.25,250000", "0.000001,1", "9223372036854.775807,9223372036854775807", " 1 ,1000000"})
    void amountsAreExact(String usdc, long baseUnits) {
        assertThat(Money.parse(usdc)).isEqualTo(baseUnits);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0", "-1", "five", "0.0000001", "9223372036854.775808", "1e99", "1,5"})
    void whatIsNoAmountIsRefused(String usdc) {
        assertThatThrownBy(() -> Money.parse(usdc)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void amountsShowEveryBaseUnit() {
        assertThat(Money.usdc(1)).isEqualTo("0.000001 USDC");
        assertThat(Money.usdc(12_500_000)).isEqualTo("12.500000 USDC");
    }

    @ParameterizedTest
    @CsvSource({
        "http://127.0.0.1:8080,http://127.0.0.1:8080/v1,ws://127.0.0.1:8080/v1/workers/link",
        "http://127.0.0.1:8080/,http://127.0.0.1:8080/v1,ws://127.0.0.1:8080/v1/workers/link",
        "http://[::1]:8080/v1,http://[::1]:8080/v1,ws://[::1]:8080/v1/workers/link",
        "https://a.example/v1/,https://a.example/v1,wss://a.example/v1/workers/link",
        "https://a.example/llm/v1,https://a.example/llm/v1,wss://a.example/llm/v1/workers/link"
    })
    void aGatewaysAddressesFollowFromOne(String given, String api, String link) {
        assertThat(GatewayAddress.api(URI.create(given))).hasToString(api);
        assertThat(GatewayAddress.link(URI.create(given))).hasToString(link);
        assertThat(GatewayAddress.root(URI.create(given)) + "/v1").isEqualTo(api);
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "ws://127.0.0.1:8080", "file:///x", "http:///v1", "localhost:8080"})
    void whatIsNoAddressIsRefused(String given) {
        assertThatThrownBy(() -> GatewayAddress.api(URI.create(given))).isInstanceOf(DecentralException.class);
    }
}

package org.usedecentral.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.helidon.config.Config;
import io.helidon.config.ConfigSources;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;

/** A key that no configuration has is refused, whatever its level, by the name it was given. */
final class ConfigKeysTest {
    private static Node node(String... keysAndValues) {
        Map<String, String> config = new HashMap<>();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            config.put(keysAndValues[i], keysAndValues[i + 1]);
        }
        return Node.create(Config.just(ConfigSources.create(config)));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            gatway.port                       | at the top
            mesh                              | at the top
            dataDirectory                     | data-directory
            orchestrator.start-timout         | start-timeout
            worker.orchestrator               | orchestrators
            gateway.hostname                  | host
            orchestrator.model-ceilings.0.in  | input
            worker.model-prices.0.price       | output
            worker.orchestrators.0.uri        | url
            """)
    void anUnknownKeyIsNamedWithThoseThereAre(String key, String there) {
        assertThatThrownBy(() -> node(key, "1"))
                .isInstanceOfSatisfying(
                        DecentralException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_REQUEST))
                .message()
                .contains("configuration key '" + key.replaceFirst("gatway.port", "gatway") + "' is unknown")
                .contains(there);
    }

    @ParameterizedTest
    @CsvSource({
        "gateway.port,                eighty",
        "orchestrator.enabled,        perhaps",
        "orchestrator.start-timeout,  8 seconds",
        "worker.input-price,          1e3",
        "worker.model-prices.0.model, m",
        "worker.model-prices,         cheap"
    })
    void aValueThatCannotBeReadIsRefusedByItsKey(String key, String value) {
        assertThatThrownBy(() -> node(key, value))
                .isInstanceOfSatisfying(
                        DecentralException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_REQUEST))
                .hasMessageContaining("configuration");
    }

    @Test
    void everyKeyThereIsIsTaken() {
        try (Node node = node(
                "data-directory",
                "/nowhere",
                "orchestrator.start-timeout",
                "PT9S",
                "orchestrator.model-ceilings.0.model",
                "m",
                "orchestrator.model-ceilings.0.input",
                "1",
                "orchestrator.model-ceilings.0.output",
                "2",
                "worker.models.0",
                "m",
                "worker.orchestrators.0.url",
                "ws://127.0.0.1:1/",
                "gateway.jobs-per-key",
                "3",
                "backends.0.anything",
                "a backend's own",
                "ledger.anything",
                "a ledger's own")) {
            assertThat(node.configuration().gateway().jobsPerKey()).isEqualTo(3);
            assertThat(node.configuration().orchestrator().modelCeilings()).hasSize(1);
        }
    }
}

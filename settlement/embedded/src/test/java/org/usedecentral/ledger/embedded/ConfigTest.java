package org.usedecentral.ledger.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import io.helidon.config.Config;
import io.helidon.config.ConfigSources;
import java.time.Duration;
import java.util.Map;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.ledger.Parameters;
import org.usedecentral.spi.ledger.SettlementLedger;
import org.usedecentral.spi.ledger.SettlementLedgerProvider;

/** What is configured, what is refused, and that the provider is found. */
final class ConfigTest {
    private static Config config(Map<String, String> keys) {
        return Config.just(ConfigSources.create(keys));
    }

    @Test
    void theProviderIsFound() {
        SettlementLedgerProvider provider =
                ServiceLoader.load(SettlementLedgerProvider.class).findFirst().orElseThrow();
        assertThat(provider.configKey()).isEqualTo("embedded");
        try (SettlementLedger ledger = provider.create(Config.empty(), "embedded")) {
            assertThat(ledger.type()).isEqualTo("embedded");
            assertThat(ledger.name()).isEqualTo("embedded");
        }
    }

    @Test
    void everyKeyHasADefault() {
        EmbeddedLedgerConfig read = EmbeddedLedgerConfig.read(Config.empty());
        assertThat(read.treasury()).isNull();
        assertThat(read.parameters()).isEqualTo(Parameters.DEFAULT);
        assertThat(read.limits()).isEqualTo(new Writer.Limits(4_096, 512));
        assertThat(read.settings(Scene.OPERATOR.account()).treasury()).isEqualTo(Scene.OPERATOR.account());
    }

    @Test
    void everyKeyIsRead() {
        EmbeddedLedgerConfig read = EmbeddedLedgerConfig.read(config(Map.ofEntries(
                Map.entry("type", "embedded"),
                Map.entry("name", "mine"),
                Map.entry("treasury", Scene.WORKER.account().toString()),
                Map.entry("worker-share", "5000"),
                Map.entry("staked-worker-share", "6000"),
                Map.entry("orchestrator-fee", "4000"),
                Map.entry("grace", "PT10S"),
                Map.entry("dispute-window", "PT1M30S"),
                Map.entry("disclose-window", "PT1H"),
                Map.entry("ruling-window", "P2D"),
                Map.entry("minimum-stake", "7"),
                Map.entry("bond-floor", "8"),
                Map.entry("slash", "9"),
                Map.entry("queue", "10"),
                Map.entry("batch", "11"))));
        assertThat(read)
                .isEqualTo(new EmbeddedLedgerConfig(
                        Scene.WORKER.account(),
                        new Parameters(
                                new Parameters.Shares(5_000, 6_000, 4_000),
                                new Parameters.Windows(
                                        Duration.ofSeconds(10),
                                        Duration.ofSeconds(90),
                                        Duration.ofHours(1),
                                        Duration.ofDays(2)),
                                7,
                                8,
                                9),
                        new Writer.Limits(10, 11)));
        Settings settings = read.settings(Scene.OPERATOR.account());
        JournalBody body = new JournalBody.Change(settings);
        assertThat(JournalBody.decode(body.encode())).isEqualTo(body);
    }

    @ParameterizedTest
    @CsvSource({
        "treasury,l0I",
        "worker-share,4999",
        "worker-share,9501",
        "worker-share,75%",
        "staked-worker-share,10000",
        "orchestrator-fee,2000",
        "orchestrator-fee,-1",
        "grace,PT0S",
        "grace,PT1.5S",
        "grace,PT2H",
        "grace,soon",
        "dispute-window,P30D",
        "slash,501",
        "queue,0",
        "batch,10001",
        "worker-fee,1"
    })
    void aWrongKeyIsRefusedByName(String key, String value) {
        String message = Scene.refused(
                ErrorCode.INVALID_REQUEST,
                () -> new EmbeddedLedgerProvider().create(config(Map.of(key, value)), "embedded"));
        assertThat(message).contains(key);
    }

    @Test
    void aNameThatIsNoFolderIsRefused() {
        for (String name : new String[] {"", "..", "a/b", "-x", "a b"}) {
            assertThat(Scene.refused(
                            ErrorCode.INVALID_REQUEST, () -> new EmbeddedLedgerProvider().create(Config.empty(), name)))
                    .contains("name");
        }
    }
}

package org.usedecentral.ledger.embedded;

import io.helidon.config.Config;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ledger.Parameters;

/**
 * What can be configured; every key has a default.
 *
 * @param treasury who gets the treasury's share; null: the operator
 */
record EmbeddedLedgerConfig(@Nullable Account treasury, Parameters parameters, Writer.Limits limits) {
    private static final Set<String> KEYS = Set.of(
            "type",
            "name",
            "treasury",
            "worker-share",
            "staked-worker-share",
            "orchestrator-fee",
            "grace",
            "dispute-window",
            "disclose-window",
            "ruling-window",
            "minimum-stake",
            "bond-floor",
            "slash",
            "queue",
            "batch");

    /** The settings that the journal records. */
    Settings settings(Account operator) {
        return new Settings(parameters, treasury == null ? operator : treasury);
    }

    /**
     * Reads the keys: {@code treasury} (base58); {@code worker-share}, {@code staked-worker-share}, {@code orchestrator-fee} and
     * {@code slash} (basis points); {@code grace}, {@code dispute-window}, {@code disclose-window} and {@code ruling-window} (ISO-8601,
     * whole seconds); {@code minimum-stake} and {@code bond-floor} (base units); {@code queue} and {@code batch} (operations).
     *
     * @throws DecentralException {@code INVALID_REQUEST} naming the key that is wrong or unknown
     */
    static EmbeddedLedgerConfig read(Config config) {
        List<Config> nodes =
                config.exists() && config.isObject() ? config.asNodeList().get() : List.of();
        for (Config node : nodes) {
            if (!KEYS.contains(node.name())) {
                throw DecentralException.invalid(
                        node.name(),
                        "the embedded ledger has no key " + node.name() + "; it has "
                                + KEYS.stream().sorted().collect(Collectors.joining(", ")));
            }
        }
        Parameters defaults = Parameters.DEFAULT;
        Parameters.Windows windows = defaults.windows();
        Parameters parameters = new Parameters(
                shares(config, defaults.shares()),
                new Parameters.Windows(
                        duration(config, "grace", windows.grace(), Duration.ofHours(1)),
                        duration(config, "dispute-window", windows.dispute(), Duration.ofDays(7)),
                        duration(config, "disclose-window", windows.disclose(), Duration.ofDays(30)),
                        duration(config, "ruling-window", windows.rule(), Duration.ofDays(30))),
                number(config, "minimum-stake", defaults.minimumStake(), 0, Long.MAX_VALUE),
                number(config, "bond-floor", defaults.bondFloor(), 0, Long.MAX_VALUE),
                (int) number(config, "slash", defaults.slashBps(), 0, 500));
        return new EmbeddedLedgerConfig(
                value(config, "treasury", Account::parse).orElse(null),
                parameters,
                new Writer.Limits((int) number(config, "queue", 4_096, 1, 1_000_000), (int)
                        number(config, "batch", 512, 1, 10_000)));
    }

    private static Parameters.Shares shares(Config config, Parameters.Shares defaults) {
        int worker = (int) number(config, "worker-share", defaults.worker(), 5_000, 9_500);
        int staked = (int) number(config, "staked-worker-share", defaults.stakedWorker(), 5_000, 9_500);
        int fee = (int) number(config, "orchestrator-fee", defaults.orchestrator(), 0, 5_000);
        if (Math.max(worker, staked) + fee > 10_000) {
            throw DecentralException.invalid(
                    "orchestrator-fee",
                    "orchestrator-fee and each of worker-share and staked-worker-share together are at most 10000");
        }
        return new Parameters.Shares(worker, staked, fee);
    }

    private static long number(Config config, String key, long otherwise, long least, long most) {
        long value = value(config, key, Long::parseLong).orElse(otherwise);
        if (value < least || value > most) {
            throw DecentralException.invalid(key, key + " lies in " + least + " to " + most + ", not " + value);
        }
        return value;
    }

    private static Duration duration(Config config, String key, Duration otherwise, Duration most) {
        Duration value = value(config, key, Duration::parse).orElse(otherwise);
        if (value.getNano() != 0 || value.getSeconds() < 1 || value.compareTo(most) > 0) {
            throw DecentralException.invalid(
                    key, key + " is a whole number of seconds from PT1S to " + most + ", not " + value);
        }
        return value;
    }

    private static <T> Optional<T> value(Config config, String key, Function<String, T> reader) {
        Optional<String> text = config.get(key).asString().asOptional();
        try {
            return text.map(reader);
        } catch (IllegalArgumentException | DateTimeParseException e) {
            throw DecentralException.invalid(key, key + " cannot be read: " + text.orElse(""));
        }
    }
}

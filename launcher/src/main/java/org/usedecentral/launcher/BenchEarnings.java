package org.usedecentral.launcher;

import io.helidon.config.Config;
import io.helidon.config.ConfigMappingException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.usedecentral.measure.Earnings;
import org.usedecentral.measure.Series;
import org.usedecentral.node.ModelPriceConfig;
import org.usedecentral.node.Node;
import org.usedecentral.node.NodeConfig;
import org.usedecentral.node.WorkerConfig;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.protocol.TokenPrices;

/** What each measured model may earn at its best number of streams, by the configured prices and shares. */
final class BenchEarnings {
    private static final int USUAL_SHARE = 7500;
    private static final int USUAL_STAKED_SHARE = 8500;
    private static final int WHOLE = 10_000;

    private final WorkerConfig worker;
    private final int share;
    private final Earnings.Operation operation;
    private final Set<String> commands;

    /** One line of the estimate. */
    record Estimate(
            Series series, TokenPrices prices, int shareBasisPoints, Earnings earnings, Earnings.Operation operation) {}

    /**
     * Throws {@code INVALID_REQUEST} if prices or shares cannot be read.
     *
     * @param commands names of programs, which take no jobs
     */
    BenchEarnings(Config config, EarningsOptions options, Set<String> commands) {
        NodeConfig read = Node.create(config).configuration();
        this.worker = read.worker();
        this.share = share(config.get("ledger"), options.staked());
        this.operation = options.operation();
        this.commands = Set.copyOf(commands);
    }

    private static int share(Config ledger, boolean staked) {
        String key = staked ? "staked-worker-share" : "worker-share";
        try {
            int value = ledger.get(key).asInt().orElse(staked ? USUAL_STAKED_SHARE : USUAL_SHARE);
            if (value >= 0 && value <= WHOLE) {
                return value;
            }
        } catch (ConfigMappingException e) {
            // Said below.
        }
        throw DecentralException.invalid(
                "ledger." + key, "ledger." + key + " must be a number of basis points in 0 … " + WHOLE);
    }

    /** For every contender that generates, by the series with the most tokens a second. */
    List<Estimate> of(List<Series> all) {
        List<Estimate> estimates = new ArrayList<>();
        List<String> done = new ArrayList<>();
        for (Series one : all) {
            String key = one.name() + "\n" + one.model();
            if (!done.contains(key)) {
                done.add(key);
                best(all, one).map(this::estimate).ifPresent(estimates::add);
            }
        }
        return estimates;
    }

    private Optional<Series> best(List<Series> all, Series like) {
        return all.stream()
                .filter(one -> one.name().equals(like.name()) && one.model().equals(like.model()))
                .filter(one -> !commands.contains(one.name()))
                .filter(one -> decode(one) > 0 && prefill(one) > 0)
                .max(Comparator.comparingDouble(BenchEarnings::decode));
    }

    private Estimate estimate(Series series) {
        TokenPrices prices = worker.modelPrices().stream()
                .filter(entry -> entry.model().equals(series.model()))
                .map(BenchEarnings::prices)
                .findFirst()
                .orElseGet(() -> new TokenPrices(worker.inputPrice(), worker.outputPrice()));
        Earnings earnings = Earnings.estimate(
                new Earnings.Speed(prefill(series), decode(series)),
                new Earnings.Job(
                        series.workload().promptTokens(), series.workload().outputTokens()),
                new Earnings.Terms(prices, share),
                operation);
        return new Estimate(series, prices, share, earnings, operation);
    }

    private static TokenPrices prices(ModelPriceConfig entry) {
        return new TokenPrices(entry.input(), entry.output());
    }

    private static double decode(Series series) {
        return series.generation(round -> round.decode().perSecond()).median();
    }

    private static double prefill(Series series) {
        return series.generation(round -> round.prefill().perSecond()).median();
    }
}

package org.usedecentral.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import io.helidon.config.Config;
import io.helidon.config.ConfigSources;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.routing.RoutingPolicy;
import org.usedecentral.spi.routing.RoutingPolicyProvider;
import org.usedecentral.spi.routing.WorkerSnapshot;
import org.usedecentral.testkit.routing.MadeUpJob;
import org.usedecentral.testkit.routing.MadeUpWorker;

final class PoliciesTest {
    static RoutingPolicy policy(String type) {
        return policy(type, Map.of());
    }

    private static RoutingPolicy policy(String type, Map<String, String> settings) {
        Config config = Config.just(ConfigSources.create(settings));
        RoutingPolicy policy = ServiceLoader.load(RoutingPolicyProvider.class).stream()
                .map(ServiceLoader.Provider::get)
                .filter(provider -> provider.configKey().equals(type))
                .findFirst()
                .orElseThrow()
                .create(config, "mine");
        assertThat(policy.name()).isEqualTo("mine");
        assertThat(policy.type()).isEqualTo(type);
        return policy;
    }

    private static double[] scores(RoutingPolicy policy, MadeUpJob job, List<? extends WorkerSnapshot> workers) {
        double[] scores = new double[workers.size()];
        policy.score(job, List.copyOf(workers), scores);
        return scores;
    }

    private static double[] scores(RoutingPolicy policy, MadeUpWorker... workers) {
        return scores(policy, MadeUpJob.ORDINARY, List.of(workers));
    }

    private static MadeUpWorker staked(String name, long stake) {
        return MadeUpWorker.named(name).stake(stake, 1);
    }

    @Test
    void refusesKeysItDoesNotKnowAndNumbersOutOfRange() {
        assertThat(policy("stake", Map.of("type", "stake", "weight", "0.4", "cap", "2")))
                .isNotNull();
        for (String type : List.of("stake", "reputation", "latency", "load")) {
            assertThatExceptionOfType(DecentralException.class)
                    .isThrownBy(() -> policy(type, Map.of("capp", "2")))
                    .withMessageContaining("'capp' is unknown");
        }
        for (String wrong : List.of("0", "NaN", "1001", "many")) {
            assertThatExceptionOfType(DecentralException.class)
                    .isThrownBy(() -> policy("stake", Map.of("cap", wrong)))
                    .withMessageContaining("cap must");
        }
    }

    // stake

    @Test
    void stakeHasNoOpinionWithoutStake() {
        assertThat(scores(policy("stake"), MadeUpWorker.named("a"), MadeUpWorker.named("b")))
                .containsExactly(Double.NaN, Double.NaN);
    }

    @Test
    void stakeCountsUpToFourTimesTheMedian() {
        double[] scores = scores(
                policy("stake"),
                staked("none", 0),
                staked("a", 1024),
                staked("b", 1024),
                staked("c", 4096),
                staked("w", 1 << 30));
        assertThat(scores).containsExactly(new double[] {0, 0.25, 0.25, 1, 1}, within(1e-12));
    }

    @Test
    void theLockTierMultipliesStake() {
        double[] scores = scores(
                policy("stake"),
                MadeUpWorker.named("a").stake(1024, 1),
                MadeUpWorker.named("b").stake(1024, 2),
                MadeUpWorker.named("c").stake(1024, 1));
        assertThat(scores).containsExactly(new double[] {0.25, 0.5, 0.25}, within(1e-12));
    }

    @Property
    void aWhalesSizeLowersNobody(
            @ForAll @Size(min = 1, max = 30) List<@LongRange(min = 1, max = 1_000_000) Long> stakes,
            @ForAll @LongRange(min = 1, max = 1_000_000) long times) {
        List<MadeUpWorker> workers = new ArrayList<>();
        for (long stake : stakes) {
            workers.add(staked("w" + workers.size(), stake));
        }
        List<MadeUpWorker> withWhale = new ArrayList<>(workers);
        withWhale.add(staked("whale", 1_000_000));
        List<MadeUpWorker> withGreaterWhale = new ArrayList<>(workers);
        withGreaterWhale.add(staked("whale", 1_000_000 * times));
        double[] before = scores(policy("stake"), MadeUpJob.ORDINARY, withWhale);
        double[] after = scores(policy("stake"), MadeUpJob.ORDINARY, withGreaterWhale);
        assertThat(Arrays.copyOf(after, stakes.size())).isEqualTo(Arrays.copyOf(before, stakes.size()));
    }

    @Property
    void moreStakeNeverScoresLess(
            @ForAll @Size(min = 2, max = 30) List<@LongRange(max = 1_000_000_000_000L) Long> stakes) {
        List<Long> sorted = stakes.stream().sorted().toList();
        List<MadeUpWorker> workers = new ArrayList<>();
        for (long stake : sorted) {
            workers.add(staked("w" + workers.size(), stake));
        }
        double[] scores = scores(policy("stake"), MadeUpJob.ORDINARY, workers);
        for (int i = 1; i < scores.length && !Double.isNaN(scores[i]); i++) {
            assertThat(scores[i]).isGreaterThanOrEqualTo(scores[i - 1]);
        }
    }

    @Property
    void theMedianIsWithinAnEighth(
            @ForAll @Size(min = 1, max = 50) List<@LongRange(min = 1, max = 1_000_000_000_000_000L) Long> millionths) {
        LowerMedian median = new LowerMedian();
        List<Double> numbers = millionths.stream().map(n -> n / 1e6).toList();
        numbers.forEach(median::add);
        double exact = numbers.stream().sorted().toList().get((numbers.size() - 1) / 2);
        assertThat(median.value()).isLessThanOrEqualTo(exact).isGreaterThan(exact / 1.13);
    }

    // reputation

    @Property
    void reputationIsAShareOfTheBest(@ForAll @IntRange(max = 10_000) int reputation) {
        assertThat(scores(policy("reputation"), MadeUpWorker.named("a").reputation(reputation)))
                .containsExactly(reputation / 10_000.0);
    }

    // latency

    @Test
    void latencyAddsUpTheWayAndBothPhases() {
        MadeUpWorker near =
                MadeUpWorker.named("near").roundTrip(Duration.ofMillis(10)).speed(1000, 50);
        MadeUpWorker far =
                MadeUpWorker.named("far").roundTrip(Duration.ofSeconds(5)).speed(1000, 50);
        MadeUpWorker slowToRead =
                MadeUpWorker.named("reader").roundTrip(Duration.ofMillis(10)).speed(50, 50);
        MadeUpWorker slowToWrite =
                MadeUpWorker.named("writer").roundTrip(Duration.ofMillis(10)).speed(1000, 5);
        double[] scores = scores(policy("latency"), near, far, slowToRead, slowToWrite);
        assertThat(scores[0]).isGreaterThan(scores[1]);
        assertThat(scores[1]).isGreaterThan(scores[2]);
        assertThat(scores[2]).isGreaterThan(scores[3]);
    }

    @Test
    void whichIsFasterDependsOnTheJob() {
        MadeUpWorker reader = MadeUpWorker.named("reader").speed(10_000, 20);
        MadeUpWorker writer = MadeUpWorker.named("writer").speed(200, 100);
        double[] longPrompt =
                scores(policy("latency"), new MadeUpJob(4000, 16, Duration.ofMinutes(1)), List.of(reader, writer));
        double[] longAnswer =
                scores(policy("latency"), new MadeUpJob(16, 2000, Duration.ofMinutes(1)), List.of(reader, writer));
        assertThat(longPrompt[0]).isGreaterThan(longPrompt[1]);
        assertThat(longAnswer[0]).isLessThan(longAnswer[1]);
    }

    @Test
    void anUnmeasuredWorkerGetsNoOpinion() {
        double[] scores = scores(
                policy("latency"),
                MadeUpWorker.named("new"),
                MadeUpWorker.named("a").speed(1000, 50),
                MadeUpWorker.named("b").speed(0, 50));
        assertThat(scores[0]).isNaN();
        assertThat(scores[1]).isBetween(0.4, 0.6);
        assertThat(scores[2]).isBetween(0.4, 0.6);
    }

    @Test
    void whoClaimsToBeEndlesslyFastLowersNobody() {
        MadeUpWorker a = MadeUpWorker.named("a").speed(1000, 50);
        MadeUpWorker b = MadeUpWorker.named("b").speed(1000, 25);
        MadeUpWorker c = MadeUpWorker.named("c").speed(1000, 10);
        double[] modest =
                scores(policy("latency"), a, b, c, MadeUpWorker.named("d").speed(1000, 51));
        double[] boasting =
                scores(policy("latency"), a, b, c, MadeUpWorker.named("d").speed(Double.MAX_VALUE, Double.MAX_VALUE));
        assertThat(Arrays.copyOf(boasting, 3)).isEqualTo(Arrays.copyOf(modest, 3));
        assertThat(boasting[3]).isBetween(0.99, 1.0);
    }

    // load

    @Test
    void loadIsTheShareOfFreeSlots() {
        double[] scores = scores(
                policy("load"),
                MadeUpWorker.named("idle").load(8, 0, 0),
                MadeUpWorker.named("half").load(8, 4, 0),
                MadeUpWorker.named("queue").load(8, 4, 2),
                MadeUpWorker.named("full").load(8, 8, 5),
                MadeUpWorker.named("none").load(0, 0, 0));
        assertThat(scores).containsExactly(1, 0.5, 0.25, 0, 0);
    }

    @Property
    void moreWorkNeverScoresMore(
            @ForAll @IntRange(min = 1) int slots, @ForAll @IntRange int running, @ForAll @IntRange int waiting) {
        MadeUpWorker less = MadeUpWorker.named("less").load(slots, running / 2, waiting / 2);
        MadeUpWorker more = MadeUpWorker.named("more").load(slots, running, waiting);
        double[] scores = scores(policy("load"), less, more);
        assertThat(scores[1]).isLessThanOrEqualTo(scores[0]);
    }
}

package org.usedecentral.testkit.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.usedecentral.spi.routing.Refusal;
import org.usedecentral.spi.routing.RoutingContext;
import org.usedecentral.spi.routing.RoutingPolicy;
import org.usedecentral.spi.routing.WorkerSnapshot;

/** What every routing policy must do. A test class implements it and gives the policy. */
public interface RoutingPolicyContract {
    /** A policy, configured as in production. */
    RoutingPolicy policy();

    /** Another one, configured alike; policies without state agree. */
    RoutingPolicy anotherPolicy();

    /** Workers of every kind, extremes among them, the same for the same seed. */
    static List<WorkerSnapshot> workers(int count, long seed) {
        Random random = new Random(seed);
        List<WorkerSnapshot> workers = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            MadeUpWorker worker = MadeUpWorker.named(seed + "-" + i);
            workers.add(
                    switch (random.nextInt(6)) {
                        case 0 -> worker;
                        case 1 ->
                            worker.stake(Long.MAX_VALUE, 2)
                                    .reputation(10_000)
                                    .load(Integer.MAX_VALUE, 0, 0)
                                    .speed(Double.MAX_VALUE, Double.MAX_VALUE);
                        case 2 ->
                            worker.reputation(0)
                                    .load(0, Integer.MAX_VALUE, Integer.MAX_VALUE)
                                    .roundTrip(Duration.ofDays(365_000))
                                    .speed(Double.MIN_VALUE, Double.MIN_VALUE);
                        default ->
                            worker.stake(random.nextLong(1_000_000_000_000L), 1 + random.nextInt(5) / 4.0)
                                    .reputation(random.nextInt(10_001))
                                    .load(8, random.nextInt(9), random.nextInt(4))
                                    .roundTrip(Duration.ofNanos(random.nextLong(1_000_000_000)))
                                    .speed(random.nextDouble(5000), random.nextDouble(200))
                                    .region(random.nextBoolean() ? "eu" : null);
                    });
        }
        return workers;
    }

    private static double[] scores(RoutingPolicy policy, RoutingContext job, List<WorkerSnapshot> workers) {
        double[] scores = new double[workers.size()];
        Arrays.fill(scores, 0.123);
        policy.score(job, workers, scores);
        return scores;
    }

    /** Jobs at the edges. */
    private static List<RoutingContext> jobs() {
        return List.of(
                MadeUpJob.ORDINARY,
                new MadeUpJob(0, 0, Duration.ZERO),
                new MadeUpJob(Integer.MAX_VALUE, Integer.MAX_VALUE, Duration.ofDays(1)),
                new MadeUpJob(1, 1, Duration.ofSeconds(-5)));
    }

    @Test
    default void scoresLieBetweenZeroAndOneOrAreNoOpinion() {
        for (RoutingContext job : jobs()) {
            for (int count : new int[] {1, 2, 3, 100}) {
                for (double score : scores(policy(), job, workers(count, count))) {
                    assertThat(Double.isNaN(score) || (score >= 0 && score <= 1))
                            .as("score %s", score)
                            .isTrue();
                }
            }
        }
    }

    @Test
    default void everyScoreIsWritten() {
        for (double score : scores(policy(), MadeUpJob.ORDINARY, workers(50, 7))) {
            assertThat(score).isNotEqualTo(0.123);
        }
    }

    @Test
    default void noWorkersAreNoError() {
        assertThat(scores(policy(), MadeUpJob.ORDINARY, List.of())).isEmpty();
    }

    @Test
    default void sameInputSameOutput() {
        List<WorkerSnapshot> workers = workers(200, 3);
        double[] first = scores(policy(), MadeUpJob.ORDINARY, workers);
        double[] other = scores(policy(), MadeUpJob.ORDINARY, workers(20, 4));
        assertThat(other).hasSize(20);
        assertThat(scores(policy(), MadeUpJob.ORDINARY, workers)).isEqualTo(first);
        assertThat(scores(anotherPolicy(), MadeUpJob.ORDINARY, workers)).isEqualTo(first);
    }

    @Test
    default void theOrderOfWorkersDoesNotMatter() {
        List<WorkerSnapshot> workers = workers(200, 5);
        double[] scores = scores(policy(), MadeUpJob.ORDINARY, workers);
        List<Integer> order =
                new ArrayList<>(IntStream.range(0, workers.size()).boxed().toList());
        Collections.shuffle(order, new Random(6));
        double[] shuffled = scores(
                policy(), MadeUpJob.ORDINARY, order.stream().map(workers::get).toList());
        for (int i = 0; i < shuffled.length; i++) {
            assertThat(shuffled[i]).isEqualTo(scores[order.get(i)], within(1e-9));
        }
    }

    @Test
    default void candidatesAreNotTouched() {
        List<WorkerSnapshot> workers = workers(30, 8);
        List<WorkerSnapshot> before = List.copyOf(workers);
        assertThat(scores(policy(), MadeUpJob.ORDINARY, Collections.unmodifiableList(workers)))
                .hasSize(30);
        assertThat(workers).isEqualTo(before);
    }

    @Test
    default void longerArraysKeepTheirEnd() {
        double[] scores = new double[12];
        Arrays.fill(scores, 0.123);
        policy().score(MadeUpJob.ORDINARY, workers(10, 9), scores);
        assertThat(Arrays.copyOfRange(scores, 10, 12)).containsExactly(0.123, 0.123);
    }

    @Test
    default void refusalsAreConstants() {
        for (WorkerSnapshot worker : workers(100, 10)) {
            @Nullable Refusal refusal = policy().refuse(MadeUpJob.ORDINARY, worker);
            assertThat(anotherPolicy().refuse(MadeUpJob.ORDINARY, worker)).isEqualTo(refusal);
            if (refusal != null) {
                assertThat(refusal.reason()).matches("[a-z]+(-[a-z0-9]+)*");
            }
        }
    }

    @Test
    default void manyThreadsMayUseIt() throws Exception {
        List<WorkerSnapshot> workers = workers(300, 11);
        double[] alone = scores(policy(), MadeUpJob.ORDINARY, workers);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Callable<double[]> score = () -> scores(policy(), MadeUpJob.ORDINARY, workers);
            List<Callable<double[]>> calls =
                    IntStream.range(0, 32).mapToObj(i -> score).toList();
            for (Future<double[]> scores : threads.invokeAll(calls)) {
                assertThat(scores.get()).isEqualTo(alone);
            }
        }
    }

    @Test
    default void tenThousandWorkersAreScoredAtOnce() {
        List<WorkerSnapshot> workers = workers(10_000, 12);
        double[] scores = scores(policy(), MadeUpJob.ORDINARY, workers);
        assertThat(scores).hasSize(10_000);
        assertThat(Arrays.stream(scores)).allMatch(score -> Double.isNaN(score) || (score >= 0 && score <= 1));
    }
}

package org.usedecentral.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.usedecentral.link.Link;
import org.usedecentral.link.LinkStage;
import org.usedecentral.link.WorkerAdvert;
import org.usedecentral.orchestrator.Parts.WeighedPolicy;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.inference.GenerationRequest;
import org.usedecentral.spi.inference.Message;
import org.usedecentral.spi.inference.Sampling;
import org.usedecentral.spi.ledger.WorkerAccount;
import org.usedecentral.spi.protocol.Registration;
import org.usedecentral.spi.protocol.TokenPrices;
import org.usedecentral.spi.routing.Refusal;
import org.usedecentral.spi.routing.RoutingContext;
import org.usedecentral.spi.routing.RoutingPolicy;
import org.usedecentral.spi.routing.WorkerSnapshot;
import org.usedecentral.time.TurnedTimers;

final class RouterTest {
    private static final TurnedTimers TIMERS = new TurnedTimers();
    private static final Link LINK = LinkStage.open(TIMERS, 3);
    private static final GenerationRequest REQUEST = GenerationRequest.builder(
                    LinkStage.MODEL, List.of(Message.of(Message.Role.USER, "Hi")))
            .build();

    /** What is told of a worker; everything else is as good as can be. */
    private record Worker(int number, long inputPrice, int maxOutput, int slots, double decode) {
        static Worker good(int number) {
            return new Worker(number, 100, 1024, 4, 50);
        }

        Account account() {
            return new Account(Bytes.of(ByteBuffer.allocate(32).putInt(number).array()));
        }

        Candidate candidate(@Nullable String unavailable) {
            WorkerAdvert.Hosted hosted = new WorkerAdvert.Hosted(
                    LinkStage.MODEL,
                    Stage.filled(7),
                    new WorkerAdvert.Limits(4096, maxOutput, 10, "Q4"),
                    List.of("GENERATE"),
                    new WorkerAdvert.Prices(inputPrice, 100));
            WorkerAdvert.Engine engine = new WorkerAdvert.Engine(
                    "scripted", List.of(), "", new WorkerAdvert.Load(slots, 0, 0), new WorkerAdvert.Speed(0, 0));
            WorkerAdvert advert = new WorkerAdvert(
                    account(), List.of(hosted), engine, Stage.filled(8), new WorkerAdvert.Validity(1, 2));
            WorkerAccount standing = new WorkerAccount(
                    new Registration(account(), account(), account()), false, WorkerAccount.Stake.NONE, 5_000);
            return new Candidate(
                    LINK,
                    new Link.Offer(advert, Stage.filled(9)),
                    hosted,
                    standing,
                    new Candidate.Measured(Duration.ofMillis(10), 500, decode, TIMERS.now(), unavailable));
        }
    }

    /** A policy that scores by a worker's number, and refuses the one of number 13. */
    private record ByNumber(ToDoubleFunction<Integer> score) implements RoutingPolicy {
        @Override
        public @Nullable Refusal refuse(RoutingContext job, WorkerSnapshot worker) {
            return number(worker) == 13 ? new Refusal("unlucky") : null;
        }

        @Override
        public void score(RoutingContext job, List<WorkerSnapshot> candidates, double[] scores) {
            for (int i = 0; i < scores.length; i++) {
                scores[i] = score.applyAsDouble(number(candidates.get(i)));
            }
        }

        static int number(WorkerSnapshot worker) {
            return worker.account().key().asBuffer().getInt();
        }

        @Override
        public String name() {
            return "by-number";
        }

        @Override
        public String type() {
            return "by-number";
        }
    }

    private static WeighedPolicy weighed(double weight, ToDoubleFunction<Integer> score) {
        return new WeighedPolicy(new ByNumber(score), weight);
    }

    private static Router router(WeighedPolicy... policies) {
        return new Router(new Stage(Path.of("unused"), policies));
    }

    private static Routing job(GenerationRequest request, Set<Account> excluded, Duration left) {
        return new Routing(
                request,
                new Pricing.Bound(20, 100, 100),
                new TokenPrices(200, 200),
                excluded,
                new Routing.Span(TIMERS.now(), left));
    }

    private static Routing job() {
        return job(REQUEST, Set.of(), Duration.ofSeconds(100));
    }

    private static List<Candidate> good(int count) {
        List<Candidate> candidates = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            candidates.add(Worker.good(i).candidate(null));
        }
        return candidates;
    }

    private static void assertRefused(Routing job, Candidate candidate, String reason) {
        Router.Decision decision = router(weighed(1, number -> 1)).pick(job, List.of(candidate));
        assertThat(decision.worker()).isEmpty();
        assertThat(decision.refusals()).containsExactly(Map.entry(candidate.account(), reason));
        assertThat(decision.summary()).isEqualTo("{" + reason + "=1}");
    }

    @Test
    void everyReasonIsNamed() {
        Worker good = Worker.good(1);
        assertThat(router().pick(job(), List.of(good.candidate(null))).worker()).isPresent();
        assertRefused(
                job(REQUEST, Set.of(good.account()), Duration.ofSeconds(100)), good.candidate(null), "tried-already");
        for (String reason : List.of("draining", "retired", "suspended", "stale-advert")) {
            assertRefused(job(), good.candidate(reason), reason);
        }
        assertRefused(job(), new Worker(1, 201, 1024, 4, 50).candidate(null), "price-above-ceiling");
        assertRefused(job(), new Worker(1, 100, 99, 4, 50).candidate(null), "context-too-small");
        assertRefused(job(), new Worker(1, 100, 1024, 0, 50).candidate(null), "full");
        assertRefused(job(), new Worker(1, 100, 1024, 4, 0.009).candidate(null), "too-slow");
        assertRefused(job(), Worker.good(13).candidate(null), "unlucky");
        GenerationRequest minP = REQUEST.toBuilder()
                .sampling(Sampling.builder().minP(0.1).build())
                .build();
        assertRefused(job(minP, Set.of(), Duration.ofSeconds(100)), good.candidate(null), "feature-missing");
    }

    @Test
    void aWorkerOfUnknownSpeedIsNotCalledSlow() {
        assertThat(router().pick(job(), List.of(new Worker(1, 100, 1024, 4, 0).candidate(null)))
                        .worker())
                .isPresent();
    }

    @Test
    void nobodyIsPickedFromNobody() {
        Router.Decision decision = router().pick(job(), List.of());
        assertThat(decision.worker()).isEmpty();
        assertThat(decision.summary()).isEqualTo("no worker hosts it");
    }

    @Test
    void reasonsAreCountedForAPerson() {
        List<Candidate> candidates = List.of(
                Worker.good(1).candidate("draining"),
                Worker.good(2).candidate("draining"),
                Worker.good(3).candidate("retired"));
        assertThat(router().pick(job(), candidates).summary()).isEqualTo("{draining=2, retired=1}");
    }

    private static double score(WeighedPolicy... policies) {
        Candidate candidate = Worker.good(4).candidate(null);
        Router.Decision decision = router(policies).pick(job(), List.of(candidate));
        Double score = decision.scores().get(candidate.account());
        return score == null ? Double.NaN : score;
    }

    @Test
    void theScoreIsTheWeightedMeanOfOpinions() {
        assertThat(score(weighed(3, n -> 1), weighed(1, n -> 0))).isEqualTo(0.75);
        assertThat(score(weighed(3, n -> Double.NaN), weighed(1, n -> 0.2))).isEqualTo(0.2);
        assertThat(score(weighed(1, n -> Double.NaN))).isEqualTo(0.5);
        assertThat(score()).isEqualTo(0.5);
        assertThat(score(weighed(0, n -> 1))).isEqualTo(0.5);
        assertThat(score(weighed(1, n -> 7), weighed(1, n -> -7))).isEqualTo(0.5);
        assertThat(score(weighed(1, n -> Double.POSITIVE_INFINITY))).isEqualTo(1);
    }

    @Test
    void aPolicyThatWritesNothingHasNoOpinionAndNotItsForerunners() {
        RoutingPolicy silent = new RoutingPolicy() {
            @Override
            public void score(RoutingContext job, List<WorkerSnapshot> candidates, double[] scores) {}

            @Override
            public String name() {
                return "silent";
            }

            @Override
            public String type() {
                return "silent";
            }
        };
        assertThat(score(weighed(1, n -> 0.25), new WeighedPolicy(silent, 1_000), weighed(1, n -> 0.75)))
                .isEqualTo(0.5);
    }

    /** Weights are squares of the scores plus a thousandth, among the best four. */
    @Test
    void theBetterAWorkerIsTheMoreOftenItIsPicked() {
        double[] byNumber = {1, 0.5, 0.25, 0, 0, 0.75};
        Router router = router(weighed(1, number -> byNumber[number]));
        List<Candidate> candidates = good(byNumber.length);
        Map<Integer, Integer> picks = new HashMap<>();
        int draws = 20_000;
        for (int i = 0; i < draws; i++) {
            Candidate picked = router.pick(job(), candidates).worker().orElseThrow();
            picks.merge(ByNumber.number(picked), 1, Integer::sum);
        }
        assertThat(picks.keySet()).containsExactlyInAnyOrder(0, 5, 1, 2);
        double total = 1.001 + 0.5635 + 0.251 + 0.0635;
        for (Map.Entry<Integer, Integer> entry : picks.entrySet()) {
            double score = byNumber[entry.getKey()];
            assertThat(entry.getValue() / (double) draws)
                    .as("share of worker %s", entry.getKey())
                    .isCloseTo((score * score + 1e-3) / total, within(0.01));
        }
    }

    @Test
    void equalWorkersShareTheJobs() {
        Router router = router();
        List<Candidate> candidates = good(4);
        int[] picks = new int[4];
        for (int i = 0; i < 4_000; i++) {
            picks[ByNumber.number(router.pick(job(), candidates).worker().orElseThrow())]++;
        }
        for (int picked : picks) {
            assertThat(picked).isBetween(850, 1_150);
        }
    }

    @Test
    void aWorkerWithoutScoreIsStillPickedSometimes() {
        Router router = router(weighed(1, number -> 0));
        Set<Integer> picked = new HashSet<>();
        for (int i = 0; i < 200; i++) {
            picked.add(ByNumber.number(router.pick(job(), good(3)).worker().orElseThrow()));
        }
        assertThat(picked).containsExactlyInAnyOrder(0, 1, 2);
    }

    @Test
    void tenThousandWorkersAreRoutedOverASampleOfThem() {
        Router router = router(weighed(1, number -> number / 10_000.0));
        List<Candidate> candidates = good(10_000);
        Set<Account> picked = new HashSet<>();
        for (int i = 0; i < 50; i++) {
            Router.Decision decision = router.pick(job(), candidates);
            assertThat(decision.scores()).hasSize(256);
            assertThat(decision.refusals())
                    .as("only the one that the policy refuses")
                    .hasSize(1);
            picked.add(decision.worker().orElseThrow().account());
        }
        assertThat(picked).as("no stampede on one worker").hasSizeGreaterThan(20);
        assertThat(candidates).as("the caller's list keeps its order").hasSize(10_000);
        assertThat(ByNumber.number(candidates.getFirst())).isZero();
    }
}

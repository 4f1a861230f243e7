package org.usedecentral.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.usedecentral.link.Link;
import org.usedecentral.link.LinkStage;
import org.usedecentral.spi.ModelId;
import org.usedecentral.spi.ledger.WorkerAccount;
import org.usedecentral.spi.protocol.Registration;
import org.usedecentral.time.TurnedTimers;

final class KnownWorkerTest {
    private final TurnedTimers timers = new TurnedTimers();
    private final Instant now = timers.now();
    private final Link link = LinkStage.open(timers, 3);
    private final Suspensions suspensions = new Suspensions();
    private final KnownWorker worker = new KnownWorker(suspensions, link, standing(false), now);

    private WorkerAccount standing(boolean retired) {
        return new WorkerAccount(
                new Registration(link.worker(), link.worker(), link.worker()),
                retired,
                WorkerAccount.Stake.NONE,
                5_000);
    }

    private Candidate candidate(Instant at) {
        return worker.candidate(LinkStage.MODEL, at).orElseThrow();
    }

    private @Nullable String unavailable(Instant at) {
        return candidate(at).measured().unavailable();
    }

    @Test
    void aWorkerIsACandidateForWhatItHosts() {
        assertThat(unavailable(now)).isNull();
        assertThat(worker.candidate(new ModelId("another"), now)).isEmpty();
    }

    @Test
    void aDrainingWorkerIsLeftOutUntilItLinksAnew() {
        worker.drain();
        assertThat(unavailable(now)).isEqualTo("draining");
        Link newer = LinkStage.open(timers, 3);
        assertThat(worker.relink(newer, standing(false), now)).isSameAs(link);
        assertThat(worker.link()).isSameAs(newer);
        assertThat(unavailable(now)).isNull();
    }

    @Test
    void aRetiredWorkerIsLeftOut() {
        worker.standing(standing(true));
        assertThat(unavailable(now)).isEqualTo("retired");
    }

    @Test
    void anAdvertThatHasEndedIsNotRoutedOn() {
        assertThat(unavailable(now.plusSeconds(60))).isNull();
        assertThat(unavailable(now.plusMillis(60_001))).isEqualTo("stale-advert");
    }

    @Test
    void aSuspendedWorkerIsLeftOutAndTrustedAgainAfterAGoodJob() {
        suspensions.add(link.worker(), now);
        suspensions.add(link.worker(), now);
        assertThat(unavailable(now.plusSeconds(19))).isEqualTo("suspended");
        assertThat(unavailable(now.plusSeconds(20))).isNull();
        worker.speeds(100, 20);
        assertThat(suspensions.add(link.worker(), now)).isEqualTo(Duration.ofSeconds(10));
    }

    @Test
    void aNewLinkEndsNoSuspension() {
        suspensions.add(link.worker(), now);
        worker.relink(LinkStage.open(timers, 3), standing(false), now);
        assertThat(unavailable(now)).isEqualTo("suspended");
    }

    @Test
    void measurementsAreSmoothedAndOutliveALink() {
        worker.roundTrip(Duration.ofMillis(100));
        worker.speeds(0, 0);
        assertThat(candidate(now).roundTrip()).isEqualTo(Duration.ofMillis(100));
        assertThat(candidate(now).decodeSpeed()).as("unknown").isZero();
        worker.speeds(1_000, 50);
        worker.speeds(2_000, 100);
        worker.roundTrip(Duration.ofMillis(200));
        worker.relink(LinkStage.open(timers, 3), standing(false), now);
        assertThat(candidate(now).prefillSpeed()).isEqualTo(1_200);
        assertThat(candidate(now).decodeSpeed()).isEqualTo(60);
        assertThat(candidate(now).roundTrip()).isEqualTo(Duration.ofMillis(120));
    }

    @Test
    void refusalsAreCountedTakenOnceAndBounded() {
        worker.refused("full");
        worker.refused("full");
        for (int i = 0; i < 1_000; i++) {
            worker.refused("reason " + i);
        }
        worker.refused("full");
        assertThat(worker.takeRefusals()).hasSize(64).containsEntry("full", 3L);
        assertThat(worker.takeRefusals()).isEmpty();
    }
}

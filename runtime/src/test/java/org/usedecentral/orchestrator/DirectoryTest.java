package org.usedecentral.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.usedecentral.crypto.Ed25519;
import org.usedecentral.link.Frame;
import org.usedecentral.link.HandWorker;
import org.usedecentral.link.LinkStage;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.protocol.TokenPrices;

@Timeout(60)
final class DirectoryTest {
    private final Stage stage = new Stage(Path.of("unused"));
    private final Directory directory = new Directory(stage);

    private HandWorker link(int seed) {
        return new HandWorker(directory, stage.timers, seed);
    }

    private HandWorker registered(int seed) {
        stage.ledger.put(Ed25519.fromSeed(Stage.filled(seed)).account(), false);
        return link(seed);
    }

    private List<Candidate> candidates() {
        return directory.candidates(LinkStage.MODEL);
    }

    @Test
    void aRegisteredWorkerIsLinked() {
        HandWorker worker = registered(11);
        worker.hear(Frame.Welcome.class);
        assertThat(candidates()).extracting(Candidate::account).containsExactly(worker.account());
        assertThat(directory.firstLink()).isCompleted();
    }

    @Test
    void aWorkerTheLedgerDoesNotKnowOrThatRetiredIsNot() {
        assertThat(link(11).closes()).isEqualTo(1);
        stage.ledger.put(Ed25519.fromSeed(Stage.filled(12)).account(), true);
        assertThat(link(12).closes()).isEqualTo(1);
        assertThat(candidates()).isEmpty();
        assertThat(directory.firstLink()).isNotCompleted();
    }

    @Test
    void aSessionKeyThatNothingCanBeSealedToClosesTheLink() {
        HandWorker worker = registered(11);
        stage.timers.turn(Duration.ofMillis(1));
        worker.tell(new Frame.Advert(worker.advert(Bytes.zeros(32))));
        assertThat(worker.closes()).isEqualTo(1);
    }

    @Test
    void aNewerLinkReplacesTheOlderWhichIsClosed() {
        HandWorker older = registered(11);
        HandWorker newer = link(11);
        assertThat(older.closes()).isEqualTo(1);
        assertThat(newer.closes()).isZero();
        older.die();
        assertThat(candidates()).extracting(Candidate::link).containsExactly(newer.link());
        newer.die();
        assertThat(candidates()).isEmpty();
    }

    @Test
    void whenAnOldLinkEndsAsANewOneComesTheNewOneStays() throws InterruptedException {
        stage.ledger.put(Ed25519.fromSeed(Stage.filled(11)).account(), false);
        for (int round = 0; round < 200; round++) {
            HandWorker older = link(11);
            CountDownLatch together = new CountDownLatch(1);
            Thread ending = Thread.ofPlatform().daemon().start(() -> {
                try {
                    together.await();
                    older.die();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
            together.countDown();
            HandWorker newer = link(11);
            ending.join();
            assertThat(candidates())
                    .as("round %s", round)
                    .extracting(Candidate::link)
                    .containsExactly(newer.link());
            newer.die();
        }
    }

    @Test
    void modelsAreOfferedWithinTheCeilingAlone() {
        registered(11).hear(Frame.Welcome.class);
        registered(12).hear(Frame.Welcome.class);
        assertThat(directory.models(stage.settings().pricing()))
                .singleElement()
                .satisfies(offer -> assertThat(offer.workers()).isEqualTo(2));
        Pricing low = new Pricing(Map.of(), new TokenPrices(99_999, 1_000_000), 10);
        assertThat(directory.models(low)).isEmpty();
    }

    @Test
    void refusalsReachTheWorkerWithTheNextPing() {
        HandWorker worker = registered(11);
        worker.hear(Frame.Ping.class);
        directory.refused(worker.account(), "full");
        worker.tell(new Frame.Pong(0));
        stage.timers.turn(Duration.ofSeconds(5));
        assertThat(worker.hear(Frame.Ping.class).refusals()).containsEntry("full", 1L);
    }
}

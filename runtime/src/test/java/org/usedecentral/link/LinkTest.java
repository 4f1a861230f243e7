package org.usedecentral.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.usedecentral.crypto.Ed25519;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.protocol.JobId;

/** Handshake, heartbeat and questions, the orchestrator's end. */
@Timeout(30)
final class LinkTest {
    private static final JobId NONCE = new JobId(LinkStage.filled(4));
    private final LinkStage stage = new LinkStage();

    @Test
    void aWorkerThatSignsIsAdmitted() {
        Link link = stage.open();
        assertThat(stage.told).containsExactly("admit", "opened");
        assertThat(link.worker()).isEqualTo(stage.worker.account());
        assertThat(link.offer().advert().model(LinkStage.MODEL)).isPresent();
    }

    @Test
    void aHelloThatSomebodyElseSignedIsNot() {
        Link link = Link.accept(stage, stage.wire());
        Frame.Challenge challenge = (Frame.Challenge) stage.take();
        LinkStage.give(link, stage.hello(challenge, Ed25519.fromSeed(LinkStage.filled(66))));
        assertThat(stage.told).hasSize(1).first().asString().contains("UNAUTHENTICATED");
        assertThatThrownBy(link::worker).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void nothingIsTakenBeforeHello() {
        for (Frame frame : List.of(new Frame.Pong(1), new Frame.Accept(0, 1), new Frame.Drain(""))) {
            LinkStage fresh = new LinkStage();
            Link link = Link.accept(fresh, fresh.wire());
            LinkStage.give(link, frame);
            assertThat(fresh.told).hasSize(1).first().asString().contains("HELLO expected");
        }
    }

    @Test
    void aLinkWithoutHelloIsClosed() {
        var _ = Link.accept(stage, stage.wire());
        stage.timers.turn(Duration.ofSeconds(10));
        assertThat(stage.told).containsExactly("wire closed: no HELLO within 10 s");
    }

    @Test
    void framesThatWorkersDoNotSendCloseTheLink() {
        Link link = stage.open();
        LinkStage.give(link, new Frame.Cancel(1));
        assertThat(stage.told.getLast()).contains("INVALID_REQUEST");
    }

    @Test
    void garbageClosesTheLinkAndEndsNoThread() {
        Link link = stage.open();
        LinkStage.give(link, new byte[] {5, 'n', 'u', 'l', 'l'});
        LinkStage.give(link, new byte[0]);
        LinkStage.give(link, new byte[] {11});
        assertThat(stage.told)
                .filteredOn(told -> told.contains("INVALID_REQUEST"))
                .hasSize(3);
    }

    @Test
    void heartbeatsMeasureAndASilentWorkerIsClosed() {
        Link link = stage.open();
        stage.timers.turn(Duration.ofMillis(40));
        LinkStage.give(link, new Frame.Pong(1));
        assertThat(stage.told.getLast()).isEqualTo("measured 40");
        stage.timers.turn(Duration.ofSeconds(5));
        assertThat(stage.take())
                .isInstanceOfSatisfying(
                        Frame.Ping.class, ping -> assertThat(ping.refusals()).containsEntry("full", 3L));
        stage.timers.turn(Duration.ofSeconds(20));
        assertThat(stage.told.getLast()).isEqualTo("wire closed: no PONG for 20 s");
    }

    @Test
    void aNewerAdvertReplacesTheOffer() {
        Link link = stage.open();
        Bytes first = link.offer().sha256();
        LinkStage.give(link, new Frame.Advert(stage.advert(1)));
        assertThat(stage.told.getLast()).isEqualTo("advertised");
        assertThat(link.offer().sha256()).isNotEqualTo(first);
        LinkStage.give(link, new Frame.Advert(stage.advert(0)));
        assertThat(stage.told.getLast()).contains("UNAUTHENTICATED");
    }

    @Test
    void anAdvertThatCameLateIsPassedOver() {
        Link link = stage.open();
        Bytes first = link.offer().sha256();
        SignedAdvert late = stage.advert(1);
        stage.timers.turn(Duration.ofMillis(4_999));
        LinkStage.give(link, new Frame.Pong(0));
        for (int i = 0; i < 15; i++) {
            stage.timers.turn(Duration.ofSeconds(4));
            LinkStage.give(link, new Frame.Pong(0));
        }
        LinkStage.give(link, new Frame.Advert(late));
        assertThat(link.offer().sha256()).isEqualTo(first);
        assertThat(stage.told).noneMatch(told -> told.startsWith("wire closed"));
    }

    @Test
    void aPromptIsCounted() {
        Link link = stage.open();
        CompletableFuture<Frame.Counted> answer = link.count(NONCE, LinkStage.sealed());
        Frame.Count question = (Frame.Count) stage.take();
        LinkStage.give(link, new Frame.Counted(question.query() + 1, 1, "", ""));
        assertThat(answer).isNotDone();
        LinkStage.give(link, new Frame.Counted(question.query(), 42, "", ""));
        assertThat(answer).isCompletedWithValueMatching(counted -> counted.inputTokens() == 42);
    }

    @Test
    void aQuestionGivenUpMakesRoomForAnother() {
        Link link = stage.open();
        for (int i = 0; i < 3 * LinkStage.LIMITS.lanes(); i++) {
            assertThat(link.count(NONCE, LinkStage.sealed()).cancel(false)).isTrue();
        }
    }

    @Test
    void noMoreQuestionsAreAskedAtOnceThanTheLinkHasLanes() {
        Link link = stage.open();
        List<CompletableFuture<Frame.Counted>> asked = new ArrayList<>();
        for (int i = 0; i < LinkStage.LIMITS.lanes(); i++) {
            asked.add(link.count(NONCE, LinkStage.sealed()));
        }
        assertThatThrownBy(() -> link.count(NONCE, LinkStage.sealed())).hasMessageContaining("too many prompts");
        link.onClosed("gone");
        assertThat(asked).allMatch(CompletableFuture::isCompletedExceptionally);
    }

    @Test
    void aQuestionOnABrokenLinkFailsAtOnce() {
        Link link = stage.open();
        stage.wireIsBroken = true;
        assertThat(link.count(NONCE, LinkStage.sealed())).isCompletedExceptionally();
        link.onClosed("gone");
        stage.wireIsBroken = false;
        assertThat(link.count(NONCE, LinkStage.sealed())).isCompletedExceptionally();
    }

    @Test
    void theEndIsToldOnceAndOnlyAfterTheBeginning() {
        Link link = stage.open();
        link.onClosed("gone");
        assertThat(stage.told).containsExactly("admit", "opened", "closed: gone");
        LinkStage never = new LinkStage();
        Link.accept(never, never.wire()).onClosed("gone");
        assertThat(never.told).isEmpty();
        assertThat(never.timers.alarms()).isZero();
    }
}

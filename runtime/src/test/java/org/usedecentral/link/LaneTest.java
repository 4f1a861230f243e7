package org.usedecentral.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.usedecentral.crypto.Ed25519;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.inference.FinishReason;
import org.usedecentral.spi.inference.GenerationEvent;
import org.usedecentral.spi.inference.PartKind;
import org.usedecentral.spi.inference.Usage;
import org.usedecentral.spi.protocol.SignedVoucher;

/** The orchestrator's end of an attempt, with a worker that does as it likes. */
@Timeout(30)
final class LaneTest {
    private final LinkStage stage = new LinkStage();
    private final Link link = stage.open();
    private final QueueSink sink = new QueueSink();
    private final Told told = new Told();
    private final Lane lane = stage.lane(link, sink, told);
    private final RecordWriter writer = LinkStage.writer(0);

    /** What a lane's owner is told. */
    private static final class Told implements Lane.Events {
        final List<String> turns = new CopyOnWriteArrayList<>();
        final List<DecentralException> errors = new CopyOnWriteArrayList<>();

        @Override
        public void started(Lane lane) {
            turns.add("started");
        }

        @Override
        public void ended(Lane lane, Completed completed) {
            turns.add("ended " + completed.reasons());
        }

        @Override
        public void failed(Lane lane, DecentralException error) {
            turns.add("failed " + error.code());
            errors.add(error);
        }
    }

    private static GenerationEvent text(String text, int tokens) {
        return new GenerationEvent.TextDelta(0, PartKind.TEXT, text, tokens, List.of());
    }

    private void accept(int tokens) {
        LinkStage.give(link, new Frame.Accept(lane.id(), tokens));
    }

    private byte[] frame(GenerationEvent... events) {
        for (GenerationEvent event : events) {
            writer.add(event);
        }
        return writer.seal(lane.id());
    }

    private void give(GenerationEvent... events) {
        LinkStage.give(link, frame(events));
    }

    /** A frame of records that no worker of ours would write. */
    private byte[] sealed(int tokens, Bytes records) {
        var head = new FrameCipher.FrameHead(FrameType.TOKENS, 0, tokens);
        return SealedFrame.tokens(lane.id(), head, LinkStage.cipher(0), records.toByteArray(), records.length());
    }

    private static Bytes bytes(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return Bytes.of(bytes);
    }

    private void assertFailedUnstarted() {
        assertThat(told.turns).containsExactly("failed PROOF_INVALID");
        assertThat(sink.poll()).isNull();
        assertThat(lane.isStarted()).isFalse();
        assertThat(lane.outputTokens()).isZero();
        assertThat(lane.lastVoucher(stage.orchestrator)).isEmpty();
        assertThat(stage.take()).isEqualTo(new Frame.Cancel(lane.id()));
        assertThat(link.running()).isZero();
    }

    @Test
    void outputIsHandedOnCountedAndPriced() {
        accept(20);
        give(text("Hel", 1), text("lo", 2));
        assertThat(sink.poll()).isEqualTo(text("Hel", 3));
        assertThat(sink.poll()).isEqualTo(text("lo", 0));
        assertThat(lane.outputTokens()).isEqualTo(3);
        assertThat(lane.inputTokens()).isEqualTo(20);
        assertThat(lane.price()).isEqualTo(26);
        assertThat(told.turns).containsExactly("started");
        give(text("!", 1));
        assertThat(told.turns).containsExactly("started");
    }

    @Test
    void everyKindOfOutputArrives() {
        accept(1);
        GenerationEvent reasoning = new GenerationEvent.TextDelta(0, PartKind.REASONING, "hm", 1, List.of());
        GenerationEvent refusal = new GenerationEvent.TextDelta(0, PartKind.REFUSAL, "no", 0, List.of());
        give(reasoning, refusal, new GenerationEvent.ToolCallDelta(0, 0, "call_1", "weather", "{}", 0));
        assertThat(sink.poll()).isEqualTo(reasoning);
        assertThat(sink.poll()).isEqualTo(refusal);
        assertThat(sink.poll()).isEqualTo(new GenerationEvent.ToolCallDelta(0, 0, "call_1", "weather", "{}", 0));
        assertThat(sink.poll()).isNull();
    }

    @Test
    void callsSideBySideStayApart() {
        accept(1);
        List<GenerationEvent> calls = List.of(
                new GenerationEvent.ToolCallDelta(0, 0, "call_1", "weather", "", 1),
                new GenerationEvent.ToolCallDelta(0, 1, "call_2", "time", "{", 0),
                new GenerationEvent.ToolCallDelta(0, 0, null, null, "{}", 0),
                new GenerationEvent.ToolCallDelta(0, 1, null, null, "}", 0));
        give(calls.toArray(GenerationEvent[]::new));
        for (GenerationEvent call : calls) {
            assertThat(sink.poll()).isEqualTo(call);
        }
    }

    @Test
    void aFrameThatIsBadAtItsEndHasDeliveredNothing() {
        accept(20);
        Bytes good = bytes(0, 0, 0, 0, 2, 0, 0, 0, 'h', 'i');
        LinkStage.give(link, sealed(2, Bytes.concat(good, bytes(0, 0, 0, 0, 9, 0, 0, 0, 'x'))));
        assertFailedUnstarted();
    }

    @Test
    void outputThatIsNotUtf8IsRefusedWhole() {
        accept(20);
        LinkStage.give(link, sealed(2, bytes(0, 0, 0, 0, 1, 0, 0, 0, 'a', 0, 0, 0, 0, 2, 0, 0, 0, 0xc3, 0x28)));
        assertFailedUnstarted();
    }

    @Test
    void outputOfAChoiceNobodyAskedForIsTheWorkersFault() {
        accept(20);
        GenerationEvent second = new GenerationEvent.TextDelta(1, PartKind.TEXT, "b", 1, List.of());
        give(text("a", 1), second);
        assertFailedUnstarted();
    }

    @Test
    void outputThatCannotBeRelayedIsTheWorkersFault() {
        for (int kind : new int[] {6, 7, 8, 255}) {
            Told fresh = new Told();
            Lane other = stage.lane(link, sink, fresh);
            LinkStage.give(link, new Frame.Accept(other.id(), 1));
            Bytes record = bytes(kind, 0, 0, 0, 1, 0, 0, 0, 'x');
            var head = new FrameCipher.FrameHead(FrameType.TOKENS, 0, 1);
            LinkStage.give(
                    link,
                    SealedFrame.tokens(other.id(), head, LinkStage.cipher(0), record.toByteArray(), record.length()));
            assertThat(fresh.turns).containsExactly("failed PROOF_INVALID");
            assertThat(sink.poll()).isNull();
            assertThat(stage.take()).isEqualTo(new Frame.Cancel(other.id()));
        }
    }

    @Test
    void noMoreTokensAreCountedThanWereAskedFor() {
        accept(20);
        LinkStage.give(link, sealed(101, bytes(0, 0, 0, 0, 1, 0, 0, 0, 'a')));
        assertFailedUnstarted();
        assertThat(told.errors.getFirst()).hasMessageContaining("100 output tokens");
    }

    @Test
    void outputBeforeAcceptIsRefused() {
        give(text("a", 1));
        assertFailedUnstarted();
    }

    @Test
    void aFrameOutOfOrderEndsTheLaneAndKeepsWhatWasRelayed() {
        accept(20);
        give(text("a", 1));
        byte[] dropped = frame(text("b", 1));
        assertThat(dropped).isNotEmpty();
        give(text("c", 1));
        assertThat(told.turns).containsExactly("started", "failed PROOF_INVALID");
        assertThat(sink.poll()).isEqualTo(text("a", 1));
        assertThat(sink.poll()).isNull();
        assertThat(lane.lastVoucher(stage.orchestrator).orElseThrow().voucher().outputTokens())
                .isEqualTo(1);
    }

    @Test
    void endIsReadOnceAndNothingAfterIt() {
        accept(20);
        give(text("a", 1));
        Completed completed =
                Completed.of(List.of(FinishReason.STOP), new Usage(20, 1), Bytes.zeros(200), Bytes.zeros(64));
        byte[] end = writer.sealEnd(lane.id(), completed);
        LinkStage.give(link, end);
        LinkStage.give(link, end);
        LinkStage.give(link, new Frame.Fail(lane.id(), "INTERNAL", "late"));
        assertThat(told.turns).containsExactly("started", "ended [stop]");
        assertThat(link.running()).isZero();
    }

    @Test
    void anEndThatIsNoJsonIsTheWorkersFault() {
        byte[] end = SealedFrame.end(lane.id(), 0, LinkStage.cipher(0), new byte[] {'{'});
        LinkStage.give(link, end);
        assertThat(told.turns).containsExactly("failed PROOF_INVALID");
    }

    @Test
    void aVoucherFollowsEveryIntervalOfTokens() {
        accept(20);
        give(text("1234567", 7));
        assertThat(stage.sent()).isEmpty();
        give(text("8", 1));
        SignedVoucher voucher = ((Frame.Window) stage.take()).voucher().getFirst();
        assertThat(voucher.voucher().outputTokens()).isEqualTo(8);
        assertThat(voucher.voucher().price()).isEqualTo(36).isEqualTo(lane.price());
        assertThat(voucher.voucher().worker()).isEqualTo(stage.worker.account());
        assertThat(Ed25519.verify(
                        stage.orchestrator.account(), voucher.voucher().encoded(), voucher.signature()))
                .isTrue();
    }

    @Test
    void aVoucherFollowsAfterASecondOtherwise() {
        accept(20);
        give(text("1", 1));
        stage.timers.turn(Duration.ofMillis(999));
        assertThat(stage.sent()).isEmpty();
        stage.timers.turn(Duration.ofMillis(1));
        SignedVoucher voucher = ((Frame.Window) stage.take()).voucher().getFirst();
        assertThat(voucher.voucher().outputTokens()).isEqualTo(1);
        stage.timers.turn(Duration.ofSeconds(4));
        assertThat(stage.sent()).as("no voucher without new tokens").isEmpty();
    }

    @Test
    void theWindowShutsWhileNobodyReadsAndOpensAgain() throws InterruptedException {
        accept(20);
        String chunk = "x".repeat(1500);
        give(text(chunk, 1));
        give(text(chunk, 1));
        give(text(chunk, 1)); // begun while the window was open
        assertThat(stage.sent()).isEmpty();
        sink.take();
        assertThat(stage.sent()).as("less than half a window was read").isEmpty();
        sink.take();
        Frame.Window window = (Frame.Window) stage.take();
        assertThat(window.bytes()).isEqualTo(2 * (1500 + 8 + 11 + 16));
        assertThat(window.voucher()).isEmpty();
        give(text(chunk, 1));
        assertThat(told.turns).containsExactly("started");
    }

    @Test
    void aWorkerThatSendsBeyondItsWindowIsStopped() {
        accept(20);
        String chunk = "x".repeat(1500);
        for (int i = 0; i < 4; i++) {
            give(text(chunk, 1));
        }
        assertThat(told.turns).containsExactly("started", "failed PROOF_INVALID");
        assertThat(told.errors.getFirst()).hasMessageContaining("window");
    }

    @Test
    void aWorkerWhoseWindowIsShutIsNotCalledSilent() {
        accept(20);
        for (int i = 0; i < 3; i++) {
            give(text("x".repeat(1500), 1));
        }
        stage.timers.turn(Duration.ofSeconds(4));
        assertThat(lane.lastFrame()).isEqualTo(stage.timers.now());
    }

    @Test
    void aLaneThatHasDeliveredIsNotGivenUpForItsStart() {
        accept(20);
        give(text("a", 1));
        assertThat(lane.abandonUnstarted()).isFalse();
        give(text("b", 1));
        assertThat(sink.poll()).isEqualTo(text("a", 1));
        assertThat(sink.poll()).isEqualTo(text("b", 1));
    }

    @Test
    void aLaneGivenUpBeforeItsStartDeliversNothingAnyMore() {
        accept(20);
        assertThat(lane.abandonUnstarted()).isTrue();
        assertThat(stage.take()).isEqualTo(new Frame.Cancel(lane.id()));
        give(text("late", 1));
        assertThat(sink.poll()).isNull();
        assertThat(told.turns).isEmpty();
        assertThat(lane.abandonUnstarted()).isTrue();
        assertThat(stage.sent()).isEmpty();
    }

    @Test
    void aWorkersFailEndsTheLaneWithItsCode() {
        LinkStage.give(link, new Frame.Fail(lane.id(), "CONTEXT_TOO_LONG", "5000 tokens"));
        LinkStage.give(link, new Frame.Fail(lane.id(), "INTERNAL", "once more"));
        assertThat(told.turns).containsExactly("failed CONTEXT_TOO_LONG");
        assertThat(new Frame.Fail(0, "FROM_THE_FUTURE", "").error().code()).isEqualTo(ErrorCode.INTERNAL);
    }

    @Test
    void aBrokenLinkFailsItsLanes() {
        link.onClosed("gone");
        assertThat(told.turns).containsExactly("failed UNAVAILABLE");
        assertThatThrownBy(() -> {
                    stage.wireIsBroken = true;
                    stage.lane(link, sink, told);
                })
                .hasMessageContaining("broken");
        assertThat(link.running()).isZero();
    }

    @Test
    void noMoreLanesAreOpenedThanTheLinkHas() {
        for (int i = 1; i < LinkStage.LIMITS.lanes(); i++) {
            assertThat(stage.lane(link, sink, told).id()).isEqualTo(i);
        }
        assertThatThrownBy(() -> stage.lane(link, sink, told))
                .isInstanceOfSatisfying(
                        DecentralException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.OVERLOADED));
    }
}

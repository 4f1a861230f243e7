package org.usedecentral.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.usedecentral.crypto.Ed25519;
import org.usedecentral.link.AttemptPrice;
import org.usedecentral.link.LinkLimits;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.Signer;
import org.usedecentral.spi.inference.GenerationEvent;
import org.usedecentral.spi.inference.TokenStream;
import org.usedecentral.spi.protocol.JobId;
import org.usedecentral.spi.protocol.SignedVoucher;
import org.usedecentral.spi.protocol.TokenPrices;
import org.usedecentral.spi.protocol.Voucher;

@Timeout(30)
final class WorkerLaneTest {
    private static final Ed25519.KeyPair ORCHESTRATOR = Ed25519.fromSeed(filled(1));
    private static final Ed25519.KeyPair WORKER = Ed25519.fromSeed(filled(2));
    private static final JobId JOB = new JobId(filled(3));
    private static final AttemptPrice PRICE = new AttemptPrice(new TokenPrices(1_000_000, 2_000_000), 50, 1_000);
    private static final int INPUT = 10;

    private final SignedVoucher assignment = voucher(0, 0);
    private final WorkerLane lane = new WorkerLane(assignment, new LinkLimits(4, 1000, 8), ORCHESTRATOR.account());

    private static Bytes filled(int value) {
        byte[] bytes = new byte[32];
        Arrays.fill(bytes, (byte) value);
        return Bytes.of(bytes);
    }

    private static SignedVoucher voucher(int tokens, long price) {
        return signed(Voucher.of(JOB, WORKER.account(), 2, tokens, price), ORCHESTRATOR);
    }

    private static SignedVoucher signed(Voucher voucher, Signer signer) {
        return new SignedVoucher(voucher, signer.sign(voucher.encoded()));
    }

    private void accept() {
        lane.accepted(PRICE, INPUT);
    }

    private void assertRefused(SignedVoucher voucher) {
        assertThat(lane.grant(0, voucher)).isFalse();
        assertThat(lane.newest()).isEqualTo(assignment);
    }

    @Test
    void aNewerVoucherIsKept() {
        accept();
        assertThat(lane.grant(0, voucher(8, 26))).isTrue();
        assertThat(lane.newest()).isEqualTo(voucher(8, 26));
        assertThat(lane.grant(0, voucher(20, 50))).isTrue();
        assertThat(lane.newest().voucher().outputTokens()).isEqualTo(20);
    }

    @Test
    void aVoucherMayPayMoreThanIsDueButNotLess() {
        accept();
        assertRefused(voucher(8, 25));
        assertRefused(voucher(8, 0));
        assertThat(lane.grant(0, voucher(8, 27))).isTrue();
    }

    @Test
    void theBudgetBoundsWhatIsDue() {
        accept();
        assertRefused(voucher(10_000, 999));
        assertThat(lane.grant(0, voucher(10_000, 1_000))).isTrue();
    }

    @Test
    void nothingIsAcknowledgedBeforeAccept() {
        assertRefused(voucher(8, 26));
    }

    @Test
    void aVoucherOfAnotherIsNone() {
        accept();
        assertRefused(signed(Voucher.of(new JobId(filled(9)), WORKER.account(), 2, 8, 26), ORCHESTRATOR));
        assertRefused(signed(Voucher.of(JOB, ORCHESTRATOR.account(), 2, 8, 26), ORCHESTRATOR));
        assertRefused(signed(Voucher.of(JOB, WORKER.account(), 1, 8, 26), ORCHESTRATOR));
        assertRefused(signed(Voucher.of(JOB, WORKER.account(), 2, 8, 26), WORKER));
        assertRefused(new SignedVoucher(voucher(8, 26).voucher(), voucher(9, 28).signature()));
    }

    @Test
    void anOlderOrRepeatedVoucherIsNoNews() {
        accept();
        assertThat(lane.grant(0, voucher(20, 50))).isTrue();
        assertThat(lane.grant(0, voucher(20, 50))).isFalse();
        assertThat(lane.grant(0, voucher(8, 26))).isFalse();
        assertThat(lane.newest()).isEqualTo(voucher(20, 50));
    }

    @Test
    void aFrameMayBeSentWhileTheWindowIsOpen() throws InterruptedException {
        lane.awaitTurn(0);
        lane.sent(999);
        lane.awaitTurn(0);
        lane.sent(5_000);
        CompletableFuture<String> turn = turn(0);
        assertThat(turn).isNotDone();
        assertThat(lane.grant(4_999, null)).isFalse();
        assertThat(turn).isNotDone();
        assertThat(lane.grant(0, null)).isFalse();
        lane.grant(1, null);
        assertThat(get(turn)).isEqualTo("turn");
    }

    @Test
    void twoIntervalsMayBeUnacknowledgedAndNoMore() throws InterruptedException {
        accept();
        lane.awaitTurn(16);
        CompletableFuture<String> turn = turn(17);
        assertThat(turn).isNotDone();
        lane.grant(0, voucher(1, 0));
        assertThat(turn).as("a voucher that pays nothing acknowledges nothing").isNotDone();
        lane.grant(0, voucher(1, 12));
        assertThat(get(turn)).isEqualTo("turn");
    }

    @Test
    void whoWaitsIsWokenToStop() throws InterruptedException {
        lane.sent(1_000);
        CompletableFuture<String> turn = turn(0);
        lane.stop(WorkerLane.Stop.DEADLINE);
        lane.stop(WorkerLane.Stop.LOST);
        assertThat(get(turn)).isEqualTo("CANCELLED");
        assertThat(lane.stopped()).as("the first reason stays").isEqualTo(WorkerLane.Stop.DEADLINE);
        assertThatThrownBy(() -> lane.awaitTurn(0)).isInstanceOf(DecentralException.class);
    }

    @Test
    void whatRunsIsClosedWhenItHasToStopWheneverItWasAttached() {
        CountedStream early = new CountedStream();
        lane.attach(early);
        assertThat(early.closed).hasValue(0);
        lane.stop(WorkerLane.Stop.CANCELLED);
        assertThat(early.closed).hasValue(1);
        CountedStream late = new CountedStream();
        lane.attach(late);
        assertThat(late.closed).hasValue(1);
    }

    @Test
    void aWindowBeyond31BitsIsRefused() {
        lane.grant(Integer.MAX_VALUE - 1000, null);
        assertThatThrownBy(() -> lane.grant(1, null))
                .isInstanceOfSatisfying(
                        DecentralException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_REQUEST));
    }

    private CompletableFuture<String> turn(int sentTokens) {
        CompletableFuture<String> turn = new CompletableFuture<>();
        Thread.ofVirtual().start(() -> {
            try {
                lane.awaitTurn(sentTokens);
                turn.complete("turn");
            } catch (DecentralException e) {
                turn.complete(e.code().name());
            } catch (InterruptedException e) {
                turn.completeExceptionally(e);
            }
        });
        return turn;
    }

    private static String get(CompletableFuture<String> turn) {
        return turn.orTimeout(10, TimeUnit.SECONDS).join();
    }

    /** A stream that is never read. */
    private static final class CountedStream implements TokenStream {
        final AtomicInteger closed = new AtomicInteger();

        @Override
        public int inputTokens() {
            return 0;
        }

        @Override
        public GenerationEvent next() {
            throw new AssertionError("nobody reads it");
        }

        @Override
        public @Nullable GenerationEvent poll() {
            throw new AssertionError("nobody reads it");
        }

        @Override
        public void close() {
            closed.incrementAndGet();
        }
    }
}

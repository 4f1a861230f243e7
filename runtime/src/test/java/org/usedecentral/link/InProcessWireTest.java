package org.usedecentral.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;

@Timeout(30)
final class InProcessWireTest {
    private final End worker = new End();
    private final End orchestrator = new End();

    /** One end: keeps what comes, or throws when told to. */
    private static class End implements Wire.Listener {
        final CompletableFuture<Wire> wire = new CompletableFuture<>();
        final BlockingQueue<Byte> frames = new LinkedBlockingQueue<>();
        final CountDownLatch closed = new CountDownLatch(1);
        boolean fails;

        @Override
        public void onFrame(byte[] frame, int offset, int length) {
            if (fails) {
                throw new IllegalStateException("a listener that fails on purpose");
            }
            frames.add(frame[offset]);
        }

        @Override
        public void onClosed(String reason) {
            assertThat(closed.getCount()).as("onClosed is called once").isEqualTo(1);
            closed.countDown();
        }

        End on(Wire out) {
            wire.complete(out);
            return this;
        }

        void send(int value) {
            wire.join().send(new byte[] {(byte) value});
        }

        byte take() throws InterruptedException {
            Byte frame = frames.poll(10, TimeUnit.SECONDS);
            assertThat(frame).isNotNull();
            return frame == null ? -1 : frame;
        }

        void assertClosed() throws InterruptedException {
            assertThat(closed.await(10, TimeUnit.SECONDS)).isTrue();
            assertThatThrownBy(() -> send(1))
                    .isInstanceOfSatisfying(
                            DecentralException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNAVAILABLE));
        }
    }

    private void connect() {
        InProcessWire.connect(worker::on, orchestrator::on);
    }

    @Test
    void framesGoBothWaysInOrder() throws InterruptedException {
        connect();
        for (int i = 0; i < 100; i++) {
            worker.send(i);
            orchestrator.send(100 - i);
        }
        for (int i = 0; i < 100; i++) {
            assertThat(orchestrator.take()).isEqualTo((byte) i);
            assertThat(worker.take()).isEqualTo((byte) (100 - i));
        }
    }

    @Test
    void closingOneEndClosesBoth() throws InterruptedException {
        connect();
        worker.wire.join().close("enough");
        worker.wire.join().close("once more");
        worker.assertClosed();
        orchestrator.assertClosed();
    }

    @Test
    void aListenerThatThrowsEndsTheWireForBoth() throws InterruptedException {
        orchestrator.fails = true;
        connect();
        worker.send(1);
        worker.assertClosed();
        orchestrator.assertClosed();
    }

    @Test
    void aSenderThatWaitsForRoomIsFreedByTheEnd() throws InterruptedException {
        CountDownLatch reading = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        End slow = new End() {
            @Override
            public void onFrame(byte[] frame, int offset, int length) {
                reading.countDown();
                try {
                    goOn.await();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            }
        };
        InProcessWire.connect(worker::on, slow::on);
        CountDownLatch freed = new CountDownLatch(1);
        Thread.ofVirtual().start(() -> {
            try {
                while (true) {
                    worker.send(1);
                }
            } catch (DecentralException e) {
                freed.countDown();
            }
        });
        reading.await();
        slow.wire.join().close("enough");
        goOn.countDown();
        assertThat(freed.await(10, TimeUnit.SECONDS)).isTrue();
        worker.assertClosed();
        slow.assertClosed();
    }
}

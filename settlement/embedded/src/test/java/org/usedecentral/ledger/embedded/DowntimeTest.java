package org.usedecentral.ledger.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.Signer;
import org.usedecentral.spi.ledger.Committed;
import org.usedecentral.spi.ledger.EscrowedJob;
import org.usedecentral.spi.protocol.JobId;
import org.usedecentral.spi.protocol.Terms;

/** Deadlines that could not be kept because the ledger was down are extended; nothing else is. */
final class DowntimeTest {
    private static final Signer SPENDER = Scene.key("spender");

    @TempDir
    private Path folder;

    @TempDir
    private Path copy;

    private Scene scene;

    @BeforeEach
    void open() {
        scene = new Scene(folder).start();
        Committed ignored = scene.deposit(Scene.PAYER, 10_000, "wire");
        ignored = scene.register(Scene.WORKER);
    }

    /** The process dies, the machine stands still for that long, and the node starts on what was on disk. */
    private Scene diesFor(Duration downtime) {
        Scene later = scene.died(copy);
        scene.close();
        scene.clock.advance(downtime);
        return later.start();
    }

    private static Instant refundAfter(Scene scene, JobId job) {
        return scene.job(job).status().refundAfter();
    }

    @Test
    void openDeadlinesAreExtended() {
        JobId locked = scene.locked("locked", 100);
        JobId settled = scene.locked("settled", 100);
        Committed ignored = scene.settle(settled, Scene.WORKER, 60);
        EscrowedJob.Status before = scene.job(settled).status();
        Instant lockedUntil = refundAfter(scene, locked);
        try (Scene later = diesFor(Duration.ofHours(3))) {
            assertThat(refundAfter(later, locked)).isEqualTo(lockedUntil.plus(Duration.ofHours(3)));
            EscrowedJob.Status after = later.job(settled).status();
            assertThat(after.refundAfter()).isEqualTo(before.refundAfter().plus(Duration.ofHours(3)));
            assertThat(after.disputeUntil())
                    .contains(before.disputeUntil().orElseThrow().plus(Duration.ofHours(3)));
            ignored = later.settle(locked, Scene.WORKER, 100);
            assertThat(later.audit().entries()).isEqualTo(8);
        }
    }

    @Test
    void aDeadlinePassedBeforeIsNot() {
        JobId job = scene.locked("job", 100);
        scene.clock.advance(Duration.ofSeconds(121));
        Committed ignored = scene.deposit(Scene.PAYER, 1, "a sign of life");
        Instant until = refundAfter(scene, job);
        try (Scene later = diesFor(Duration.ofHours(3))) {
            assertThat(refundAfter(later, job)).isEqualTo(until);
            Scene.refused(ErrorCode.DEADLINE_EXCEEDED, () -> later.settle(job, Scene.WORKER, 100));
        }
    }

    @Test
    void theLastSecondIsExtendedToo() {
        JobId job = scene.locked("job", 100);
        Instant until = refundAfter(scene, job);
        scene.clock.advance(Duration.ofMinutes(2));
        Committed ignored = scene.deposit(Scene.PAYER, 1, "a sign of life");
        try (Scene later = diesFor(Duration.ofSeconds(50))) {
            assertThat(refundAfter(later, job)).isEqualTo(until.plusSeconds(50));
        }
    }

    @Test
    void aRefundedJobDoesNotComeAlive() {
        JobId job = scene.locked("job", 100);
        Committed ignored = scene.expire(job);
        scene.clock.advance(Duration.ofSeconds(21));
        ignored = scene.refund(job);
        try (Scene later = diesFor(Duration.ofSeconds(30))) {
            Scene.refused(ErrorCode.DEADLINE_EXCEEDED, () -> later.claim(job, Scene.WORKER, 10));
            assertThat(later.free(Scene.PAYER)).isEqualTo(10_000);
        }
    }

    @Test
    void whatPayersSignedIsNotExtended() {
        Committed ignored = scene.approve(SPENDER, 1_000);
        Terms stale = scene.terms("stale", 100, SPENDER);
        Instant approvalExpires = scene.ledger()
                .credits()
                .approval(Scene.PAYER.account(), SPENDER.account())
                .orElseThrow()
                .terms()
                .expires();
        try (Scene later = diesFor(Duration.ofHours(2))) {
            var escrows = later.ledger().escrows();
            Scene.refused(
                    ErrorCode.DEADLINE_EXCEEDED,
                    () -> escrows.lock(Scene.write("stale"), stale, SPENDER, Scene.ORCHESTRATOR));
            Terms fresh = later.terms("fresh", 100, SPENDER);
            Scene.refused(
                    ErrorCode.FORBIDDEN, () -> escrows.lock(Scene.write("fresh"), fresh, SPENDER, Scene.ORCHESTRATOR));
            assertThat(later.ledger()
                            .credits()
                            .approval(Scene.PAYER.account(), SPENDER.account())
                            .orElseThrow()
                            .terms()
                            .expires())
                    .isEqualTo(approvalExpires);
        }
    }

    @Test
    void anIdleLedgerBeats() throws SQLException, InterruptedException {
        JobId job = scene.locked("job", 100);
        Instant until = refundAfter(scene, job);
        scene.clock.advance(Duration.ofSeconds(100));
        long now = scene.clock.instant().getEpochSecond();
        long giveUp = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        CountDownLatch never = new CountDownLatch(1);
        while (scene.heartbeat() < now) {
            assertThat(System.nanoTime()).as("no heartbeat within 20 s").isLessThan(giveUp);
            assertThat(never.await(20, TimeUnit.MILLISECONDS)).isFalse();
        }
        try (Scene later = diesFor(Duration.ofSeconds(7))) {
            assertThat(refundAfter(later, job)).isEqualTo(until.plusSeconds(7));
        }
    }

    @Test
    void timeNeverRunsBackwards() {
        Instant before = scene.ledger().time();
        scene.clock.advance(Duration.ofHours(-5));
        assertThat(scene.ledger().time()).isEqualTo(before);
        JobId job = scene.locked("job", 100);
        assertThat(refundAfter(scene, job)).isEqualTo(before.plusSeconds(120));
        try (Scene later = diesFor(Duration.ofSeconds(30))) {
            assertThat(later.ledger().time()).isEqualTo(before);
            assertThat(refundAfter(later, job)).isEqualTo(before.plusSeconds(120));
        }
    }
}

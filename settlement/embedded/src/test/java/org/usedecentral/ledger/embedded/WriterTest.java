package org.usedecentral.ledger.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.Signer;
import org.usedecentral.spi.ledger.Committed;
import org.usedecentral.spi.protocol.Tag;

/** Many callers, one commit: what they share, what they do not, and what each is told when it fails. */
final class WriterTest {
    @TempDir
    private Path folder;

    /** The node's key, which a test can make wait or fail when it signs the head of a commit. */
    private static final class HeadSigner implements Signer {
        private final AtomicInteger heads = new AtomicInteger();
        private volatile CountDownLatch gate = new CountDownLatch(0);
        private volatile CountDownLatch atGate = new CountDownLatch(1);
        private volatile boolean failing;

        @Override
        public Account account() {
            return Scene.OPERATOR.account();
        }

        @Override
        public Bytes sign(Bytes message) {
            if (message.slice(0, Tag.LENGTH).equals(Tag.JOURNAL_HEAD.bytes())) {
                heads.incrementAndGet();
                if (failing) {
                    throw new IllegalStateException("the key is locked away");
                }
                await(gate, atGate);
            }
            return Scene.OPERATOR.sign(message);
        }

        private static void await(CountDownLatch gate, CountDownLatch atGate) {
            try {
                atGate.countDown();
                if (!gate.await(60, TimeUnit.SECONDS)) {
                    throw new IllegalStateException("nobody opened the gate");
                }
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }

        /** Stops the writer in its next commit; returns once it stands there. */
        void shut() {
            atGate = new CountDownLatch(1);
            gate = new CountDownLatch(1);
        }

        void awaitWriter() throws InterruptedException {
            assertThat(atGate.await(60, TimeUnit.SECONDS)).isTrue();
        }

        void open() {
            gate.countDown();
        }
    }

    private static DecentralException refusal(Future<Committed> write) {
        Exception thrown = catchThrowableOfType(Exception.class, () -> write.get(60, TimeUnit.SECONDS));
        assertThat(thrown).isNotNull();
        assertThat(thrown.getCause()).isInstanceOf(DecentralException.class);
        return (DecentralException) thrown.getCause();
    }

    @Test
    void waitingOperationsShareACommitAndARefusalUndoesNoneOfThem() throws Exception {
        HeadSigner signer = new HeadSigner();
        try (Scene scene = new Scene(folder).startAs(signer);
                ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            signer.shut();
            Future<Committed> first = callers.submit(() -> scene.deposit(Scene.PAYER, 100, "first"));
            signer.awaitWriter();
            int headsBefore = signer.heads.get();
            List<Future<Committed>> good = new ArrayList<>();
            List<Future<Committed>> bad = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                String reference = "good " + i;
                good.add(callers.submit(() -> scene.deposit(Scene.PAYER, 1, reference)));
                String tooMuch = "too much " + i;
                bad.add(callers.submit(() -> scene.lock(scene.terms(tooMuch, 1_000_000))));
            }
            awaitQueue(scene, 40);
            signer.open();
            assertThat(first.get(60, TimeUnit.SECONDS).position()).isEqualTo(1);
            for (Future<Committed> write : bad) {
                assertThat(refusal(write).code()).isEqualTo(ErrorCode.INSUFFICIENT_CREDITS);
            }
            for (Future<Committed> write : good) {
                assertThat(write.get(60, TimeUnit.SECONDS).position()).isBetween(2L, 21L);
            }
            assertThat(signer.heads.get() - headsBefore)
                    .as("commits for 40 operations")
                    .isEqualTo(1);
            assertThat(scene.free(Scene.PAYER)).isEqualTo(120);
        }
        assertThat(new Scene(folder).audit().entries()).isEqualTo(22);
    }

    /** Waits until that many operations queue behind a commit that a test holds up. */
    private static void awaitQueue(Scene scene, int count) throws InterruptedException {
        CountDownLatch never = new CountDownLatch(1);
        long giveUp = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (scene.ledger().waiting() < count) {
            assertThat(System.nanoTime()).as("the queue never had " + count).isLessThan(giveUp);
            assertThat(never.await(10, TimeUnit.MILLISECONDS)).isFalse();
        }
    }

    @Test
    void theSameWriteTwiceInOneCommitIsOne() throws Exception {
        HeadSigner signer = new HeadSigner();
        try (Scene scene = new Scene(folder).startAs(signer);
                ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            signer.shut();
            Future<Committed> first = callers.submit(() -> scene.deposit(Scene.PAYER, 100, "first"));
            signer.awaitWriter();
            Future<Committed> once = callers.submit(() -> scene.deposit(Scene.PAYER, 7, "twice"));
            Future<Committed> twice = callers.submit(() -> scene.deposit(Scene.PAYER, 7, "twice"));
            awaitQueue(scene, 2);
            signer.open();
            assertThat(first.get(60, TimeUnit.SECONDS).position()).isEqualTo(1);
            assertThat(once.get(60, TimeUnit.SECONDS)).isEqualTo(twice.get(60, TimeUnit.SECONDS));
            assertThat(scene.free(Scene.PAYER)).isEqualTo(107);
        }
    }

    @Test
    void aFullQueueIsOverloaded() throws Exception {
        HeadSigner signer = new HeadSigner();
        try (Scene scene = new Scene(folder).startAs(signer);
                ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            signer.shut();
            List<Future<Committed>> writes = new ArrayList<>();
            writes.add(callers.submit(() -> scene.deposit(Scene.PAYER, 1, "first")));
            signer.awaitWriter();
            int room = Scene.LIMITS.queue();
            for (int i = 0; i < room; i++) {
                String reference = "waiting " + i;
                writes.add(callers.submit(() -> scene.deposit(Scene.PAYER, 1, reference)));
            }
            awaitQueue(scene, room);
            assertThat(Scene.refused(ErrorCode.OVERLOADED, () -> scene.deposit(Scene.PAYER, 1, "one too many")))
                    .contains("try again");
            signer.open();
            for (Future<Committed> write : writes) {
                assertThat(write.get(60, TimeUnit.SECONDS)).isNotNull();
            }
            assertThat(scene.free(Scene.PAYER)).isEqualTo(1 + room);
            Committed ignored = scene.deposit(Scene.PAYER, 1, "one too many");
        }
    }

    @Test
    void whatFailsBeforeTheCommitIsNotWritten() {
        HeadSigner signer = new HeadSigner();
        try (Scene scene = new Scene(folder).startAs(signer)) {
            Committed before = scene.deposit(Scene.PAYER, 1, "before");
            signer.failing = true;
            String message = Scene.refused(ErrorCode.UNAVAILABLE, () -> scene.deposit(Scene.PAYER, 10, "during"));
            assertThat(message).contains("locked away").contains("nothing was written");
            assertThat(scene.free(Scene.PAYER)).isEqualTo(1);
            signer.failing = false;
            assertThat(scene.deposit(Scene.PAYER, 10, "during").position()).isEqualTo(before.position() + 1);
            assertThat(scene.free(Scene.PAYER)).isEqualTo(11);
        }
        assertThat(new Scene(folder).audit().entries()).isEqualTo(3);
    }

    @Test
    void aCommitThatFailsIsOfUnknownOutcomeUntilRepeated() throws SQLException {
        Scene scene = new Scene(folder).start();
        scene.close();
        // Makes the next commit break a foreign key, which SQLite looks at in COMMIT itself.
        scene.tamper("CREATE TRIGGER spoil AFTER INSERT ON heads BEGIN"
                + " INSERT INTO paid VALUES (x'00', 0, x'00', 1, 0); END");
        try (Scene spoiled = scene.start()) {
            Scene.refused(ErrorCode.OUTCOME_UNKNOWN, () -> spoiled.deposit(Scene.PAYER, 10, "wire"));
            assertThat(spoiled.free(Scene.PAYER)).isZero();
            dropTrigger(spoiled);
            Committed written = spoiled.deposit(Scene.PAYER, 10, "wire");
            assertThat(written.position()).isEqualTo(1);
            assertThat(spoiled.deposit(Scene.PAYER, 10, "wire")).isEqualTo(written);
            assertThat(spoiled.free(Scene.PAYER)).isEqualTo(10);
        }
        assertThat(scene.audit().entries()).isEqualTo(2);
    }

    private static void dropTrigger(Scene scene) throws SQLException {
        try (var connection = DriverManager.getConnection("jdbc:sqlite:" + scene.database());
                var statement = connection.createStatement()) {
            int ignored = statement.executeUpdate("DROP TRIGGER spoil");
        }
    }

    /** A transaction left open keeps the log from being folded into the database, and others from writing. */
    @Test
    void nothingIsLeftOpenBetweenCommits() throws SQLException {
        HeadSigner signer = new HeadSigner();
        try (Scene scene = new Scene(folder).startAs(signer)) {
            assertUnlocked(scene);
            Committed ignored = scene.deposit(Scene.PAYER, 10, "wire");
            assertUnlocked(scene);
            Scene.refused(ErrorCode.INSUFFICIENT_CREDITS, () -> scene.lock(scene.terms("big", 1_000)));
            assertUnlocked(scene);
            signer.failing = true;
            Scene.refused(ErrorCode.UNAVAILABLE, () -> scene.deposit(Scene.PAYER, 10, "fails"));
            signer.failing = false;
            assertUnlocked(scene);
            assertThat(scene.ledger().escrows().open(Account.NONE, null, 10)).isEmpty();
            assertUnlocked(scene);
        }
        try (Scene again = new Scene(folder).start()) {
            assertUnlocked(again);
        }
    }

    private static void assertUnlocked(Scene scene) throws SQLException {
        try (var connection = DriverManager.getConnection("jdbc:sqlite:" + scene.database());
                var statement = connection.createStatement();
                var checkpoint = statement.executeQuery("PRAGMA wal_checkpoint(TRUNCATE)")) {
            assertThat(checkpoint.next()).isTrue();
            assertThat(checkpoint.getInt("busy")).as("busy").isZero();
        }
    }

    @Test
    void anotherWritersLockIsUnavailableNotUnknown() throws SQLException {
        try (Scene scene = new Scene(folder).start()) {
            try (var connection = DriverManager.getConnection("jdbc:sqlite:" + scene.database());
                    var statement = connection.createStatement()) {
                int ignored = statement.executeUpdate("BEGIN IMMEDIATE");
                Scene.refused(ErrorCode.UNAVAILABLE, () -> scene.deposit(Scene.PAYER, 10, "wire"));
                ignored = statement.executeUpdate("ROLLBACK");
            }
            Committed ignored = scene.deposit(Scene.PAYER, 10, "wire");
            assertThat(scene.free(Scene.PAYER)).isEqualTo(10);
        }
    }

    @Test
    void anInterruptedCallerLearnsThatTheOutcomeIsUnknown() throws Exception {
        HeadSigner signer = new HeadSigner();
        try (Scene scene = new Scene(folder).startAs(signer);
                ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            signer.shut();
            CountDownLatch told = new CountDownLatch(1);
            ErrorCode[] code = new ErrorCode[2];
            Thread inCommit = Thread.ofVirtual().start(() -> {
                code[0] = codeOf(() -> scene.deposit(Scene.PAYER, 1, "in the commit"));
                told.countDown();
            });
            signer.awaitWriter();
            Thread inQueue = Thread.ofVirtual()
                    .start(() -> code[1] = codeOf(() -> scene.deposit(Scene.PAYER, 2, "in the queue")));
            awaitQueue(scene, 1);
            inQueue.interrupt();
            inQueue.join();
            inCommit.interrupt();
            assertThat(told.await(60, TimeUnit.SECONDS)).isTrue();
            signer.open();
            assertThat(code).containsExactly(ErrorCode.OUTCOME_UNKNOWN, ErrorCode.UNAVAILABLE);
            Future<Committed> repeated = callers.submit(() -> scene.deposit(Scene.PAYER, 1, "in the commit"));
            assertThat(repeated.get(60, TimeUnit.SECONDS).position()).isEqualTo(1);
            assertThat(scene.free(Scene.PAYER)).isEqualTo(1);
        }
    }

    private static ErrorCode codeOf(Runnable write) {
        DecentralException refusal = catchThrowableOfType(DecentralException.class, write::run);
        assertThat(refusal).isNotNull();
        return refusal.code();
    }

    @Test
    void closingWritesWhatWaits() throws Exception {
        HeadSigner signer = new HeadSigner();
        List<Future<Committed>> writes = new ArrayList<>();
        try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            Scene scene = new Scene(folder).startAs(signer);
            signer.shut();
            writes.add(callers.submit(() -> scene.deposit(Scene.PAYER, 1, "first")));
            signer.awaitWriter();
            for (int i = 0; i < 100; i++) {
                String reference = "waiting " + i;
                writes.add(callers.submit(() -> scene.deposit(Scene.PAYER, 1, reference)));
            }
            awaitQueue(scene, 100);
            Future<?> closing = callers.submit(scene::close);
            signer.open();
            assertThat(closing.get(60, TimeUnit.SECONDS)).isNull();
            for (Future<Committed> write : writes) {
                assertThat(write.get(60, TimeUnit.SECONDS)).isNotNull();
            }
        }
        assertThat(new Scene(folder).audit().entries()).isEqualTo(102);
    }
}

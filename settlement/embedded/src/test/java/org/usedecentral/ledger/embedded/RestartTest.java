package org.usedecentral.ledger.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.Signer;
import org.usedecentral.spi.ledger.Committed;
import org.usedecentral.spi.ledger.CreditAccounts;
import org.usedecentral.spi.ledger.EscrowedJob;
import org.usedecentral.spi.ledger.LedgerEvents;
import org.usedecentral.spi.ledger.Parameters;
import org.usedecentral.spi.protocol.JobId;
import org.usedecentral.spi.protocol.LedgerId;
import org.usedecentral.spi.protocol.SignedMessage;
import org.usedecentral.spi.protocol.SignedOperation;

/** What a ledger is after it was closed and started again, and where it refuses to start. */
final class RestartTest {
    @TempDir
    private Path folder;

    @Test
    void aWriteRepeatedAfterARestartIsTheFirst() {
        LedgerId id;
        Committed deposit;
        Committed lock;
        JobId job;
        Committed withdrawn;
        SignedMessage withdrawal;
        try (Scene scene = new Scene(folder).start()) {
            id = scene.ledger().id();
            deposit = scene.deposit(Scene.PAYER, 1_000, "wire");
            var terms = scene.terms("one", 100);
            lock = scene.lock(terms);
            job = terms.jobId();
            withdrawal = scene.withdrawal(50);
            withdrawn = scene.ledger().credits().withdraw(withdrawal);
        }
        try (Scene scene = new Scene(folder).start()) {
            assertThat(scene.ledger().id()).isEqualTo(id);
            assertThat(scene.deposit(Scene.PAYER, 1_000, "wire")).isEqualTo(deposit);
            assertThat(scene.lock(scene.job(job).terms())).isEqualTo(lock);
            scene.clock.advance(Duration.ofHours(2));
            assertThat(scene.ledger().credits().withdraw(withdrawal)).isEqualTo(withdrawn);
            assertThat(scene.free(Scene.PAYER)).isEqualTo(850);
            Scene.refused(ErrorCode.CONFLICT, () -> scene.deposit(Scene.PAYER, 999, "wire"));
            assertThat(scene.audit().entries()).isEqualTo(4);
        }
    }

    @Test
    void aReferenceIsCreditedOnceOverRestarts() {
        try (Scene scene = new Scene(folder).start()) {
            Committed ignored = scene.deposit(Scene.PAYER, 1_000, "wire");
        }
        try (Scene scene = new Scene(folder).start()) {
            var credits = scene.ledger().credits();
            var again = new CreditAccounts.Deposit(Scene.PAYER.account(), 1_000, "wire");
            Scene.refused(ErrorCode.CONFLICT, () -> credits.deposit(Scene.write("other"), Scene.OPERATOR, again));
            assertThat(scene.free(Scene.PAYER)).isEqualTo(1_000);
        }
    }

    @Test
    void otherSettingsHoldForLaterJobsOnly() {
        Account treasury = Scene.key("treasury").account();
        JobId old;
        try (Scene scene = new Scene(folder).start()) {
            Committed ignored = scene.deposit(Scene.PAYER, 1_000, "wire");
            ignored = scene.register(Scene.WORKER);
            old = scene.locked("old", 100);
        }
        Parameters generous = new Parameters(
                new Parameters.Shares(9_000, 9_500, 400),
                new Parameters.Windows(
                        Duration.ofSeconds(5), Duration.ofSeconds(6), Duration.ofHours(1), Duration.ofDays(1)),
                1,
                1,
                1);
        EmbeddedLedgerConfig changed = new EmbeddedLedgerConfig(treasury, generous, Scene.LIMITS);
        try (Scene scene = new Scene(folder, new Scene(folder).clock, changed).start()) {
            assertThat(scene.ledger().parameters()).isEqualTo(generous);
            JobId recent = scene.locked("recent", 100);
            Committed ignored = scene.settle(old, Scene.WORKER, 100);
            assertThat(settled(scene, old).split()).isEqualTo(new EscrowedJob.Split(75, 5, 20));
            assertThat(scene.free(Scene.OPERATOR)).isEqualTo(20);
            ignored = scene.settle(recent, Scene.WORKER, 100);
            assertThat(settled(scene, recent).split()).isEqualTo(new EscrowedJob.Split(90, 4, 6));
            assertThat(scene.ledger().credits().balance(treasury).free()).isEqualTo(6);
            assertThat(scene.job(recent).status().refundAfter())
                    .isEqualTo(scene.ledger().time().plusSeconds(5));
            assertThat(scene.job(old).status().refundAfter())
                    .isEqualTo(scene.ledger().time().plusSeconds(20));
        }
        assertThat(new Scene(folder).audit().entries()).isEqualTo(8);
    }

    private static EscrowedJob.Settled settled(Scene scene, JobId job) {
        return scene.job(job).settled().orElseThrow();
    }

    @Test
    void eventsNameOperationsOnlyAndResumeAfterARestart() throws InterruptedException {
        Committed second;
        try (Scene scene = new Scene(folder).start()) {
            Committed ignored = scene.deposit(Scene.PAYER, 1, "a");
            second = scene.deposit(Scene.PAYER, 2, "b");
            for (int i = 0; i < 600; i++) {
                ignored = scene.deposit(Scene.PAYER, 1, "more " + i);
            }
        }
        EmbeddedLedgerConfig changed =
                new EmbeddedLedgerConfig(Scene.WORKER.account(), Parameters.DEFAULT, Scene.LIMITS);
        try (Scene scene = new Scene(folder, new Scene(folder).clock, changed).start();
                LedgerEvents events = scene.ledger().events(second.position())) {
            for (int i = 0; i < 600; i++) {
                assertThat(events.next().position()).isEqualTo(second.position() + 1 + i);
            }
            assertThat(events.poll()).isNull();
            Committed last = scene.deposit(Scene.PAYER, 3, "last");
            assertThat(events.next().transaction()).isEqualTo(last.transaction());
            assertThat(last.position()).isEqualTo(second.position() + 602);
        }
    }

    @Test
    void aSecondNodeIsKeptOut() {
        try (Scene first = new Scene(folder).start()) {
            String message = Scene.refused(ErrorCode.UNAVAILABLE, () -> new Scene(folder).start());
            assertThat(message).contains("in use by another node");
            assertThat(first.free(Scene.PAYER)).isZero();
        }
        new Scene(folder).start().close();
    }

    @Test
    void anotherNodesKeyIsRefused() {
        new Scene(folder).start().close();
        Signer other = Scene.key("other");
        String message = Scene.refused(ErrorCode.INVALID_REQUEST, () -> new Scene(folder).startAs(other));
        assertThat(message)
                .contains(Scene.OPERATOR.account().toString())
                .contains(other.account().toString());
    }

    @Test
    void aNewerSchemaIsRefused() throws SQLException {
        Scene scene = new Scene(folder).start();
        scene.close();
        scene.tamper("PRAGMA user_version = 2");
        String message = Scene.refused(ErrorCode.UNSUPPORTED_FEATURE, scene::start);
        assertThat(message).contains("newer Decentral").contains("schema 2");
        Scene.refused(ErrorCode.UNSUPPORTED_FEATURE, scene::audit);
    }

    @Test
    void anotherDatabaseIsLeftAlone() throws IOException, SQLException {
        Scene scene = new Scene(folder);
        Files.createDirectories(scene.database().getParent());
        try (var connection = DriverManager.getConnection("jdbc:sqlite:" + scene.database());
                var statement = connection.createStatement()) {
            int ignored = statement.executeUpdate("CREATE TABLE letters (text TEXT)");
        }
        assertThat(Scene.refused(ErrorCode.INVALID_REQUEST, scene::start)).contains("not a Decentral ledger");
        Files.writeString(scene.database(), "Dear Sir, this is a letter and no database at all.");
        assertThat(Scene.refused(ErrorCode.UNAVAILABLE, scene::start)).contains("cannot be opened");
    }

    @Test
    void whatItDoesNotOfferIsRefused() {
        try (Scene scene = new Scene(folder).start()) {
            var escrows = scene.ledger().escrows();
            var workers = scene.ledger().workers();
            JobId job = new JobId(Bytes.zeros(32));
            Account worker = Scene.WORKER.account();
            var write = Scene.write("any");
            Scene.refused(
                    ErrorCode.UNSUPPORTED_FEATURE, () -> escrows.dispute(write, job, Bytes.zeros(32), Scene.PAYER));
            Scene.refused(
                    ErrorCode.UNSUPPORTED_FEATURE,
                    () -> escrows.equivocate(
                            write, scene.statement(scene.terms("any", 1), Scene.WORKER, 1), Scene.PAYER));
            Bytes later = Bytes.of((byte) 14);
            Scene.refused(
                    ErrorCode.UNSUPPORTED_FEATURE,
                    () -> scene.ledger().submit(new SignedOperation(write, later, List.of())));
            Scene.refused(ErrorCode.UNSUPPORTED_FEATURE, () -> escrows.disclose(write, job, List.of(), Scene.WORKER));
            Scene.refused(ErrorCode.UNSUPPORTED_FEATURE, () -> escrows.rule(write, job, true, List.of()));
            Scene.refused(
                    ErrorCode.UNSUPPORTED_FEATURE,
                    () -> workers.stake(write, worker, 1, Duration.ofDays(30), Scene.WORKER));
            Scene.refused(ErrorCode.UNSUPPORTED_FEATURE, () -> workers.beginUnstake(write, worker, Scene.WORKER));
            Scene.refused(ErrorCode.UNSUPPORTED_FEATURE, () -> workers.withdrawStake(write, worker, Scene.WORKER));
        }
    }

    /** A process that dies in its very first moments leaves tables without a ledger in them, or not even those. */
    @Test
    void aLedgerThatWasNeverBegunIsBegun() throws IOException, SQLException {
        Scene scene = new Scene(folder);
        Files.createDirectories(scene.database().getParent());
        Files.createFile(scene.database());
        Scene.refused(ErrorCode.INVALID_REQUEST, scene::audit);
        Database.open(scene.database()).close();
        Scene.refused(ErrorCode.INTERNAL, scene::audit);
        try (Scene begun = scene.start()) {
            Committed ignored = begun.deposit(Scene.PAYER, 5, "wire");
            assertThat(begun.audit().entries()).isEqualTo(2);
        }
    }

    @Test
    void aClosedLedgerSaysSo() {
        Scene scene = new Scene(folder).start();
        EmbeddedLedger ledger = scene.ledger();
        scene.close();
        assertThat(Scene.refused(ErrorCode.UNAVAILABLE, ledger::id)).contains("not running");
        Scene.refused(ErrorCode.UNAVAILABLE, () -> ledger.credits().balance(Scene.PAYER.account()));
        Scene.refused(ErrorCode.UNAVAILABLE, () -> ledger.events(-1));
    }
}

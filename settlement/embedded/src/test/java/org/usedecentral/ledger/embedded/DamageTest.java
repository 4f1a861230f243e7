package org.usedecentral.ledger.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.ledger.Committed;
import org.usedecentral.spi.protocol.JobId;
import org.usedecentral.spi.protocol.LedgerId;
import org.usedecentral.spi.protocol.LedgerOperation;
import org.usedecentral.spi.protocol.SignedOperation;

/** A ledger whose file was changed behind its back does not start, and says what is wrong; what a start cannot see, an audit does. */
final class DamageTest {
    @TempDir
    private Path folder;

    private Scene scene;

    /** Entries: 0 genesis, 1 deposit, 2 register, 3 and 4 locks, 5 settle, 6 claim, 7 approve. */
    @BeforeEach
    void history() {
        scene = new Scene(folder).start();
        Committed ignored = scene.deposit(Scene.PAYER, 10_000, "wire");
        ignored = scene.register(Scene.WORKER);
        JobId settled = scene.locked("settled", 100);
        JobId claimed = scene.locked("claimed", 100);
        ignored = scene.settle(settled, Scene.WORKER, 60);
        ignored = scene.claim(claimed, Scene.WORKER, 10);
        ignored = scene.approve(Scene.key("spender"), 500);
        scene.close();
    }

    @Test
    void undamagedItStartsAndAudits() {
        JournalAudit.Report report = scene.audit();
        assertThat(report.entries()).isEqualTo(8);
        assertThat(report.commits()).isEqualTo(8);
        scene.start().close();
        assertThat(scene.audit()).isEqualTo(report);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "UPDATE entries SET body = CAST(body || x'00' AS BLOB) WHERE position = 3 ; hash of journal entry 3",
                "UPDATE entries SET time = time + 1 WHERE position = 5 ; hash of journal entry 5",
                "UPDATE entries SET hash = zeroblob(32) WHERE position = 6 ; hash of journal entry 6",
                "DELETE FROM entries WHERE position = 4 ; journal entry 4 is missing",
                "DELETE FROM entries WHERE position = 7 ; signed end of the journal is not its last entry, 6",
                "DELETE FROM heads WHERE position = 7 ; signed end of the journal is not its last entry",
                "UPDATE heads SET signature = zeroblob(64) WHERE position = 7 ; not signed by operator",
                "UPDATE postings SET amount = amount + 1 WHERE position = 1 AND purse = 'FREE' ; journal entry 1 do not sum to zero",
                "DELETE FROM postings WHERE position = 5 AND purse = 'HELD' ; journal entry 5 do not sum to zero",
                "DELETE FROM postings WHERE position = 1 ; world outside",
                "UPDATE accounts SET free = free + 1 WHERE free > 5000 ; free credits of account",
                "UPDATE jobs SET remaining = remaining - 1 WHERE remaining = 40 ; remainder of job",
                "UPDATE jobs SET held = held + 5 WHERE held > 0 ; held share of job",
                "UPDATE accounts SET locked = locked + 5 WHERE locked > 0 ; locked credits of account",
                "UPDATE accounts SET held = held + 5 WHERE held > 0 ; held credits of account",
                "UPDATE ledger SET outside = outside - 1 ; world outside"
            })
    void aDamagedLedgerIsRefusedByName(String damage, String said) throws SQLException {
        scene.tamper(damage);
        String message = Scene.refused(ErrorCode.INTERNAL, scene::start);
        assertThat(message).contains("the ledger is damaged").contains(said).contains("restore");
        Scene.refused(ErrorCode.INTERNAL, scene::audit);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "UPDATE jobs SET refund_after = refund_after + 1 ; refund_after",
                "UPDATE jobs SET price = 61 WHERE price = 60 ; price",
                "UPDATE jobs SET terms = zeroblob(248) WHERE price = 60 ; terms",
                "DELETE FROM paid ; payment of job",
                "UPDATE paid SET by_orchestrator = 1 ; by_orchestrator",
                "UPDATE approvals SET spent = 1 ; spent",
                "UPDATE approvals SET revoked = 1 ; revoked",
                "UPDATE workers SET reputation = 10000 ; reputation",
                "UPDATE accounts SET sequence = 0 WHERE sequence = 1 ; sequence",
                "DELETE FROM writes WHERE position = 5 ; write of signer",
                "DELETE FROM deposits ; deposit",
                "INSERT INTO deposits VALUES ('never', 1) ; never",
                "UPDATE entries SET label = 'refund' WHERE position = 5 ; label"
            })
    void theAuditSeesWhatTheStartDoesNot(String damage, String said) throws SQLException {
        scene.tamper(damage);
        assertThat(Scene.refused(ErrorCode.INTERNAL, scene::audit)).contains(said);
    }

    @Test
    void anUnsignedOperationDoesNotPassTheAudit() throws SQLException {
        Bytes stolen = new LedgerOperation.Deposit(Scene.WORKER.account(), 1_000, "forged").encode();
        forge(id -> new SignedOperation(
                Scene.write("forged"),
                stolen,
                List.of(new SignedOperation.Signature(Scene.OPERATOR.account(), Bytes.zeros(64)))));
        assertThat(Scene.refused(ErrorCode.INTERNAL, scene::audit))
                .contains("journal entry 8")
                .contains("FORBIDDEN");
    }

    @Test
    void anOperationAgainstTheRulesDoesNotPassTheAudit() throws SQLException {
        forge(id -> SignedOperation.of(
                id,
                Scene.write("forged"),
                new LedgerOperation.Deposit(Scene.WORKER.account(), 1_000, "wire"),
                Scene.OPERATOR));
        assertThat(Scene.refused(ErrorCode.INTERNAL, scene::audit))
                .contains("journal entry 8")
                .contains("CONFLICT");
    }

    private interface Forgery {
        SignedOperation of(LedgerId ledger);
    }

    /** What an operator could do that has its key and its file: append an entry with a right hash and a right head. */
    private void forge(Forgery forgery) throws SQLException {
        try (Store store = new Store(Database.open(scene.database()))) {
            Store.LedgerRow row = store.ledger();
            assertThat(row).isNotNull();
            LedgerId id = LedgerId.embedded(row.operator(), row.random());
            Bytes body = new JournalBody.Operation(forgery.of(id)).encode();
            Journal.Head head = store.head();
            Journal.Head next = Journal.append(id, head, head.time(), body);
            store.add(new Store.EntryRow(next, "deposit", null, body), JournalBody.OPERATION);
            store.addHead(next.index(), Scene.OPERATOR.sign(Journal.signed(id, next)));
            store.sql.commit();
        }
        // Hashes, signatures of heads and sums all hold, so the start finds nothing.
        scene.start().close();
    }

    @Test
    void aLongerExtensionThanTheDowntimeDoesNotPassTheAudit() throws SQLException {
        try (Store store = new Store(Database.open(scene.database()))) {
            Bookkeeper keeper = Bookkeeper.load(store);
            assertThat(keeper).isNotNull();
            long before = keeper.head().time() - Duration.ofHours(1).toSeconds();
            keeper.resume(before, keeper.head().time());
            keeper.prepare(Scene.OPERATOR);
            keeper.commit();
        }
        assertThat(Scene.refused(ErrorCode.INTERNAL, scene::audit))
                .contains("journal entry 8")
                .contains("extends");
    }
}

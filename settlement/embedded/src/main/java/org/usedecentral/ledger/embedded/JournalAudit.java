package org.usedecentral.ledger.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.usedecentral.crypto.Ed25519;
import org.usedecentral.spi.Base58;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.proof.ProofScheme;
import org.usedecentral.spi.protocol.LedgerId;

/**
 * Replays a ledger's journal from its first entry into an empty ledger and compares the two: every hash, every signature and proof, every
 * rule, the node's signature of every commit, every balance. It reads one moment of the ledger, which may be in use meanwhile.
 * One thread; most of the time goes into signatures, a few hundred microseconds an operation.
 */
public final class JournalAudit {
    /** Entries that the copy commits at once. */
    private static final int BATCH = 1_000;

    /** What follows from the journal, with an order that both sides share. The heartbeat and the signed heads do not. */
    private static final String[] TABLES = {
        "SELECT 'ledger' AS part, operator, random, settings, outside FROM ledger",
        "SELECT 'journal entry' AS part, * FROM entries ORDER BY position",
        "SELECT 'posting' AS part, * FROM postings ORDER BY position, purse, owner",
        "SELECT 'account' AS part, * FROM accounts ORDER BY account",
        "SELECT 'approval' AS part, * FROM approvals ORDER BY payer, spender",
        "SELECT 'worker' AS part, * FROM workers ORDER BY worker",
        "SELECT 'job' AS part, * FROM jobs ORDER BY id",
        "SELECT 'payment of job' AS part, * FROM paid ORDER BY job, slot",
        "SELECT 'write of signer' AS part, * FROM writes ORDER BY signer, write",
        "SELECT 'deposit' AS part, * FROM deposits ORDER BY reference"
    };

    private final Store live;
    private final Store copy;
    private final ProofScheme scheme;
    private @Nullable Bookkeeper keeper;
    private @Nullable Verifier verifier;
    private long commits;
    private long signed = -1;

    private JournalAudit(Store live, Store copy, ProofScheme scheme) {
        this.live = live;
        this.copy = copy;
        this.scheme = scheme;
    }

    /**
     * What was found in order.
     *
     * @param head the hash of the last entry, base58: who kept an earlier receipt finds its hash in the same journal
     */
    public record Report(LedgerId ledger, long entries, long commits, String head) {}

    /**
     * Audits an embedded ledger.
     *
     * @param ledger its folder, which is that of the plugin's name in the data directory, or the database in it
     * @throws DecentralException {@code INTERNAL} naming the first thing that is wrong; {@code NOT_FOUND} if there is no such file,
     *     {@code UNAVAILABLE} if it cannot be read
     */
    public static Report verify(Path ledger, ProofScheme scheme) {
        Path database = Files.isDirectory(ledger) ? ledger.resolve(EmbeddedLedger.FILE) : ledger;
        if (!Files.isRegularFile(database)) {
            throw new DecentralException(ErrorCode.NOT_FOUND, "there is no ledger " + database);
        }
        try {
            Path folder = Files.createTempDirectory("decentral-audit");
            Path scratch = folder.resolve("copy.db");
            try (Store live = new Store(Database.read(database));
                    Store copy = new Store(Database.scratch(scratch))) {
                return new JournalAudit(live, copy, scheme).run();
            } finally {
                Files.deleteIfExists(folder.resolve("copy.db-journal"));
                Files.deleteIfExists(scratch);
                Files.deleteIfExists(folder);
            }
        } catch (IOException | SQLException e) {
            throw new DecentralException(
                    ErrorCode.UNAVAILABLE, "the ledger " + database + " cannot be audited: " + e.getMessage(), e);
        }
    }

    private Report run() throws SQLException {
        SelfCheck.verify(live);
        live.sql.each(
                "SELECT e.position, e.hash, e.time, e.body, h.signature FROM entries e"
                        + " LEFT JOIN heads h ON h.position = e.position ORDER BY e.position",
                this::replay);
        Bookkeeper done = keeper;
        if (done == null) {
            throw Damage.of("its journal is empty");
        }
        done.prepare(null);
        done.commit();
        if (signed != done.head().index()) {
            throw Damage.of("the journal goes on after entry " + signed + ", the last that the node signed");
        }
        for (String table : TABLES) {
            compare(table);
        }
        return new Report(
                done.ledger(),
                done.head().index() + 1,
                commits,
                Base58.encode(done.head().hash()));
    }

    private void replay(ResultSet row) throws SQLException {
        long position = row.getLong("position");
        Bookkeeper replayed;
        try {
            replayed = apply(JournalBody.decode(Sql.bytes(row, "body")), row.getLong("time"));
        } catch (DecentralException e) {
            throw new DecentralException(
                    ErrorCode.INTERNAL,
                    "journal entry " + position + " should not be there: " + e.message() + " (" + e.code() + ")",
                    e);
        }
        if (replayed.head().index() != position || !replayed.head().hash().equals(Sql.bytes(row, "hash"))) {
            throw Damage.of("journal entry " + position + " is not what its operation writes");
        }
        Bytes signature = Sql.bytesOrNull(row, "signature");
        if (signature != null) {
            if (!Ed25519.verify(replayed.operator(), Journal.signed(replayed.ledger(), replayed.head()), signature)) {
                throw Damage.of("the commit that ends with journal entry " + position + " is not signed by operator "
                        + replayed.operator());
            }
            signed = position;
            commits++;
        }
        if (position % BATCH == BATCH - 1) {
            replayed.prepare(null);
            replayed.commit();
        }
    }

    private Bookkeeper apply(JournalBody body, long time) throws SQLException {
        Bookkeeper current = keeper;
        if (current == null) {
            if (!(body instanceof JournalBody.Genesis genesis)) {
                throw Damage.of("the first journal entry does not begin a ledger");
            }
            current = Bookkeeper.create(copy, genesis, time);
            keeper = current;
            verifier = new Verifier(current.ledger(), genesis.operator(), scheme);
            return current;
        }
        switch (body) {
            case JournalBody.Genesis ignored -> throw Damage.of("it begins a second time");
            case JournalBody.Change(Settings settings) -> current.change(settings, time);
            case JournalBody.Resume(long heartbeat) -> {
                if (heartbeat < current.head().time() || heartbeat > time) {
                    throw Damage.of("it extends deadlines from " + heartbeat + ", which is not the time before it");
                }
                current.resume(heartbeat, time);
            }
            case JournalBody.Operation operation -> apply(current, operation, time);
        }
        return current;
    }

    private void apply(Bookkeeper current, JournalBody.Operation operation, long time) throws SQLException {
        Verified verified = Objects.requireNonNull(verifier).verify(operation.signed(), job -> {
            try {
                JobRow row = current.book().job(job);
                return Optional.ofNullable(row).map(JobRow::terms);
            } catch (SQLException e) {
                throw new DecentralException(ErrorCode.UNAVAILABLE, "the copy cannot be read: " + e.getMessage(), e);
            }
        });
        long before = current.head().index();
        if (current.apply(verified, time).position() != before + 1) {
            throw Damage.of("it repeats a write");
        }
    }

    private void compare(String table) throws SQLException {
        try (ResultSet actual = live.sql.open(table);
                ResultSet expected = copy.sql.open(table)) {
            while (true) {
                boolean more = actual.next();
                if (more != expected.next()) {
                    ResultSet longer = more ? actual : expected;
                    throw Damage.of(name(longer) + (more ? " is in no journal entry" : " is missing"));
                }
                if (!more) {
                    return;
                }
                for (int i = 2; i <= actual.getMetaData().getColumnCount(); i++) {
                    if (!Objects.deepEquals(actual.getObject(i), expected.getObject(i))) {
                        throw Damage.of(
                                name(actual) + " has " + actual.getMetaData().getColumnName(i) + " " + text(actual, i)
                                        + ", the journal makes it " + text(expected, i));
                    }
                }
            }
        }
    }

    /** The part of the ledger a row is of, and its key. */
    private static String name(ResultSet row) throws SQLException {
        return row.getString(1) + " " + text(row, 2);
    }

    private static String text(ResultSet row, int column) throws SQLException {
        Object value = row.getObject(column);
        if (value instanceof byte[] bytes) {
            return bytes.length <= 64
                    ? Base58.encode(Bytes.of(bytes))
                    : Bytes.of(bytes).toString();
        }
        return String.valueOf(value);
    }
}

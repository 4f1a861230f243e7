package org.usedecentral.ledger.embedded;

import java.sql.SQLException;
import org.usedecentral.crypto.Ed25519;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.Base58;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.protocol.LedgerId;

/**
 * What must hold before a ledger takes writes: the journal's hashes, the node's signature of its end, and that every balance is the sum
 * of its postings. It reads all of the journal and the postings; {@link JournalAudit} also checks every signature and rule. Stateless.
 */
final class SelfCheck {
    private SelfCheck() {}

    /** Throws {@code INTERNAL}, saying what does not hold. */
    static void verify(Store store) throws SQLException {
        Store.LedgerRow ledger = store.ledger();
        if (ledger == null) {
            throw Damage.of("it has no row about itself");
        }
        LedgerId id = LedgerId.embedded(ledger.operator(), ledger.random());
        Journal.Head head = chain(store, id);
        end(store, id, ledger.operator(), head);
        operations(store);
        balances(store);
        conservation(store, ledger.outside());
    }

    private static Journal.Head chain(Store store, LedgerId id) throws SQLException {
        Journal.Head[] head = {Journal.Head.NONE};
        store.sql.each("SELECT position, hash, time, body FROM entries ORDER BY position", row -> {
            Journal.Head next = Journal.append(id, head[0], row.getLong("time"), Sql.bytes(row, "body"));
            if (row.getLong("position") != next.index()) {
                throw Damage.of("journal entry " + next.index() + " is missing");
            }
            if (!Sql.bytes(row, "hash").equals(next.hash())) {
                throw Damage.of("the hash of journal entry " + next.index() + " is not that of its content");
            }
            if (next.time() < head[0].time()) {
                throw Damage.of("journal entry " + next.index() + " is earlier than the one before it");
            }
            head[0] = next;
        });
        return head[0];
    }

    private static void end(Store store, LedgerId id, Account operator, Journal.Head head) throws SQLException {
        String text = "SELECT signature FROM heads WHERE position = (SELECT max(position) FROM heads) AND position = ?";
        Bytes signature = store.sql.first(text, row -> Sql.bytes(row, "signature"), head.index());
        if (signature == null) {
            throw Damage.of("the signed end of the journal is not its last entry, " + head.index());
        }
        if (!Ed25519.verify(operator, Journal.signed(id, head), signature)) {
            throw Damage.of(
                    "the end of the journal, entry " + head.index() + ", is not signed by operator " + operator);
        }
    }

    private static void operations(Store store) throws SQLException {
        Long position = store.sql.first(
                "SELECT position FROM postings GROUP BY position HAVING sum(amount) <> 0 LIMIT 1",
                row -> row.getLong("position"));
        if (position != null) {
            throw Damage.of("the postings of journal entry " + position + " do not sum to zero");
        }
    }

    /** A balance, the query that compares it with what it must be, and what it is called. */
    private record Balance(String name, String actual, String expected) {
        private static final String POSTED = "SELECT owner AS key, sum(amount) AS value FROM postings WHERE purse = '";

        static Balance posted(String name, String actual, Purse.Kind purse) {
            return new Balance(name, actual, POSTED + purse + "' GROUP BY owner");
        }

        String query() {
            // Grouped, for SQLite would join the two by looking at every pair.
            return "SELECT key, sum(actual) AS actual, sum(expected) AS expected FROM ("
                    + "SELECT key, value AS actual, 0 AS expected FROM (" + actual + ")"
                    + " UNION ALL SELECT key, 0, value FROM (" + expected + "))"
                    + " GROUP BY key HAVING sum(actual) <> sum(expected) LIMIT 1";
        }
    }

    private static final Balance[] BALANCES = {
        Balance.posted(
                "the world outside's balance", "SELECT x'' AS key, outside AS value FROM ledger", Purse.Kind.OUTSIDE),
        Balance.posted(
                "the free credits of account", "SELECT account AS key, free AS value FROM accounts", Purse.Kind.FREE),
        Balance.posted("the remainder of job", "SELECT id AS key, remaining AS value FROM jobs", Purse.Kind.ESCROW),
        Balance.posted("the held share of job", "SELECT id AS key, held AS value FROM jobs", Purse.Kind.HELD),
        new Balance(
                "the locked credits of account",
                "SELECT account AS key, locked AS value FROM accounts",
                "SELECT payer AS key, sum(remaining) AS value FROM jobs WHERE remaining > 0 GROUP BY payer"),
        new Balance(
                "the held credits of account",
                "SELECT account AS key, held AS value FROM accounts",
                "SELECT payout AS key, sum(held) AS value FROM jobs WHERE held > 0 GROUP BY payout")
    };

    private static void balances(Store store) throws SQLException {
        for (Balance balance : BALANCES) {
            store.sql.each(balance.query(), row -> {
                throw Damage.of(balance.name() + " " + Base58.encode(Sql.bytes(row, "key")) + " is "
                        + row.getLong("actual") + " and should be " + row.getLong("expected"));
            });
        }
    }

    private static void conservation(Store store, long outside) throws SQLException {
        Long inside = store.sql.first(
                "SELECT (SELECT coalesce(sum(free), 0) FROM accounts)"
                        + " + (SELECT coalesce(sum(remaining + held), 0) FROM jobs) AS inside",
                row -> row.getLong("inside"));
        if (inside == null || inside + outside != 0) {
            throw Damage.of("credits of " + inside + " base units exist, and " + -outside + " came in");
        }
    }
}

package org.usedecentral.ledger.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.PluginContext;
import org.usedecentral.spi.ledger.Committed;
import org.usedecentral.spi.ledger.CreditAccounts;
import org.usedecentral.spi.ledger.Escrows;
import org.usedecentral.spi.ledger.LedgerEvents;
import org.usedecentral.spi.ledger.Parameters;
import org.usedecentral.spi.ledger.SettlementLedger;
import org.usedecentral.spi.ledger.WorkerAccounts;
import org.usedecentral.spi.proof.ProofScheme;
import org.usedecentral.spi.protocol.LedgerId;
import org.usedecentral.spi.protocol.SignedOperation;

/**
 * A ledger in an SQLite file in the node's data directory, with the rules of docs/protocol.md, section 6, but for stakes and disputes.
 * The node is its operator: it alone credits deposits and pays withdrawals out, so whoever deposits trusts it as a custodian. What it
 * cannot do unseen is change the past: every entry's hash covers the one before, and the node signs each commit. Thread-safe.
 */
final class EmbeddedLedger implements SettlementLedger {
    /** The only scheme whose proofs this ledger takes. */
    static final String PROOF_ALGORITHM = "sha256-ed25519/1";

    /** The database inside the ledger's folder. */
    static final String FILE = "ledger.db";

    private static final System.Logger LOGGER = System.getLogger(EmbeddedLedger.class.getName());

    private final String name;
    private final EmbeddedLedgerConfig config;
    private @Nullable FolderLock folder;
    private volatile @Nullable Running running;

    EmbeddedLedger(String name, EmbeddedLedgerConfig config) {
        this.name = name;
        this.config = config;
    }

    /** What exists between start and close. */
    private record Running(Identity identity, Verifier verifier, Writer writer, Readers readers, EventFeeds feeds) {}

    /** What does not change while the node runs. */
    private record Identity(LedgerId id, Parameters parameters, LedgerTime time) {}

    @Override
    public String name() {
        return name;
    }

    @Override
    public String type() {
        return EmbeddedLedgerProvider.TYPE;
    }

    @Override
    public void start(PluginContext context) {
        ProofScheme scheme = ProofScheme.of(context, PROOF_ALGORITHM);
        Path path = context.dataDirectory().resolve(name);
        try {
            Files.createDirectories(path);
            folder = FolderLock.take(path);
            open(path.resolve(FILE), scheme, context);
        } catch (IOException e) {
            throw new DecentralException(
                    ErrorCode.UNAVAILABLE, "the ledger's folder " + path + " cannot be used: " + e, e);
        } catch (SQLException e) {
            throw new DecentralException(
                    ErrorCode.UNAVAILABLE,
                    "the ledger " + path.resolve(FILE) + " cannot be opened (" + e.getMessage()
                            + "): check the disk, or restore the folder from a backup",
                    e);
        }
    }

    private void open(Path file, ProofScheme scheme, PluginContext context) throws SQLException {
        Store store = new Store(Database.open(file));
        try {
            Bookkeeper keeper = Bookkeeper.load(store);
            LedgerTime time;
            if (keeper == null) {
                time = new LedgerTime(context.clock(), 0);
                keeper = create(store, context, time);
            } else {
                SelfCheck.verify(store);
                time = new LedgerTime(context.clock(), keeper.heartbeat());
                resume(keeper, store, context, time);
            }
            run(file, keeper, scheme, context, time);
        } catch (SQLException | RuntimeException e) {
            if (running == null) {
                store.close();
            }
            throw e;
        }
    }

    private Bookkeeper create(Store store, PluginContext context, LedgerTime time) throws SQLException {
        byte[] random = new byte[32];
        new SecureRandom().nextBytes(random);
        Account operator = context.signer().account();
        JournalBody.Genesis genesis = new JournalBody.Genesis(operator, Bytes.of(random), config.settings(operator));
        Bookkeeper keeper = Bookkeeper.create(store, genesis, time.now());
        keeper.prepare(context.signer());
        keeper.commit();
        return keeper;
    }

    /** Goes on after the node was down: the operator's key, other settings, deadlines. */
    private void resume(Bookkeeper keeper, Store store, PluginContext context, LedgerTime time) throws SQLException {
        Account operator = context.signer().account();
        if (!keeper.operator().equals(operator)) {
            throw new DecentralException(
                    ErrorCode.INVALID_REQUEST,
                    "the ledger belongs to operator " + keeper.operator() + ", this node's key is " + operator
                            + ": start with that key, or set another data directory");
        }
        long heartbeat = keeper.heartbeat();
        long now = time.now();
        if (now > heartbeat && store.anyDeadlineFrom(heartbeat)) {
            keeper.resume(heartbeat, now);
        }
        Settings settings = config.settings(operator);
        if (!keeper.settings().equals(settings)) {
            keeper.change(settings, now);
        }
        keeper.beat(now);
        keeper.prepare(context.signer());
        keeper.commit();
    }

    private void run(Path file, Bookkeeper keeper, ProofScheme scheme, PluginContext context, LedgerTime time)
            throws SQLException {
        LedgerId id = keeper.ledger();
        Identity identity = new Identity(id, config.parameters(), time);
        Readers readers = new Readers(file);
        EventFeeds feeds = new EventFeeds(readers, keeper.committed().index());
        Writer.Opener opener = () -> reopen(file);
        Writer writer =
                new Writer(keeper, opener, new Writer.Node(context.signer(), time), config.limits(), feeds::committed);
        running = new Running(identity, new Verifier(id, keeper.operator(), scheme), writer, readers, feeds);
        writer.start();
    }

    private static Bookkeeper reopen(Path file) throws SQLException {
        Store store = new Store(Database.open(file));
        try {
            Bookkeeper keeper = Bookkeeper.load(store);
            if (keeper == null) {
                throw Damage.of("it is empty");
            }
            return keeper;
        } catch (SQLException | RuntimeException e) {
            store.close();
            throw e;
        }
    }

    @Override
    public void close() {
        Running now = running;
        running = null;
        if (now != null) {
            now.feeds().close();
            now.writer().close();
            now.readers().close();
        }
        FolderLock lock = folder;
        folder = null;
        if (lock != null) {
            try {
                lock.close();
            } catch (IOException e) {
                LOGGER.log(System.Logger.Level.WARNING, "the lock of the ledger's folder did not close", e);
            }
        }
    }

    private Running running() {
        Running now = running;
        if (now == null) {
            throw new DecentralException(
                    ErrorCode.UNAVAILABLE, "ledger " + name + " is not running: it was not started, or is closed");
        }
        return now;
    }

    @Override
    public LedgerId id() {
        return running().identity().id();
    }

    @Override
    public Parameters parameters() {
        return running().identity().parameters();
    }

    @Override
    public Instant time() {
        return Instant.ofEpochSecond(running().identity().time().now());
    }

    @Override
    public CreditAccounts credits() {
        return new EmbeddedCredits(this);
    }

    @Override
    public Escrows escrows() {
        return new EmbeddedEscrows(this);
    }

    @Override
    public WorkerAccounts workers() {
        return new EmbeddedWorkers(this);
    }

    @Override
    public LedgerEvents events(long afterPosition) {
        return running().feeds().after(afterPosition);
    }

    @Override
    public Committed submit(SignedOperation operation) {
        Running now = running();
        return write(now.verifier()
                .verify(operation, job -> now.readers().read(store -> Optional.ofNullable(store.terms(job)))));
    }

    Committed write(Verified operation) {
        return running().writer().write(operation);
    }

    /** How many operations wait to be written. */
    int waiting() {
        return running().writer().waiting();
    }

    <T> T read(Readers.Query<T> query) {
        return running().readers().read(query);
    }
}

package org.usedecentral.ledger.embedded;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import org.sqlite.SQLiteConfig;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;

/** Opens the SQLite file: durability, schema and its version. Stateless. */
final class Database {
    static final int VERSION = 1;

    private static final int APPLICATION = 1_145_261_105;
    private static final int BUSY_MILLIS = 5_000;
    private static final int CACHE_KIB = 64 * 1024;

    private Database() {}

    /** The connection that writes; the file and its tables are made if they are not there. */
    static Sql open(Path file) throws SQLException {
        SQLiteConfig config = config();
        config.setJournalMode(SQLiteConfig.JournalMode.WAL);
        // Full: a commit has reached the disk when it returns, which is what a confirmed write promises.
        config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
        config.setCacheSize(-CACHE_KIB);
        return new Sql(connect(config, file, true), "BEGIN IMMEDIATE");
    }

    /** A connection that reads what is committed. */
    static Sql read(Path file) throws SQLException {
        return new Sql(connect(config(), file, false), "BEGIN");
    }

    /** A connection to a copy that need not outlive the process. */
    static Sql scratch(Path file) throws SQLException {
        SQLiteConfig config = config();
        config.setJournalMode(SQLiteConfig.JournalMode.MEMORY);
        config.setSynchronous(SQLiteConfig.SynchronousMode.OFF);
        config.setCacheSize(-CACHE_KIB);
        return new Sql(connect(config, file, true), "BEGIN");
    }

    private static SQLiteConfig config() {
        SQLiteConfig config = new SQLiteConfig();
        config.setBusyTimeout(BUSY_MILLIS);
        config.enforceForeignKeys(true);
        config.setGetGeneratedKeys(false);
        return config;
    }

    private static Connection connect(SQLiteConfig config, Path file, boolean create) throws SQLException {
        Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file, config.toProperties());
        try (Statement statement = connection.createStatement()) {
            checkSchema(statement, file, create);
            if (!create) {
                // A guard against our own mistakes: this connection refuses to write.
                run(statement, "PRAGMA query_only = true");
            }
            return connection;
        } catch (SQLException | RuntimeException e) {
            connection.close();
            throw e;
        }
    }

    private static void checkSchema(Statement statement, Path file, boolean create) throws SQLException {
        int version = number(statement, "PRAGMA user_version");
        if (version > VERSION) {
            throw new DecentralException(
                    ErrorCode.UNSUPPORTED_FEATURE,
                    "the ledger " + file + " was written by a newer Decentral (schema " + version
                            + ", this one knows up to " + VERSION + "): run that version, or a later one");
        }
        if (version == VERSION && number(statement, "PRAGMA application_id") == APPLICATION) {
            return;
        }
        if (!create || version != 0 || number(statement, "SELECT count(*) FROM sqlite_schema") != 0) {
            throw new DecentralException(
                    ErrorCode.INVALID_REQUEST,
                    file
                            + " is an SQLite file but not a Decentral ledger: move it away, or set another data directory");
        }
        run(statement, "BEGIN IMMEDIATE");
        for (String text : schema().split(";\\R", -1)) {
            if (!text.isBlank()) {
                run(statement, text);
            }
        }
        run(statement, "COMMIT");
    }

    private static void run(Statement statement, String text) throws SQLException {
        int ignored = statement.executeUpdate(text);
    }

    private static int number(Statement statement, String text) throws SQLException {
        try (ResultSet row = statement.executeQuery(text)) {
            return row.next() ? row.getInt(1) : 0;
        }
    }

    /** The statements that make an empty ledger, without their comments. */
    private static String schema() {
        try (InputStream in = Database.class.getResourceAsStream("schema.sql")) {
            if (in == null) {
                throw new IllegalStateException("schema.sql is missing from the jar");
            }
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            return String.join(
                    "\n",
                    Arrays.stream(text.split("\\R", -1))
                            .filter(line -> !line.startsWith("--"))
                            .toList());
        } catch (IOException e) {
            throw new IllegalStateException("schema.sql cannot be read from the jar", e);
        }
    }
}

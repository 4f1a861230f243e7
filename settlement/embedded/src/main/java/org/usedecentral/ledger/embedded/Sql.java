package org.usedecentral.ledger.embedded;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.usedecentral.spi.Bytes;

/**
 * Runs statements on one connection and keeps them prepared; there are as many as the code has texts. The first statement begins a
 * transaction. One thread at a time.
 *
 * <p>The driver's own transactions are not used: its commit begins the next one at once, which would hold the write lock for ever.
 */
final class Sql implements AutoCloseable {
    /** Reads what a row says. */
    interface Row<T> {
        T read(ResultSet row) throws SQLException;
    }

    /** Takes one row after the other. */
    interface Rows {
        void take(ResultSet row) throws SQLException;
    }

    private final Connection connection;
    private final Map<String, PreparedStatement> prepared = new HashMap<>();

    private final String begin;
    private boolean open;

    /** Takes over a connection that commits by itself; {@code begin} is how its transactions begin. */
    Sql(Connection connection, String begin) {
        this.connection = connection;
        this.begin = begin;
    }

    /** Values are {@link Bytes}, {@link Long}, {@link String}, {@link Boolean} or null. */
    void update(String text, @Nullable Object... values) throws SQLException {
        int ignored = prepare(text, values).executeUpdate();
    }

    <T> @Nullable T first(String text, Row<T> row, @Nullable Object... values) throws SQLException {
        try (ResultSet rows = prepare(text, values).executeQuery()) {
            return rows.next() ? row.read(rows) : null;
        }
    }

    <T> List<T> all(String text, Row<T> row, @Nullable Object... values) throws SQLException {
        List<T> all = new ArrayList<>();
        each(text, rows -> all.add(row.read(rows)), values);
        return all;
    }

    void each(String text, Rows taker, @Nullable Object... values) throws SQLException {
        try (ResultSet rows = prepare(text, values).executeQuery()) {
            while (rows.next()) {
                taker.take(rows);
            }
        }
    }

    /** The rows of a query; the caller closes them. */
    ResultSet open(String text) throws SQLException {
        return prepare(text).executeQuery();
    }

    void commit() throws SQLException {
        end("COMMIT");
    }

    void rollback() throws SQLException {
        end("ROLLBACK");
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }

    private void end(String how) throws SQLException {
        if (open) {
            int ignored = statement(how).executeUpdate();
            open = false;
        }
    }

    private PreparedStatement statement(String text) throws SQLException {
        PreparedStatement statement = prepared.get(text);
        if (statement == null) {
            statement = connection.prepareStatement(text);
            prepared.put(text, statement);
        }
        return statement;
    }

    private PreparedStatement prepare(String text, @Nullable Object... values) throws SQLException {
        if (!open) {
            int ignored = statement(begin).executeUpdate();
            open = true;
        }
        PreparedStatement statement = statement(text);
        for (int i = 0; i < values.length; i++) {
            switch (values[i]) {
                case null -> statement.setObject(i + 1, null);
                case Bytes bytes -> statement.setBytes(i + 1, bytes.toByteArray());
                case Long number -> statement.setLong(i + 1, number);
                case Boolean flag -> statement.setLong(i + 1, flag ? 1 : 0);
                case String string -> statement.setString(i + 1, string);
                default -> throw new IllegalArgumentException("no SQL for " + values[i]);
            }
        }
        return statement;
    }

    static Bytes bytes(ResultSet row, String column) throws SQLException {
        return Bytes.of(row.getBytes(column));
    }

    static @Nullable Bytes bytesOrNull(ResultSet row, String column) throws SQLException {
        byte[] bytes = row.getBytes(column);
        return bytes == null ? null : Bytes.of(bytes);
    }

    static @Nullable Long longOrNull(ResultSet row, String column) throws SQLException {
        long value = row.getLong(column);
        return row.wasNull() ? null : value;
    }
}

package org.usedecentral.worker;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.usedecentral.link.Json;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.protocol.JobId;
import org.usedecentral.spi.protocol.SignedStatement;
import org.usedecentral.spi.protocol.SignedVoucher;
import org.usedecentral.spi.protocol.Voucher;

/**
 * What a worker must not forget: which attempts it took, its one statement about each, and the newest vouchers. A file of JSON lines, appended and
 * synced; shortened when it is opened. Thread-safe.
 */
final class WorkerJournal implements AutoCloseable {
    private static final Duration KEPT = Duration.ofHours(2);
    private static final int MAX_ENTRIES = 200_000;

    private final FileChannel channel;
    private final Map<Key, Line> lines = new LinkedHashMap<>();

    /** One attempt of one job. */
    record Key(JobId job, int attempt) {}

    /** The newest line of an attempt replaces the earlier ones; empty bytes: not there yet. */
    private record Line(JobId job, int attempt, long time, Signed statement, Signed voucher) {}

    private record Signed(Bytes structure, Bytes signature) {
        static final Signed NONE = new Signed(Bytes.empty(), Bytes.empty());
    }

    WorkerJournal(Path directory, Instant now) {
        Path file = directory.resolve("worker.journal");
        try {
            Files.createDirectories(directory);
            load(file, now.minus(KEPT).toEpochMilli());
            Path shortened = file.resolveSibling("worker.journal.tmp");
            try (FileChannel out = FileChannel.open(
                    shortened,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.WRITE,
                    StandardOpenOption.TRUNCATE_EXISTING)) {
                for (Line line : lines.values()) {
                    write(out, line);
                }
                out.force(true);
            }
            Files.move(shortened, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            this.channel = FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException("the worker's journal " + file + " cannot be opened", e);
        }
    }

    /** Takes an attempt, once for ever; {@code CONFLICT} if it was taken before. */
    synchronized void begin(Key key, Instant now) {
        if (lines.containsKey(key)) {
            throw new DecentralException(ErrorCode.CONFLICT, "this attempt was taken before");
        }
        if (lines.size() >= MAX_ENTRIES) {
            long horizon = now.minus(KEPT).toEpochMilli();
            lines.values().removeIf(line -> line.time() < horizon);
        }
        append(new Line(key.job(), key.attempt(), now.toEpochMilli(), Signed.NONE, Signed.NONE), true);
    }

    /** Keeps the statement about an attempt, before it is sent. */
    synchronized void stated(Key key, SignedStatement signed) {
        Line line = line(key);
        if (!line.statement().equals(Signed.NONE)) {
            throw new DecentralException(ErrorCode.CONFLICT, "this attempt has its statement already");
        }
        Signed statement = new Signed(signed.statement().encoded(), signed.signature());
        append(new Line(line.job(), line.attempt(), line.time(), statement, line.voucher()), true);
    }

    /** Keeps a newer voucher; what a crash takes of it is one interval at most. */
    synchronized void vouched(Key key, SignedVoucher signed) {
        Line line = line(key);
        Signed voucher = new Signed(signed.voucher().encoded(), signed.signature());
        append(new Line(line.job(), line.attempt(), line.time(), line.statement(), voucher), false);
    }

    /** Vouchers that an earlier run may not have cashed. */
    synchronized List<SignedVoucher> vouchers() {
        return lines.values().stream()
                .filter(line -> !line.voucher().equals(Signed.NONE))
                .map(line -> new SignedVoucher(
                        Voucher.decode(line.voucher().structure()),
                        line.voucher().signature()))
                .toList();
    }

    private Line line(Key key) {
        return Optional.ofNullable(lines.get(key)).orElseThrow(() -> new IllegalStateException("not begun: " + key));
    }

    private void append(Line line, boolean sync) {
        lines.put(new Key(line.job(), line.attempt()), line);
        try {
            write(channel, line);
            if (sync) {
                channel.force(false);
            }
        } catch (IOException e) {
            throw new DecentralException(ErrorCode.UNAVAILABLE, "the worker's journal cannot be written: " + e, e);
        }
    }

    private static void write(FileChannel out, Line line) throws IOException {
        var buffer = Bytes.concat(Json.write(line), Bytes.utf8("\n")).asBuffer();
        while (buffer.hasRemaining()) {
            int written = out.write(buffer);
            if (written <= 0) {
                throw new IOException("nothing was written");
            }
        }
    }

    /** A last line that a crash cut off is dropped. */
    private void load(Path file, long horizon) throws IOException {
        if (!Files.exists(file)) {
            return;
        }
        try (var reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            for (String text = reader.readLine(); text != null; text = reader.readLine()) {
                if (!text.endsWith("}")) {
                    continue;
                }
                Line line = Json.read(Bytes.utf8(text), Line.class);
                if (line.time() >= horizon) {
                    lines.put(new Key(line.job(), line.attempt()), line);
                }
            }
        }
    }

    @Override
    public synchronized void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

package org.usedecentral.worker;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
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
 * synced; shortened to what still matters when it is opened and whenever most of it no longer does. Thread-safe.
 */
final class WorkerJournal implements AutoCloseable {
    private static final Logger LOG = System.getLogger(WorkerJournal.class.getName());

    /** Longer than any job lives: what is older can be neither repeated nor claimed. */
    private static final Duration KEPT = Duration.ofHours(2);

    static final String FILE_NAME = "worker.journal";

    private final Path directory;
    private final Path file;
    private final Limits limits;
    private final Map<Key, Line> lines = new LinkedHashMap<>();
    private FileChannel channel;
    private long length;
    private long shortenAt;
    private boolean torn;

    /** One attempt of one job. */
    record Key(JobId job, int attempt) {}

    /**
     * How much is kept.
     *
     * @param attempts within the time that matters
     * @param slack bytes that may be appended before the file is shortened
     */
    record Limits(int attempts, long slack) {
        static final Limits DEFAULT = new Limits(200_000, 16 << 20);
    }

    /** The newest line of an attempt replaces the earlier ones; empty bytes: not there yet. */
    private record Line(JobId job, int attempt, long time, Signed statement, Signed voucher) {
        Key key() {
            return new Key(job, attempt);
        }
    }

    private record Signed(Bytes structure, Bytes signature) {
        static final Signed NONE = new Signed(Bytes.empty(), Bytes.empty());
    }

    WorkerJournal(Path directory, Instant now) {
        this(directory, now, Limits.DEFAULT);
    }

    WorkerJournal(Path directory, Instant now, Limits limits) {
        this.directory = directory;
        this.file = directory.resolve(FILE_NAME);
        this.limits = limits;
        try {
            Files.createDirectories(directory);
            load(horizon(now));
            this.channel = shorten();
        } catch (IOException e) {
            throw new UncheckedIOException("the worker's journal " + file + " cannot be opened", e);
        }
    }

    /**
     * Takes an attempt, once for ever.
     *
     * @throws DecentralException {@code CONFLICT} if it was taken before, {@code OVERLOADED} if as many as can be remembered were taken lately
     */
    synchronized void begin(Key key, Instant now) {
        if (lines.containsKey(key)) {
            throw new DecentralException(ErrorCode.CONFLICT, "this attempt was taken before");
        }
        if (lines.size() >= limits.attempts()) {
            long horizon = horizon(now);
            lines.values().removeIf(line -> line.time() < horizon);
        }
        if (lines.size() >= limits.attempts()) {
            throw new DecentralException(
                    ErrorCode.OVERLOADED, "this worker took its " + limits.attempts() + " attempts of two hours");
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

    /** Attempts that matter still. */
    synchronized int attempts() {
        return lines.size();
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

    private static long horizon(Instant now) {
        return now.minus(KEPT).toEpochMilli();
    }

    private void append(Line line, boolean sync) {
        lines.put(line.key(), line);
        try {
            if (length >= shortenAt) {
                FileChannel old = channel;
                channel = shorten();
                old.close();
                return;
            }
            // A line that a full disk cut off must not swallow the one after it.
            Bytes text = Bytes.concat(Bytes.utf8(torn ? "\n" : ""), text(line));
            torn = true;
            write(channel, text);
            torn = false;
            length += text.length();
            if (sync) {
                channel.force(false);
            }
        } catch (IOException e) {
            throw new DecentralException(ErrorCode.UNAVAILABLE, "the worker's journal cannot be written: " + e, e);
        }
    }

    private static Bytes text(Line line) {
        return Bytes.concat(Json.write(line), Bytes.utf8("\n"));
    }

    private static void write(FileChannel out, Bytes text) throws IOException {
        ByteBuffer buffer = text.asBuffer();
        while (buffer.hasRemaining()) {
            int written = out.write(buffer);
            if (written <= 0) {
                throw new IOException("nothing was written");
            }
        }
    }

    /** Writes every line anew, the newest of each attempt alone, and puts that file in place of the old one. */
    private FileChannel shorten() throws IOException {
        Path shortened = file.resolveSibling("worker.journal.tmp");
        long written = 0;
        try (FileChannel out = FileChannel.open(
                shortened, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            for (Line line : lines.values()) {
                Bytes text = text(line);
                write(out, text);
                written += text.length();
            }
            out.force(true);
        }
        Files.move(shortened, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        // Without this a power failure could bring the old file back, and with it attempts that were taken since.
        try (FileChannel folder = FileChannel.open(directory, StandardOpenOption.READ)) {
            folder.force(true);
        }
        length = written;
        shortenAt = 2 * written + limits.slack();
        torn = false;
        return FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.APPEND);
    }

    /**
     * Reads what an earlier run left. A line that cannot be read is one that a crash or a full disk cut off: nothing was answered on its strength, so it
     * is passed over.
     */
    private void load(long horizon) throws IOException {
        if (!Files.exists(file)) {
            return;
        }
        int number = 0;
        try (var reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            for (String text = reader.readLine(); text != null; text = reader.readLine()) {
                number++;
                if (!text.isBlank()) {
                    load(number, text, horizon);
                }
            }
        }
    }

    private void load(int number, String text, long horizon) {
        try {
            Line line = Json.read(Bytes.utf8(text), Line.class);
            if (line.time() >= horizon) {
                lines.put(line.key(), line);
            }
        } catch (DecentralException e) {
            LOG.log(Level.WARNING, "line {0} of {1} was cut off: {2}", number, file, e.message());
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

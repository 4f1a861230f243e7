package org.usedecentral.engine;

import java.io.BufferedReader;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/** What is kept of engine hosts that ended unasked: {@code engines/crashes/<time>-<name>.txt} in the data directory, the newest of them, beside the JVM's own files. Thread-safe. */
public final class CrashRecords {
    private static final Logger LOG = System.getLogger(CrashRecords.class.getName());
    private static final int KEPT = 20;
    private static final int SIGNALLED = 128;
    private static final int HEADER_LINES = 40;
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss.SSS'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);
    private static final Map<Integer, String> SIGNALS = Map.of(
            4, "SIGILL", 6, "SIGABRT", 7, "SIGBUS", 8, "SIGFPE", 9, "SIGKILL", 11, "SIGSEGV", 15, "SIGTERM", 31,
            "SIGSYS");

    private final Path folder;

    private CrashRecords(Path folder) {
        this.folder = folder;
    }

    /**
     * One record.
     *
     * @param cause in one line
     */
    public record Crash(Path file, Instant time, String engine, String cause) {}

    /**
     * The records of a node.
     *
     * @param dataDirectory the node's; the folder in it need not be there yet
     */
    public static CrashRecords of(Path dataDirectory) {
        return new CrashRecords(dataDirectory.resolve("engines").resolve("crashes"));
    }

    /** The same, with its folder made. */
    static CrashRecords in(Path dataDirectory) throws IOException {
        CrashRecords records = of(dataDirectory.toAbsolutePath());
        Files.createDirectories(records.folder);
        return records;
    }

    Path folder() {
        return folder;
    }

    /** What an exit code means, with what the JVM wrote of the crash. */
    String cause(long pid, int exitCode) {
        String how = exitCode > SIGNALLED
                ? "killed by " + SIGNALS.getOrDefault(exitCode - SIGNALLED, "signal " + (exitCode - SIGNALLED))
                : "exit code " + exitCode;
        if (exitCode == SIGNALLED + 9) {
            how += " (the system does so when memory runs out)";
        }
        Path fatal = fatal(pid);
        return Files.exists(fatal) ? headline(fatal, how) : how;
    }

    private Path fatal(long pid) {
        return folder.resolve("hs_err_" + pid + ".log");
    }

    /** The signal and the frame in which it came. */
    private static String headline(Path fatal, String how) {
        String signal = how;
        String frame = "";
        try (BufferedReader in = Files.newBufferedReader(fatal, StandardCharsets.UTF_8)) {
            boolean frameNext = false;
            List<String> header = in.lines().limit(HEADER_LINES).toList();
            for (String line : header) {
                String text = line.replaceFirst("^#\\s*", "").strip();
                if (text.startsWith("SIG") || text.startsWith("Internal Error")) {
                    signal = text.replaceFirst(" at pc=.*", "");
                }
                if (frameNext && !text.isEmpty()) {
                    frame = " in " + text;
                }
                frameNext = text.startsWith("Problematic frame");
            }
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "the JVM's crash file cannot be read", e);
        }
        return signal + frame;
    }

    /** Writes a record and forgets the oldest ones. */
    void write(Instant time, String engine, String cause, HostLaunch ended) {
        StringBuilder text = new StringBuilder();
        text.append("time    ").append(time).append('\n');
        text.append("engine  ").append(engine).append('\n');
        text.append("cause   ").append(cause.replaceAll("\\s+", " ")).append('\n');
        text.append("pid     ").append(ended.pid()).append('\n');
        Path fatal = fatal(ended.pid());
        text.append("jvm     ")
                .append(Files.exists(fatal) ? fatal.toString() : "wrote nothing")
                .append('\n');
        text.append("\nits last lines:\n");
        ended.output().lastLines().forEach(line -> text.append(line).append('\n'));
        try {
            Files.createDirectories(folder);
            Path file = folder.resolve(TIME.format(time) + "-" + engine.replaceAll("[^A-Za-z0-9._-]", "_") + ".txt");
            Files.writeString(file, text);
            prune(".txt");
            prune(".log");
        } catch (IOException e) {
            LOG.log(Level.WARNING, "no record of the crash of engine {0} is kept: {1}", engine, e.toString());
        }
    }

    private void prune(String suffix) throws IOException {
        List<Path> files;
        try (Stream<Path> all = Files.list(folder)) {
            files = all.filter(file -> file.toString().endsWith(suffix))
                    .sorted(Comparator.comparing(CrashRecords::modified).reversed())
                    .skip(KEPT)
                    .toList();
        }
        for (Path file : files) {
            Files.deleteIfExists(file);
        }
    }

    private static Instant modified(Path file) {
        try {
            return Files.getLastModifiedTime(file).toInstant();
        } catch (IOException e) {
            return Instant.MIN;
        }
    }

    /** The records there are, newest first; those that cannot be read are passed over. */
    public List<Crash> list() {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> all = Files.list(folder)) {
            return all.filter(file -> file.toString().endsWith(".txt"))
                    .flatMap(CrashRecords::read)
                    .sorted(Comparator.comparing(Crash::time).reversed())
                    .toList();
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "crash records cannot be listed", e);
            return List.of();
        }
    }

    private static Stream<Crash> read(Path file) {
        try (BufferedReader in = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            List<String> head = in.lines().limit(3).toList();
            if (head.size() < 3) {
                return Stream.empty();
            }
            Instant time = Instant.parse(head.get(0).replaceFirst("^time +", ""));
            return Stream.of(new Crash(
                    file,
                    time,
                    head.get(1).replaceFirst("^engine +", ""),
                    head.get(2).replaceFirst("^cause +", "")));
        } catch (IOException | java.time.format.DateTimeParseException e) {
            LOG.log(Level.DEBUG, "a crash record cannot be read", e);
            return Stream.empty();
        }
    }
}

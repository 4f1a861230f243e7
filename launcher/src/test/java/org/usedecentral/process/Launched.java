package org.usedecentral.process;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A process and all that it says. It is ended in all cases, with what it started: by {@link #close}, and with this JVM if a test does not get
 * that far. Thread-safe.
 */
final class Launched implements AutoCloseable {
    private static final int MAX_LINES = 200_000;
    private static final Duration END_LIMIT = Duration.ofMinutes(1);
    private static final Set<Launched> RUNNING = ConcurrentHashMap.newKeySet();

    static {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> RUNNING.forEach(Launched::end), "end-launched"));
    }

    private final String name;
    private final Process process;
    private final List<Line> lines = new ArrayList<>();
    private int open = 2;

    private record Line(boolean error, String text) {}

    /**
     * What to start.
     *
     * @param name what failures call it
     * @param environment on top of this process's own, less every {@code DECENTRAL_} variable
     */
    record Command(String name, List<String> words, Path directory, Map<String, String> environment) {
        Command {
            words = List.copyOf(words);
            environment = Map.copyOf(environment);
        }
    }

    private Launched(String name, Process process) {
        this.name = name;
        this.process = process;
    }

    static Launched start(Command command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command.words())
                .directory(command.directory().toFile());
        builder.environment().keySet().removeIf(variable -> variable.startsWith("DECENTRAL_"));
        builder.environment().putAll(command.environment());
        Launched launched = new Launched(command.name(), builder.start());
        RUNNING.add(launched);
        launched.read(launched.process.getInputStream(), false);
        launched.read(launched.process.getErrorStream(), true);
        return launched;
    }

    private void read(InputStream stream, boolean error) {
        Thread.ofVirtual().name(name + "-output").start(() -> {
            try (BufferedReader reader = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
                for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                    add(new Line(error, line));
                }
            } catch (IOException e) {
                add(new Line(true, "(its output broke off: " + e + ")"));
            } finally {
                closed();
            }
        });
    }

    private synchronized void add(Line line) {
        if (lines.size() < MAX_LINES) {
            lines.add(line);
        }
        notifyAll();
    }

    private synchronized void closed() {
        open--;
        notifyAll();
    }

    /** How many lines there are: what comes after this is new. */
    synchronized int mark() {
        return lines.size();
    }

    /** The first line that {@code pattern} is found in. */
    Matcher awaitLine(Pattern pattern, Duration limit) throws InterruptedException {
        return awaitLine(0, pattern, limit);
    }

    /** The first such line from a {@linkplain #mark mark} on. */
    synchronized Matcher awaitLine(int mark, Pattern pattern, Duration limit) throws InterruptedException {
        long end = System.nanoTime() + limit.toNanos();
        int next = mark;
        while (true) {
            for (; next < lines.size(); next++) {
                Matcher matcher = pattern.matcher(lines.get(next).text());
                if (matcher.find()) {
                    return matcher;
                }
            }
            long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
            if (open == 0 || left <= 0) {
                throw new AssertionError((open == 0 ? name + " ended" : "not within " + limit + ": " + name)
                        + " without saying " + pattern + "; it said:\n" + tail());
            }
            wait(left);
        }
    }

    /** The lines of one of its outputs so far. */
    private synchronized String text(boolean error) {
        return lines.stream()
                .filter(line -> line.error() == error)
                .map(line -> line.text() + "\n")
                .collect(Collectors.joining());
    }

    String standardOutput() {
        return text(false);
    }

    String standardError() {
        return text(true);
    }

    private synchronized String tail() {
        return lines.subList(Math.max(0, lines.size() - 40), lines.size()).stream()
                .map(Line::text)
                .collect(Collectors.joining("\n"));
    }

    /** Writes a line to its standard input. */
    void tell(String line) throws IOException {
        OutputStream input = process.getOutputStream();
        input.write((line + "\n").getBytes(StandardCharsets.UTF_8));
        input.flush();
    }

    /** Waits for its own end, and for the last of its output. */
    int awaitExit(Duration limit) throws InterruptedException {
        if (!process.waitFor(limit.toNanos(), TimeUnit.NANOSECONDS)) {
            throw new AssertionError(name + " does not end within " + limit + "; it said:\n" + tail());
        }
        awaitOutput();
        RUNNING.remove(this);
        return process.exitValue();
    }

    private synchronized void awaitOutput() throws InterruptedException {
        long end = System.nanoTime() + END_LIMIT.toNanos();
        while (open > 0 && System.nanoTime() < end) {
            wait(100);
        }
    }

    /** SIGTERM, and its exit code. */
    int stop() throws InterruptedException {
        process.toHandle().destroy();
        return awaitExit(END_LIMIT);
    }

    /** Sends a signal such as {@code STOP}. */
    void signal(String signal) throws IOException, InterruptedException {
        int code = new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid()))
                .inheritIO()
                .start()
                .waitFor();
        if (code != 0) {
            throw new AssertionError("kill -" + signal + " of " + name + " fails with " + code);
        }
    }

    /** What it has started whose command line holds {@code part}. */
    List<ProcessHandle> children(String part) {
        return process.descendants()
                .filter(child -> child.info().commandLine().orElse("").contains(part))
                .toList();
    }

    /** SIGKILL, as {@code kill -9} does; returns when it is gone. */
    void kill() throws InterruptedException {
        end();
        awaitExit(END_LIMIT);
    }

    private void end() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.toHandle().destroyForcibly();
    }

    @Override
    public void close() {
        end();
        try {
            awaitExit(END_LIMIT);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public String toString() {
        return name + ":\n" + tail();
    }
}

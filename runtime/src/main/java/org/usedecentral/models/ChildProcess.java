package org.usedecentral.models;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.usedecentral.child.ProcessTree;
import org.usedecentral.models.FetchLimits.Deadline;

/** Runs a program to its end and keeps the last lines it printed. The program and what it started end with the caller's wait. */
final class ChildProcess {
    private static final int KEPT_LINES = 12;
    private static final int KEPT_CHARACTERS = 300;
    private static final long LOOK_MILLIS = 100;
    private static final Duration GRACE = Duration.ofSeconds(2);

    private ChildProcess() {}

    /**
     * What is to be run.
     *
     * @param command program and arguments; no shell is involved
     * @param environment in addition to this process's own
     */
    record Invocation(List<String> command, Path folder, Map<String, String> environment) {}

    /** How it ended: exit code 0 means well. */
    record Outcome(int exitCode, List<String> lastLines) {}

    /** Asked about ten times a second while the program runs. */
    interface Watcher {
        /** Throws to end the program. */
        void look() throws FetchFailure;
    }

    /**
     * Runs it.
     *
     * @throws IOException if the program cannot be started, which mostly means that there is none of that name
     * @throws FetchFailure at the deadline, and what {@code watcher} throws
     */
    static Outcome run(Invocation invocation, Deadline deadline, Watcher watcher)
            throws FetchFailure, IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(invocation.command());
        builder.directory(invocation.folder().toFile()).redirectErrorStream(true);
        builder.environment().putAll(invocation.environment());
        Process process = builder.start();
        Tail tail = new Tail();
        Thread reader = Thread.ofVirtual().name("decentral-child-output").start(() -> tail.readAll(process));
        try {
            // So that a program which asks a question gets an end of file, not silence.
            process.getOutputStream().close();
            while (!process.waitFor(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
                watcher.look();
                if (deadline.passed()) {
                    throw new FetchFailure(invocation.command().getFirst() + " did not finish in time; its last words: "
                            + tail.text());
                }
            }
            // A grandchild may hold the pipe open; the program's own words are there by now.
            boolean _ = reader.join(GRACE);
            return new Outcome(process.exitValue(), tail.lines());
        } finally {
            ProcessTree.end(process);
        }
    }

    /** The last lines of a stream that is read to its end, so that the program never waits for a reader. */
    private static final class Tail {
        private final Deque<String> lines = new ArrayDeque<>();

        void readAll(Process process) {
            try (BufferedReader in =
                    new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
                StringBuilder line = new StringBuilder();
                for (int c = in.read(); c >= 0; c = in.read()) {
                    if (c == '\n' || c == '\r') {
                        add(line);
                    } else if (line.length() < KEPT_CHARACTERS) {
                        line.append((char) c);
                    }
                }
                add(line);
            } catch (IOException e) {
                // The stream breaks when the program is ended; what it said before is kept.
                add(new StringBuilder());
            }
        }

        private synchronized void add(StringBuilder line) {
            String text = line.toString().strip();
            line.setLength(0);
            if (text.isEmpty()) {
                return;
            }
            if (lines.size() == KEPT_LINES) {
                lines.removeFirst();
            }
            lines.addLast(text);
        }

        synchronized List<String> lines() {
            return List.copyOf(lines);
        }

        String text() {
            return String.join(" | ", lines());
        }
    }
}

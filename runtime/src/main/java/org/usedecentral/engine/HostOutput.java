package org.usedecentral.engine;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** What an engine host prints: into the worker's log under the engine's name, at most so much in a while; the last lines are kept for a crash record. */
final class HostOutput {
    private static final Logger LOG = System.getLogger(HostOutput.class.getName());
    private static final int MAX_LINE = 2_000;
    private static final int KEPT = 60;
    private static final int LINES = 100;
    private static final Duration PERIOD = Duration.ofSeconds(10);

    private final String engine;
    private final Clock clock;
    private final Deque<String> last = new ArrayDeque<>();
    private final Thread reader;
    private Instant periodEnd = Instant.MIN;
    private int lines;
    private int dropped;

    HostOutput(String engine, Clock clock, InputStream from) {
        this.engine = engine;
        this.clock = clock;
        this.reader =
                Thread.ofPlatform().daemon().name("decentral-engine-output").unstarted(() -> readAll(from));
        reader.start();
    }

    private void readAll(InputStream from) {
        try (BufferedReader in = new BufferedReader(new InputStreamReader(from, StandardCharsets.UTF_8))) {
            StringBuilder line = new StringBuilder();
            for (int c = in.read(); c >= 0; c = in.read()) {
                if (c == '\n') {
                    add(line);
                } else if (line.length() < MAX_LINE) {
                    line.append((char) c);
                }
            }
            add(line);
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "engine {0}: its output broke off: {1}", engine, e.getMessage());
        }
    }

    private void add(StringBuilder collected) {
        HostLogLine.Read line = HostLogLine.read(collected.toString().stripTrailing());
        collected.setLength(0);
        if (line.text().isEmpty()) {
            return;
        }
        int skipped;
        synchronized (last) {
            if (last.size() == KEPT) {
                last.remove();
            }
            last.add(line.text());
            skipped = skipped();
        }
        if (skipped > 0) {
            LOG.log(Level.WARNING, "engine {0}: {1} lines were left out here", engine, skipped);
        }
        if (skipped >= 0) {
            LOG.log(line.level(), "engine {0}: {1}", engine, line.text());
        }
    }

    /** How many lines were left out before this one; -1: this one is left out too. */
    private int skipped() {
        Instant now = clock.instant();
        if (now.isBefore(periodEnd) && ++lines > LINES) {
            dropped++;
            return -1;
        }
        int before = 0;
        if (!now.isBefore(periodEnd)) {
            periodEnd = now.plus(PERIOD);
            lines = 1;
            before = dropped;
            dropped = 0;
        }
        return before;
    }

    /** The last lines, once the process has ended and all is read, or soon afterwards. */
    List<String> lastLines() {
        try {
            boolean _ = reader.join(Duration.ofSeconds(1));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        synchronized (last) {
            return List.copyOf(last);
        }
    }
}

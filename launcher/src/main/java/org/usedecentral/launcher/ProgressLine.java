package org.usedecentral.launcher;

import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;
import java.util.function.LongSupplier;
import org.usedecentral.spi.models.Progress;

/** Shows how far downloads are: one line that changes where a person looks, else a line now and then. Thread-safe. */
final class ProgressLine implements Progress {
    private static final long REDRAW_NANOS = Duration.ofMillis(100).toNanos();
    private static final long REPEAT_NANOS = Duration.ofSeconds(5).toNanos();
    private static final int WIDTH = 24;

    private final PrintStream err;
    private final boolean interactive;
    private final LongSupplier nanoTime;
    private String what = "";
    private long last;
    private boolean open;

    ProgressLine(Terminal terminal) {
        this(terminal.err(), terminal.interactive().err(), System::nanoTime);
    }

    ProgressLine(PrintStream err, boolean interactive, LongSupplier nanoTime) {
        this.err = err;
        this.interactive = interactive;
        this.nanoTime = nanoTime;
    }

    @Override
    public synchronized void report(String id, long doneBytes, long totalBytes) {
        boolean first = !id.equals(what);
        boolean complete = totalBytes > 0 && doneBytes >= totalBytes;
        long now = nanoTime.getAsLong();
        if (!first && !complete && now - last < (interactive ? REDRAW_NANOS : REPEAT_NANOS)) {
            return;
        }
        if (first) {
            end();
        } else if (complete && !open) {
            return;
        }
        what = id;
        last = now;
        open = !complete;
        String text = text(id, doneBytes, totalBytes);
        if (interactive) {
            err.print("\r" + text + "   " + (complete ? "\n" : ""));
            err.flush();
        } else {
            err.println(text);
        }
    }

    /** Leaves the line that changes, so that others can print. */
    synchronized void end() {
        if (open && interactive) {
            err.println();
        }
        open = false;
    }

    private String text(String id, long done, long total) {
        String amount = total > 0 ? mib(done) + " of " + mib(total) + " MiB" : mib(done) + " MiB";
        if (!interactive || total <= 0) {
            return "fetching " + id + ": " + amount;
        }
        int filled = (int) Math.min(WIDTH, done * WIDTH / total);
        return "fetching " + id + " [" + "#".repeat(filled) + ".".repeat(WIDTH - filled) + "] " + amount;
    }

    private static String mib(long bytes) {
        return String.format(Locale.ROOT, "%.1f", bytes / 1048576.0);
    }
}

package org.usedecentral.launcher;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.logging.Formatter;
import java.util.logging.Level;
import java.util.logging.LogRecord;

/** One line a message: time, level, where from, what. Thread-safe. */
public final class LogLine extends Formatter {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("HH:mm:ss.SSS", Locale.ROOT).withZone(ZoneId.systemDefault());

    @Override
    public String format(LogRecord logged) {
        StringBuilder line = new StringBuilder(128);
        TIME.formatTo(logged.getInstant(), line);
        line.append(' ').append(word(logged.getLevel())).append(' ');
        String name = String.valueOf(logged.getLoggerName());
        line.append(name.substring(name.lastIndexOf('.') + 1)).append(": ");
        // A message that holds a line break must not look like two.
        line.append(formatMessage(logged).replace("\r", "").replace("\n", " | "));
        Throwable thrown = logged.getThrown();
        if (thrown != null && Logging.detail() == Logging.Detail.VERBOSE) {
            StringWriter trace = new StringWriter();
            thrown.printStackTrace(new PrintWriter(trace));
            line.append('\n').append(trace.toString().stripTrailing());
        } else if (thrown != null) {
            line.append(" (").append(thrown.toString().replace('\n', ' ')).append(')');
        }
        return line.append('\n').toString();
    }

    private static String word(Level level) {
        return level.intValue() >= Level.SEVERE.intValue()
                ? "ERROR"
                : level.intValue() >= Level.WARNING.intValue()
                        ? "WARN "
                        : level.intValue() >= Level.INFO.intValue() ? "INFO " : "DEBUG";
    }
}

package org.usedecentral.engine;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.System.Logger.Level;
import java.util.logging.Formatter;
import java.util.logging.LogRecord;

/** A log record of the engine host as lines that begin with their level, so that the worker can tell them from what native code prints. */
public final class HostLogLine extends Formatter {
    private static final char MARK = '\u001f';

    /**
     * A line as the worker reads it.
     *
     * @param level of a log record; INFO for whatever else was printed
     */
    record Read(Level level, String text) {}

    @Override
    public String format(LogRecord record) {
        StringBuilder lines = new StringBuilder();
        String level = record.getLevel().intValue() >= java.util.logging.Level.SEVERE.intValue()
                ? "E"
                : record.getLevel().intValue() >= java.util.logging.Level.WARNING.intValue()
                        ? "W"
                        : record.getLevel().intValue() >= java.util.logging.Level.INFO.intValue() ? "I" : "D";
        String text = formatMessage(record);
        if (record.getThrown() != null) {
            StringWriter trace = new StringWriter();
            record.getThrown().printStackTrace(new PrintWriter(trace, true));
            text += "\n" + trace;
        }
        text.lines()
                .forEach(line -> lines.append(MARK).append(level).append(line).append('\n'));
        return lines.toString();
    }

    static Read read(String line) {
        if (line.length() < 2 || line.charAt(0) != MARK) {
            return new Read(Level.INFO, line);
        }
        Level level = switch (line.charAt(1)) {
            case 'E' -> Level.ERROR;
            case 'W' -> Level.WARNING;
            case 'I' -> Level.INFO;
            default -> Level.DEBUG;
        };
        return new Read(level, line.substring(2));
    }
}

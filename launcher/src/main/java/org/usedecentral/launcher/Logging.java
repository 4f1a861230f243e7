package org.usedecentral.launcher;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.logging.ConsoleHandler;
import java.util.logging.LogManager;

/**
 * The process's logging: one line a message, to standard error. The JDK makes an instance when the first logger is asked for, which is how
 * libraries see that logging is configured and leave it alone.
 */
public final class Logging {
    /** How much is said. */
    enum Detail {
        /** For commands whose output a person reads: what went wrong. */
        QUIET,
        /** For nodes. */
        NORMAL,
        /** For finding out why: also stack traces. */
        VERBOSE
    }

    private static volatile Detail detail = Detail.QUIET;

    /** Called by the JDK. */
    public Logging() throws IOException {
        LogManager.getLogManager()
                .readConfiguration(new ByteArrayInputStream(properties(detail).getBytes(StandardCharsets.ISO_8859_1)));
    }

    static Detail detail() {
        return detail;
    }

    /** Before the first logger is asked for, or again later. */
    static void configure(Detail wanted) {
        detail = wanted;
        System.setProperty("java.util.logging.config.class", Logging.class.getName());
        try {
            LogManager.getLogManager().readConfiguration();
        } catch (IOException e) {
            throw new IllegalStateException("logging is configured from memory", e);
        }
    }

    private static String properties(Detail detail) {
        String handler = ConsoleHandler.class.getName();
        return "handlers=" + handler + "\n"
                + handler + ".level=ALL\n"
                + handler + ".encoding=UTF-8\n"
                + handler + ".formatter=" + LogLine.class.getName() + "\n"
                + switch (detail) {
                    case QUIET -> ".level=SEVERE\norg.usedecentral.level=WARNING\n";
                    case NORMAL -> ".level=WARNING\norg.usedecentral.level=INFO\n";
                    case VERBOSE -> ".level=INFO\norg.usedecentral.level=FINE\n";
                };
    }
}

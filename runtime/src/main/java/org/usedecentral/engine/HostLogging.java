package org.usedecentral.engine;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.logging.ConsoleHandler;
import java.util.logging.LogManager;

/**
 * The engine host's logging: lines to standard error that the worker reads ({@link HostLogLine}). Made by the JDK for the first logger; libraries see that
 * logging is configured and leave it alone.
 */
public final class HostLogging {
    /** The system property with the level of what is logged. */
    static final String LEVEL = "decentral.engine.log-level";

    /** Called by the JDK. */
    public HostLogging() throws IOException {
        String handler = ConsoleHandler.class.getName();
        String properties = "handlers=" + handler + "\n"
                + handler + ".level=ALL\n"
                + handler + ".encoding=UTF-8\n"
                + handler + ".formatter=" + HostLogLine.class.getName() + "\n"
                + ".level=WARNING\norg.usedecentral.level=" + System.getProperty(LEVEL, "INFO") + "\n";
        LogManager.getLogManager()
                .readConfiguration(new ByteArrayInputStream(properties.getBytes(StandardCharsets.ISO_8859_1)));
    }
}

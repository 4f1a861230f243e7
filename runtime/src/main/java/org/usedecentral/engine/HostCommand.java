package org.usedecentral.engine;

import java.io.File;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;

/** The command line of an engine host: this process's java and class path. Stateless. */
final class HostCommand {
    private static final Logger LOG = System.getLogger(EngineHost.class.getName());
    private static final String REMEDY = ": set isolation: none for the backend, which runs it inside this process";

    private HostCommand() {}

    /**
     * Where a host's files lie.
     *
     * @param socket that it connects to
     * @param crashes where the JVM writes what it knows of a crash
     */
    record Places(Path socket, Path crashes) {}

    static List<String> of(String engine, Places places) {
        List<String> words = new ArrayList<>();
        if (!isWindows()) {
            // Signals for the whole group, as from Ctrl-C or a service's stop, are the worker's to act on: it closes
            // the engine when its jobs have ended.
            words.addAll(List.of("/bin/sh", "-c", "trap '' HUP INT TERM; exec \"$@\"", "engine-host"));
        }
        words.add(java().toString());
        words.addAll(List.of(
                "-XX:+UseSerialGC",
                "-Xms32m",
                "-Xmx1g",
                "-Xshare:auto",
                // Its file in the temporary directory would outlive a crash.
                "-XX:-UsePerfData",
                "-XX:+ExitOnOutOfMemoryError",
                "-XX:-CreateCoredumpOnCrash",
                "-XX:ErrorFile=" + places.crashes().resolve("hs_err_%p.log"),
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-Djava.awt.headless=true",
                "-Djava.util.logging.config.class=" + HostLogging.class.getName(),
                "-D" + HostLogging.LEVEL + "=" + (LOG.isLoggable(Level.DEBUG) ? "FINE" : "INFO"),
                "-Ddecentral.engine=" + engine.replaceAll("[^A-Za-z0-9._-]", "_"),
                "-cp",
                System.getProperty("java.class.path", ""),
                EngineHost.class.getName(),
                places.socket().toString(),
                Long.toString(ProcessHandle.current().pid())));
        return words;
    }

    private static boolean isWindows() {
        return System.getProperty("os.name", "").toLowerCase(Locale.ROOT).contains("windows");
    }

    private static Path java() {
        Path java = Path.of(System.getProperty("java.home", ""), "bin", isWindows() ? "java.exe" : "java");
        if (!Files.isExecutable(java)) {
            throw new DecentralException(
                    ErrorCode.INVALID_REQUEST, "an engine host needs " + java + ", which is not there" + REMEDY);
        }
        return java;
    }

    /**
     * Refuses a provider that another process of the same class path would not find, as in a jar of jars or from a class loader of the embedder's.
     *
     * @throws DecentralException {@code INVALID_REQUEST}
     */
    static void requireLoadable(String provider) {
        List<URL> entries = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path", "").split(File.pathSeparator, -1)) {
            if (!entry.isEmpty()) {
                entries.add(url(Path.of(entry)));
            }
        }
        try (URLClassLoader path =
                new URLClassLoader(entries.toArray(URL[]::new), ClassLoader.getPlatformClassLoader())) {
            for (String type : List.of(EngineHost.class.getName(), provider)) {
                if (path.findResource(type.replace('.', '/') + ".class") == null) {
                    throw new DecentralException(
                            ErrorCode.INVALID_REQUEST,
                            "an engine host of this process's class path would not find " + type
                                    + " (it lies in a jar inside a jar, or came with a class loader of its own)"
                                    + REMEDY);
                }
            }
        } catch (IOException e) {
            throw new DecentralException(ErrorCode.INTERNAL, "the class path cannot be closed: " + e, e);
        }
    }

    private static URL url(Path entry) {
        try {
            return entry.toUri().toURL();
        } catch (MalformedURLException e) {
            throw new DecentralException(ErrorCode.INVALID_REQUEST, "class path entry " + entry + REMEDY, e);
        }
    }
}

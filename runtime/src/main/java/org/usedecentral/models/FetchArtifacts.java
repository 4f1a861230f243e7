package org.usedecentral.models;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.models.Progress;

/**
 * Fetches artifacts of the bundled catalogue into the shared cache and writes a properties file that says where they lie: the build's way
 * to hand a real engine and a real model to tests.
 */
public final class FetchArtifacts {
    private static final Logger LOG = System.getLogger(FetchArtifacts.class.getName());

    private FetchArtifacts() {}

    /**
     * The first argument is the properties file to write, each other one {@code property=id}.
     *
     * @throws DecentralException if one of them cannot be had
     */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        if (arguments.length < 2) {
            throw new IllegalArgumentException("FetchArtifacts PROPERTIES_FILE PROPERTY=ID...");
        }
        Path file = Path.of(arguments[0]).toAbsolutePath();
        // With the cache switched off, beside the file: a build folder, kept until it is cleaned.
        Path cache = SharedCache.locate().orElse(file.resolveSibling("artifacts"));
        ArtifactStore store = ArtifactStore.create(Catalogue.bundled(), cache, Optional.empty(), new Tenths());
        List<String> lines = new ArrayList<>();
        for (String argument : List.of(arguments).subList(1, arguments.length)) {
            int equals = argument.indexOf('=');
            if (equals <= 0) {
                throw new IllegalArgumentException("not PROPERTY=ID: " + argument);
            }
            String id = argument.substring(equals + 1);
            Path path = store.fetch(id);
            LOG.log(Level.DEBUG, "{0} is {1}", id, path.toString());
            lines.add(argument.substring(0, equals) + "=" + escaped(path.toString()));
        }
        Files.createDirectories(file.getParent());
        Files.write(file, lines);
    }

    private static String escaped(String value) {
        StringBuilder escaped = new StringBuilder();
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '\\' || c == '=' || c == ':' || c == ' ') {
                escaped.append('\\');
            }
            escaped.append(c);
        }
        return escaped.toString();
    }

    /** Says so every tenth of the way. One thread at a time. */
    private static final class Tenths implements Progress {
        private String what = "";
        private long said = -1;

        @Override
        public synchronized void report(String id, long doneBytes, long totalBytes) {
            long tenth = totalBytes == 0 ? 0 : Math.min(10, doneBytes * 10 / totalBytes);
            if (!id.equals(what) || tenth > said) {
                what = id;
                said = tenth;
                LOG.log(Level.INFO, "fetching {0}: {1} of {2} MiB", id, doneBytes >> 20, totalBytes >> 20);
            }
        }
    }
}

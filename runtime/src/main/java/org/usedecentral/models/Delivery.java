package org.usedecentral.models;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;
import java.util.stream.Stream;
import org.usedecentral.models.CatalogueEntry.Companion;
import org.usedecentral.models.CatalogueEntry.Kind;
import org.usedecentral.spi.models.Progress;

/** Brings the files of an artifact from one of its sources; whether they are the right ones is the caller's to check. Thread-safe. */
final class Delivery {
    private static final long SPARE_BYTES = 64L << 20;
    private static final String DOWNLOAD = "download";

    private final Fetcher.Tools tools;

    /**
     * What a source delivered.
     *
     * @param main the weights, or an engine's archive
     * @param beside by the names of the entry's companions
     * @param ours whether the files were made by this fetch, and go with it
     */
    record Delivered(Path main, Map<String, Path> beside, boolean ours) {}

    Delivery(Fetcher.Tools tools) {
        this.tools = tools;
    }

    /** Whether {@code partial} holds a download that somebody began. */
    static boolean begun(Path partial) {
        return Files.exists(partial.resolve(DOWNLOAD));
    }

    /** Removes all that is in {@code partial} but downloads, which can be resumed, and the folder if it is empty then. */
    static void tidy(Path partial) throws IOException {
        List<Path> rest;
        try (Stream<Path> files = Files.list(partial)) {
            rest = files.filter(file -> !file.getFileName().toString().startsWith(DOWNLOAD))
                    .toList();
        }
        for (Path file : rest) {
            Place.delete(file);
        }
        try (Stream<Path> files = Files.list(partial)) {
            if (files.findAny().isPresent()) {
                return;
            }
        }
        Files.delete(partial);
    }

    /**
     * Gets the files into {@code partial}, which is this fetch's own.
     *
     * @param bytes told of what has arrived of the main file or its package
     */
    Delivered deliver(CatalogueEntry entry, Source source, Path partial, LongConsumer bytes)
            throws FetchFailure, IOException, InterruptedException {
        return switch (source) {
            case Source.LocalFile(Path path) -> {
                Fetcher.requireFile(path);
                requireSpace(partial, entry.kind() == Kind.ENGINE ? entry.storedBytes() : 0);
                yield new Delivered(path, Map.of(), false);
            }
            case Source.Http http -> download(entry, http, partial, bytes);
            case Source.Packaged wanted -> {
                Path folder = partial.resolve("client");
                Place.delete(folder);
                Files.createDirectories(folder);
                try {
                    yield unpacked(entry, wanted, folder, bytes);
                } finally {
                    Place.delete(folder);
                }
            }
        };
    }

    /** A copy of a file of this machine. */
    Delivered copy(CatalogueEntry entry, Path file, Path partial, Progress progress)
            throws FetchFailure, IOException, InterruptedException {
        requireSpace(partial, entry.sizeBytes());
        Path copy = partial.resolve("file");
        byte[] buffer = new byte[1 << 18];
        long done = 0;
        try (InputStream in = Files.newInputStream(file);
                OutputStream out = Files.newOutputStream(copy)) {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                out.write(buffer, 0, n);
                done += n;
                progress.report(entry.id(), Math.min(done, entry.sizeBytes()), entry.sizeBytes());
                if (Thread.interrupted()) {
                    throw new InterruptedException("while copying " + file);
                }
            }
        }
        return new Delivered(copy, Map.of(), true);
    }

    private Delivered download(CatalogueEntry entry, Source.Http source, Path partial, LongConsumer bytes)
            throws FetchFailure, IOException, InterruptedException {
        Path main = partial.resolve(DOWNLOAD);
        long rest = entry.sizeBytes() - (Files.exists(main) ? Files.size(main) : 0);
        long unpacked = entry.kind() == Kind.ENGINE ? entry.storedBytes() : entry.storedBytes() - entry.sizeBytes();
        requireSpace(partial, rest + unpacked);
        Map<String, Path> beside = new LinkedHashMap<>();
        for (Companion companion : entry.beside()) {
            Path file = partial.resolve(DOWNLOAD + "." + companion.name());
            URI url = source.url().resolve(companion.path());
            tools.http().fetch(new Source.Http(url, source.redirectHosts()), file, companion.sizeBytes(), _ -> {});
            beside.put(companion.name(), file);
        }
        tools.http().fetch(source, main, entry.sizeBytes(), bytes);
        return new Delivered(main, beside, true);
    }

    private Delivered unpacked(CatalogueEntry entry, Source.Packaged wanted, Path folder, LongConsumer bytes)
            throws FetchFailure, IOException, InterruptedException {
        long archiveBytes = wanted.inside().isEmpty() ? entry.sizeBytes() : wanted.packageBytes();
        // A client may hold it twice for a moment.
        requireSpace(folder, 2 * archiveBytes + entry.storedBytes());
        Path archive = tools.clients().fetch(wanted, folder, bytes);
        Path main = folder.resolveSibling("file");
        if (wanted.inside().isEmpty()) {
            return new Delivered(Files.move(archive, main, StandardCopyOption.REPLACE_EXISTING), Map.of(), true);
        }
        PackageFile.extract(archive, wanted.inside(), entry.sizeBytes(), main);
        Map<String, Path> beside = new LinkedHashMap<>();
        for (Companion companion : entry.beside()) {
            Path file = folder.resolveSibling("file." + companion.name());
            String inside = URI.create("/" + wanted.inside())
                    .resolve(companion.path())
                    .getPath()
                    .substring(1);
            PackageFile.extract(archive, inside, companion.sizeBytes(), file);
            beside.put(companion.name(), file);
        }
        return new Delivered(main, beside, true);
    }

    private void requireSpace(Path folder, long bytes) throws FetchFailure {
        long usable = tools.usableBytes().applyAsLong(folder);
        long needed = bytes + SPARE_BYTES;
        if (usable < needed) {
            throw new FetchFailure("it needs " + needed + " bytes of disk (" + (SPARE_BYTES >> 20)
                    + " MiB of them to spare) and " + folder + " has " + usable + " free: " + (needed - usable)
                    + " bytes are missing. Nothing was asked for; free some space or name another place ("
                    + SharedCache.VARIABLE + ", --data-dir)");
        }
    }
}

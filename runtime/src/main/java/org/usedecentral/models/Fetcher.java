package org.usedecentral.models;

import static java.util.Objects.requireNonNull;

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
import java.util.Map;
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

    private final Tools tools;
    private final Delivery delivery;

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
        this.delivery = new Delivery(tools);
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

    long size(Source.Http source) throws FetchFailure, IOException, InterruptedException {
        return tools.http().size(source);
    }

    /** Puts a copy of {@code file}, which has the entry's digest, into {@code place}. */
    void copy(CatalogueEntry entry, Path file, Place place, Progress progress) throws InterruptedException {
        place.requireGuarded(entry);
        FetchLimits.Deadline turn =
                FetchLimits.deadline(tools.nanoTime(), tools.limits().turn());
        try (ArtifactLock _ = ArtifactLock.acquire(place.lock(entry), turn)) {
            if (verified(entry, place).isPresent()) {
                return;
            }
            Path partial = Files.createDirectories(place.partial(entry));
            try {
                Delivery.Delivered copied = delivery.copy(entry, file, partial, progress);
                check(copied.main(), entry.sha256().orElseThrow());
                install(entry, copied, place);
            } finally {
                Place.delete(partial);
            }
        } catch (FetchFailure e) {
            throw new DecentralException(ErrorCode.UNAVAILABLE, "cannot copy " + file + ": " + e.why(), e);
        } catch (IOException e) {
            throw new DecentralException(ErrorCode.UNAVAILABLE, "cannot copy " + file + " into " + place + ": " + e, e);
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
                ? place.pieces(entry).stream().allMatch(piece -> marked(piece))
                : EngineFolder.intact(path, sha256);
        if (good) {
            place.requireGuarded(entry);
        }
        return good ? Optional.of(place.opened(entry)) : Optional.empty();
    }

    private static boolean marked(Place.Piece piece) {
        try {
            return Files.isRegularFile(piece.path())
                    && Mark.read(piece.mark(), piece.path()).equals(Optional.of(piece.sha256()));
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "cannot look at " + piece.path(), e);
            return false;
        }
    }

    /** The artifact if it is in {@code place}, read in full if need be; one that is not what it should be is removed. */
    private static Optional<Path> verified(CatalogueEntry entry, Place place) throws IOException, InterruptedException {
        Optional<Path> trusted = trusted(entry, place);
        Path path = place.artifact(entry);
        if (trusted.isPresent() || entry.sha256().isEmpty() || !Files.exists(path)) {
            return trusted;
        }
        if (entry.kind() == Kind.MODEL && damage(entry, place).isEmpty()) {
            mark(entry, place);
            return Optional.of(place.opened(entry));
        }
        LOG.log(Level.WARNING, "{0} is not what the catalogue says it is: removed, to be fetched again", path);
        Place.delete(path);
        return Optional.empty();
    }

    /** What is wrong with the artifact that lies in {@code place}, after reading all of it; empty: nothing. */
    static List<String> damage(CatalogueEntry entry, Place place) throws IOException, InterruptedException {
        if (entry.kind() == Kind.ENGINE) {
            return EngineFolder.damage(place.artifact(entry), entry.sha256().orElseThrow());
        }
        List<String> damage = new ArrayList<>();
        for (Place.Piece piece : place.pieces(entry)) {
            if (!Files.isRegularFile(piece.path())) {
                damage.add(piece.path() + " is missing");
            } else {
                Bytes found = Digests.sha256(piece.path());
                if (!found.equals(piece.sha256())) {
                    damage.add(piece.path() + " has SHA-256 " + found.hex() + ", not "
                            + piece.sha256().hex());
                }
            }
        }
        return damage;
    }

    static void mark(CatalogueEntry entry, Place place) throws IOException {
        for (Place.Piece piece : place.pieces(entry)) {
            Mark.write(piece.mark(), piece.path(), piece.sha256());
        }
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
        throw new DecentralException(
                ErrorCode.UNAVAILABLE, "cannot fetch " + entry + ". " + String.join(". ", failures));
    }

    private Path fromSource(CatalogueEntry entry, Source source, Place place, Progress progress)
            throws FetchFailure, IOException, InterruptedException {
        if (source instanceof Source.LocalFile(Path path) && entry.kind() == Kind.MODEL) {
            Bytes _ = local(entry, path, place);
            for (CatalogueEntry.Companion companion : entry.beside()) {
                Path beside = path.resolveSibling(companion.name());
                requireFile(beside);
                check(beside, companion.sha256());
            }
            return path;
        }
        Path partial = Files.createDirectories(place.partial(entry));
        try {
            return deliveredInto(entry, source, place, progress);
        } finally {
            if (Files.exists(partial)) {
                Delivery.tidy(partial);
            }
        }
    }

    private Path deliveredInto(CatalogueEntry entry, Source source, Place place, Progress progress)
            throws FetchFailure, IOException, InterruptedException {
        Path partial = place.partial(entry);
        long total = total(entry, source);
        // A client's folders may hold more than the package for a moment.
        LongConsumer bytes = done -> progress.report(entry.id(), total == 0 ? done : Math.min(done, total), total);
        boolean resumed = source instanceof Source.Http && Delivery.begun(partial);
        Delivery.Delivered files = delivery.deliver(entry, source, partial, bytes);
        try {
            check(files.main(), entry.sha256().orElseThrow());
            for (CatalogueEntry.Companion companion : entry.beside()) {
                check(requireNonNull(files.beside().get(companion.name())), companion.sha256());
            }
        } catch (FetchFailure e) {
            if (!files.ours()) {
                throw e;
            }
            Place.delete(partial);
            if (!resumed) {
                throw new FetchFailure(e.why() + "; it was deleted", e);
            }
            // The part that was here may be at fault, left by another source or cut in a crash: once more from the
            // start.
            return fromSource(entry, source, place, progress);
        }
        install(entry, files, place);
        Place.delete(partial);
        return place.opened(entry);
    }

    private static void check(Path file, Bytes expected) throws FetchFailure, IOException, InterruptedException {
        Bytes found = Digests.sha256(file);
        if (!found.equals(expected)) {
            throw new FetchFailure(
                    "it is not the file of the catalogue: its SHA-256 is " + found.hex() + ", not " + expected.hex());
        }
    }

    private static void install(CatalogueEntry entry, Delivery.Delivered files, Place place)
            throws FetchFailure, IOException, InterruptedException {
        Path target = place.artifact(entry);
        Path partial = place.partial(entry);
        if (entry.kind() == Kind.ENGINE) {
            Path unpacked = partial.resolve("unpacked");
            Place.delete(unpacked);
            EngineFolder.unpack(files.main(), entry.sha256().orElseThrow(), entry.unpack(), unpacked);
            Files.move(unpacked, target, StandardCopyOption.ATOMIC_MOVE);
            return;
        }
        sync(files.main());
        if (entry.beside().isEmpty()) {
            Files.move(files.main(), target, StandardCopyOption.ATOMIC_MOVE);
        } else {
            Path folder = partial.resolve("folder");
            Place.delete(folder);
            Files.createDirectories(folder);
            Files.move(files.main(), folder.resolve(entry.weightsName()));
            for (Map.Entry<String, Path> beside : files.beside().entrySet()) {
                sync(beside.getValue());
                Files.move(beside.getValue(), folder.resolve(beside.getKey()));
            }
            Files.move(folder, target, StandardCopyOption.ATOMIC_MOVE);
        }
        mark(entry, place);
    }

    /** The digest of a model that stays where it lies, checked if the catalogue has one. */
    static Bytes local(CatalogueEntry entry, Path file, Place place)
            throws FetchFailure, IOException, InterruptedException {
        requireFile(file);
        if (entry.sizeBytes() != 0 && entry.sizeBytes() != Files.size(file)) {
            throw new FetchFailure("it has " + Files.size(file) + " bytes, the catalogue's has " + entry.sizeBytes());
        }
        Bytes found = sha256(file, place);
        if (entry.sha256().isPresent() && !found.equals(entry.sha256().get())) {
            throw new FetchFailure("it is not the file of the catalogue: its SHA-256 is " + found.hex() + ", not "
                    + entry.sha256().get().hex());
        }
        return found;
    }

    /** The digest of any file, read in full unless {@code place} remembers it. */
    static Bytes sha256(Path file, Place place) throws IOException, InterruptedException {
        Path mark = place.mark("local-"
                + Bytes.of(Digests.sha256().digest(Bytes.utf8(file.toString()).toByteArray()))
                        .hex());
        Optional<Bytes> marked = Mark.read(mark, file);
        if (marked.isPresent()) {
            return marked.get();
        }
        Bytes found = Digests.sha256(file);
        Mark.write(mark, file, found);
        return found;
    }

    private static long total(CatalogueEntry entry, Source source) {
        return source instanceof Source.Packaged wanted && !wanted.inside().isEmpty()
                ? wanted.packageBytes()
                : entry.sizeBytes();
    }

    static void requireFile(Path file) throws FetchFailure {
        if (!Files.isRegularFile(file) || !Files.isReadable(file)) {
            throw new FetchFailure("there is no such file, or it cannot be read");
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

package org.usedecentral.models;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.usedecentral.models.CatalogueEntry.Kind;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;

/** What lies in a store, seen by its operator: listed, read again, removed. Thread-safe. */
public final class StoreContents {
    private final Catalogue catalogue;
    private final Place home;
    private final Optional<Place> shared;

    StoreContents(Catalogue catalogue, Place home, Optional<Place> shared) {
        this.catalogue = catalogue;
        this.home = home;
        this.shared = shared;
    }

    /** How far an artifact is. */
    public enum State {
        READY,
        /** A download that can be resumed. */
        UNFINISHED,
        /** No entry of the catalogue has this version any more: nothing opens it. */
        UNKNOWN
    }

    /**
     * Something in a store.
     *
     * @param id the catalogue's; its file name where the catalogue does not know it
     * @param where in the shared cache or in the data directory
     */
    public record Stored(String id, Kind kind, State state, Where where, Amount amount) {}

    /** Its path, and whether that is in the cache which other nodes of this user share. */
    public record Where(Path path, boolean inCache) {}

    /** Bytes on the disk, and when a node last opened it or it was made. */
    public record Amount(long bytes, Instant lastUsed) {}

    private List<Place> places() {
        return shared.map(cache -> List.of(home, cache)).orElse(List.of(home));
    }

    /**
     * Everything that takes space, models first.
     *
     * @throws DecentralException {@code UNAVAILABLE} if a folder cannot be read
     */
    public List<Stored> list() {
        List<Stored> all = new ArrayList<>();
        try {
            for (Kind kind : Kind.values()) {
                for (Place place : places()) {
                    for (Path path : children(place.folder(kind))) {
                        all.add(stored(place, kind, path));
                    }
                }
            }
            for (Place place : places()) {
                for (Path path : children(place.partials())) {
                    all.add(unfinished(place, path));
                }
            }
        } catch (IOException | UncheckedIOException e) {
            throw new DecentralException(ErrorCode.UNAVAILABLE, "cannot read the store: " + e.getMessage(), e);
        }
        return all;
    }

    private Stored stored(Place place, Kind kind, Path path) throws IOException {
        String name = path.getFileName().toString();
        Optional<CatalogueEntry> entry = named(name);
        return new Stored(
                entry.map(CatalogueEntry::id).orElse(name),
                kind,
                entry.isPresent() ? State.READY : State.UNKNOWN,
                new Where(path, inCache(place)),
                new Amount(size(path), place.lastUsed(name, path)));
    }

    private Stored unfinished(Place place, Path path) throws IOException {
        String name = path.getFileName().toString();
        Optional<CatalogueEntry> entry = named(name);
        return new Stored(
                entry.map(CatalogueEntry::id).orElse(name),
                entry.map(CatalogueEntry::kind).orElse(Kind.MODEL),
                State.UNFINISHED,
                new Where(path, inCache(place)),
                new Amount(size(path), Files.getLastModifiedTime(path).toInstant()));
    }

    private Optional<CatalogueEntry> named(String storeName) {
        return catalogue.entries().stream()
                .filter(entry -> entry.storeName().equals(storeName))
                .findFirst();
    }

    private boolean inCache(Place place) {
        return shared.isPresent() && shared.get() == place;
    }

    /**
     * Reads an artifact in full, wherever it lies.
     *
     * @return what is wrong, a line each; empty: nothing
     * @throws DecentralException {@code NOT_FOUND} if it is not in the store, {@code UNAVAILABLE} if it cannot be read
     */
    public List<String> damage(String id) throws InterruptedException {
        CatalogueEntry entry = catalogue.require(id);
        List<String> damage = new ArrayList<>();
        boolean here = false;
        for (Place place : places()) {
            if (entry.sha256().isPresent() && Files.exists(place.artifact(entry))) {
                here = true;
                damage.addAll(damage(entry, place));
            }
        }
        if (!here) {
            throw new DecentralException(ErrorCode.NOT_FOUND, "there is no " + id + " in the store");
        }
        return damage;
    }

    private static List<String> damage(CatalogueEntry entry, Place place) throws InterruptedException {
        try {
            List<String> damage = Fetcher.damage(entry, place);
            if (damage.isEmpty() && entry.kind() == Kind.MODEL) {
                Fetcher.mark(entry, place);
            }
            return damage;
        } catch (IOException e) {
            throw new DecentralException(
                    ErrorCode.UNAVAILABLE, "cannot read " + entry + " in " + place + ": " + e.getMessage(), e);
        }
    }

    /** Removes the copies of an artifact that {@link #damage} complains of, so that a fetch brings it anew. */
    public void removeDamaged(String id) throws InterruptedException {
        CatalogueEntry entry = catalogue.require(id);
        for (Place place : places()) {
            if (Files.exists(place.artifact(entry)) && !damage(entry, place).isEmpty()) {
                try {
                    Place.delete(place.artifact(entry));
                } catch (IOException e) {
                    throw new DecentralException(
                            ErrorCode.UNAVAILABLE, "cannot remove " + place.artifact(entry) + ": " + e.getMessage(), e);
                }
            }
        }
    }

    /**
     * Removes an artifact, what is left of its download, and the note that it was imported.
     *
     * @param id as {@link #list} gives it
     * @param fromCache whether also from the cache that other nodes share
     * @return what was removed, by paths
     * @throws DecentralException {@code NOT_FOUND} if there is none; {@code CONFLICT} if it is only in the cache and {@code fromCache} is false
     */
    public List<Path> remove(String id, Kind kind, boolean fromCache) {
        List<Stored> found = list().stream()
                .filter(stored -> stored.id().equals(id) && stored.kind() == kind)
                .toList();
        if (found.isEmpty()) {
            throw new DecentralException(ErrorCode.NOT_FOUND, "there is no " + id + " in the store");
        }
        List<Path> removed = new ArrayList<>();
        for (Stored stored : found) {
            if (fromCache || !stored.where().inCache()) {
                Path path = stored.where().path();
                Place place = stored.where().inCache() ? shared.orElseThrow() : home;
                delete(place, path.getFileName().toString(), path);
                removed.add(path);
            }
        }
        if (removed.isEmpty()) {
            throw new DecentralException(
                    ErrorCode.CONFLICT,
                    id + " lies in the cache that all nodes of this user share, "
                            + found.getFirst().where().path() + ": --cache removes it there");
        }
        return removed;
    }

    private static void delete(Place place, String storeName, Path path) {
        try {
            Place.delete(path);
            if (!path.startsWith(place.partials())) {
                place.forget(storeName);
            }
        } catch (IOException e) {
            throw new DecentralException(ErrorCode.UNAVAILABLE, "cannot remove " + path + ": " + e.getMessage(), e);
        }
    }

    private static List<Path> children(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.sorted().toList();
        }
    }

    private static long size(Path path) throws IOException {
        try (Stream<Path> files = Files.walk(path)) {
            long bytes = 0;
            for (Path file : files.filter(any -> Files.isRegularFile(any, LinkOption.NOFOLLOW_LINKS))
                    .toList()) {
                bytes += Files.size(file);
            }
            return bytes;
        }
    }
}

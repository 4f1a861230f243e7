package org.usedecentral.models;

import io.helidon.config.Config;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.inference.WeightsInfo;
import org.usedecentral.spi.models.Artifacts;
import org.usedecentral.spi.models.ModelArtifact;
import org.usedecentral.spi.models.Progress;

/**
 * Weights and engine libraries on this machine. An artifact lies in one of two places: below the data directory, where it is looked for
 * first, or in the shared cache, where downloads go; without a cache that can be written to they go to the data directory. Each place has
 * the folders {@code models} and {@code engines}, and {@code partial}, {@code locks} and {@code verified} for its own use. Thread-safe,
 * also against other processes that use the same places.
 */
public final class ArtifactStore implements Artifacts {
    private static final Logger LOG = System.getLogger(ArtifactStore.class.getName());

    private final Catalogue catalogue;
    private final Place home;
    private final Optional<Place> shared;
    private final Progress progress;
    private final Fetcher fetcher;

    private ArtifactStore(Catalogue catalogue, Place home, Optional<Place> shared, Progress progress, Fetcher fetcher) {
        this.catalogue = catalogue;
        this.home = home;
        this.shared = shared;
        this.progress = progress;
        this.fetcher = fetcher;
    }

    /**
     * A store; nothing is created before the first fetch.
     *
     * @param sharedCache as of {@link SharedCache#locate}
     * @param progress told of downloads that {@link #fetch(String)} begins
     */
    public static ArtifactStore create(
            Catalogue catalogue, Path dataDirectory, Optional<Path> sharedCache, Progress progress) {
        return create(catalogue, dataDirectory, sharedCache, progress, Fetcher.Tools.standard(catalogue.platform()));
    }

    /**
     * A store with the catalogue of a node: what its configuration adds, what was imported, what ships.
     *
     * @param catalogue the configuration's list {@code catalogue}
     */
    public static ArtifactStore open(
            Config catalogue, Path dataDirectory, Optional<Path> sharedCache, Progress progress) {
        List<Path> places =
                sharedCache.map(cache -> List.of(dataDirectory, cache)).orElse(List.of(dataDirectory));
        return create(Catalogue.of(Platform.current(), catalogue, places), dataDirectory, sharedCache, progress);
    }

    static ArtifactStore create(
            Catalogue catalogue,
            Path dataDirectory,
            Optional<Path> sharedCache,
            Progress progress,
            Fetcher.Tools tools) {
        return new ArtifactStore(
                catalogue, new Place(dataDirectory), sharedCache.map(Place::new), progress, new Fetcher(tools));
    }

    public Catalogue catalogue() {
        return catalogue;
    }

    /**
     * The catalogue's entry; for a model that is only a file of this machine and has no digest in the catalogue, the file is read in full
     * the first time.
     *
     * @throws DecentralException {@code UNAVAILABLE} if that file cannot be read
     */
    @Override
    public Optional<ModelArtifact> find(String id) {
        return catalogue
                .find(id)
                .map(entry -> entry.sha256().isPresent()
                        ? artifact(entry, entry.sha256().get(), entry.sizeBytes())
                        : unchecked(entry));
    }

    @Override
    public Bytes sha256(Path file) throws InterruptedException {
        Path absolute = file.toAbsolutePath().normalize();
        try {
            Optional<Place> memory = Optional.of(home).filter(Place::prepare).or(() -> shared.filter(Place::prepare));
            return memory.isPresent() ? Fetcher.sha256(absolute, memory.get()) : Digests.sha256(absolute);
        } catch (IOException e) {
            throw new DecentralException(
                    ErrorCode.INVALID_REQUEST, "cannot read " + absolute + ": " + e.getMessage(), e);
        }
    }

    @Override
    public Path fetch(String id) throws InterruptedException {
        return fetch(id, progress);
    }

    /** As {@link #fetch(String)}, with a listener of its own. */
    public Path fetch(String id, Progress listener) throws InterruptedException {
        CatalogueEntry entry = catalogue.require(id);
        Optional<Path> here = locate(entry);
        Path path = here.isPresent() ? here.get() : fetcher.fetch(entry, downloads(), listener);
        for (Place place : shared.map(cache -> List.of(home, cache)).orElse(List.of(home))) {
            if (path.startsWith(place.artifact(entry))) {
                place.use(entry);
            }
        }
        return path;
    }

    /** What lies in this store. */
    public StoreContents contents() {
        return new StoreContents(catalogue, home, shared);
    }

    /**
     * Copies weights into the store under a name of the operator's, and remembers them for every start to come.
     *
     * @param info what the file says of itself
     * @return the entry that the catalogue has from now on
     * @throws DecentralException {@code INVALID_REQUEST} for a bad id or file, {@code CONFLICT} if the catalogue has the id for other
     *     weights, {@code UNAVAILABLE} if there is no room
     */
    public CatalogueEntry importFile(ModelImport.Named named, Path file, Optional<WeightsInfo> info)
            throws InterruptedException {
        Path absolute = file.toAbsolutePath().normalize();
        try {
            ModelImport.Origin origin =
                    ModelImport.Origin.file(Digests.sha256(absolute), Files.size(absolute), absolute);
            CatalogueEntry entry = ModelImport.entry(named, origin, info);
            requireFree(entry);
            Place place = downloads();
            fetcher.copy(entry, absolute, place, progress);
            ModelImport.write(place, entry, ModelImport.json(named, origin, info));
            return entry;
        } catch (IOException e) {
            throw new DecentralException(
                    ErrorCode.INVALID_REQUEST, "cannot import " + absolute + ": " + e.getMessage(), e);
        }
    }

    /**
     * Fetches weights into the store under a name of the operator's, and remembers them for every start to come.
     *
     * @param sha256 that they must have
     * @param reader reads what the fetched file says of itself
     */
    public CatalogueEntry importUrl(
            ModelImport.Named named, URI url, Bytes sha256, Function<Path, Optional<WeightsInfo>> reader)
            throws InterruptedException {
        try {
            long size = fetcher.size(new Source.Http(url, Set.of()));
            ModelImport.Origin origin = ModelImport.Origin.http(sha256, size, url);
            CatalogueEntry first = ModelImport.entry(named, origin, Optional.empty());
            requireFree(first);
            Place place = downloads();
            Path weights = fetcher.fetch(first, place, progress);
            Optional<WeightsInfo> info = reader.apply(weights);
            CatalogueEntry entry = ModelImport.entry(named, origin, info);
            ModelImport.write(place, entry, ModelImport.json(named, origin, info));
            return entry;
        } catch (FetchFailure e) {
            throw new DecentralException(ErrorCode.UNAVAILABLE, "cannot fetch " + url.getHost() + ": " + e.why(), e);
        } catch (IOException e) {
            throw new DecentralException(ErrorCode.UNAVAILABLE, "cannot fetch from " + url.getHost() + ": " + e, e);
        }
    }

    private void requireFree(CatalogueEntry entry) {
        Optional<CatalogueEntry> other = catalogue.find(entry.id());
        if (other.isPresent() && !other.get().sha256().equals(entry.sha256())) {
            throw new DecentralException(
                    ErrorCode.CONFLICT,
                    "the catalogue has " + entry.id() + " for other weights: choose another --id, or remove that"
                            + " model first");
        }
    }

    /** Where an artifact lies that needs no fetch, if it does. */
    public Optional<Path> locate(String id) {
        return locate(catalogue.require(id));
    }

    private Optional<Path> locate(CatalogueEntry entry) {
        for (Place place : shared.map(cache -> List.of(home, cache)).orElse(List.of(home))) {
            try {
                Optional<Path> found = Fetcher.trusted(entry, place);
                if (found.isPresent()) {
                    return found;
                }
            } catch (IOException e) {
                // The other place may have it, or a fetch will say what is wrong with this one.
                LOG.log(Level.WARNING, "cannot look for " + entry + " in " + place, e);
            }
        }
        return Optional.empty();
    }

    private Place downloads() {
        if (shared.isPresent() && shared.get().prepare()) {
            return shared.get();
        }
        shared.ifPresent(cache -> LOG.log(
                Level.INFO,
                "the cache {0} cannot be written to: downloads go to {1}",
                cache.toString(),
                home.toString()));
        if (!home.prepare()) {
            throw new DecentralException(
                    ErrorCode.UNAVAILABLE,
                    "there is nowhere to put downloads: " + home
                            + " cannot be written to. Name another data directory (--data-dir) or" + " cache ("
                            + SharedCache.VARIABLE + ").");
        }
        return home;
    }

    private ModelArtifact unchecked(CatalogueEntry entry) {
        for (Source source : entry.sources()) {
            if (source instanceof Source.LocalFile(Path file) && Files.isRegularFile(file)) {
                try {
                    return artifact(entry, Fetcher.local(entry, file, downloads()), Files.size(file));
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new DecentralException(ErrorCode.CANCELLED, "interrupted while reading " + file, e);
                } catch (FetchFailure | IOException e) {
                    throw new DecentralException(
                            ErrorCode.UNAVAILABLE, "cannot read " + file + ": " + e.getMessage(), e);
                }
            }
        }
        throw new DecentralException(
                ErrorCode.UNAVAILABLE,
                "there is no " + entry.id() + ": looked for " + String.join(", ", entry.origins()));
    }

    private static ModelArtifact artifact(CatalogueEntry entry, Bytes sha256, long sizeBytes) {
        return new ModelArtifact(entry.id(), sha256, sizeBytes, entry.quantisation(), entry.license());
    }
}

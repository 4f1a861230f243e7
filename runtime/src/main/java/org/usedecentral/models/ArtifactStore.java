package org.usedecentral.models;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
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
        return here.isPresent() ? here.get() : fetcher.fetch(entry, downloads(), listener);
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

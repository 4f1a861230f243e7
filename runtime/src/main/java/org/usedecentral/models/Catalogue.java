package org.usedecentral.models;

import io.helidon.config.Config;
import io.helidon.config.ConfigSources;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;

/** The artifacts a node knows how to fetch, seen from one platform. Immutable. */
public final class Catalogue {
    private static final String BUNDLED = "org/usedecentral/models/catalogue.yaml";

    private final Platform platform;
    private final Map<String, CatalogueEntry> usable;
    private final Map<String, List<String>> elsewhere;

    private Catalogue(Platform platform, Map<String, CatalogueEntry> usable, Map<String, List<String>> elsewhere) {
        this.platform = platform;
        this.usable = usable;
        this.elsewhere = elsewhere;
    }

    /** What ships with Decentral, for this process's platform. */
    public static Catalogue bundled() {
        return of(Platform.current(), Config.empty());
    }

    /**
     * What ships with Decentral and the entries of the configuration's list {@code catalogue}, which replace a shipped entry of the
     * same id.
     *
     * @param additions the node {@code catalogue}; it may be absent
     * @throws DecentralException {@code INVALID_REQUEST} naming the key at fault
     */
    public static Catalogue of(Platform platform, Config additions) {
        return of(platform, additions, List.of());
    }

    /**
     * As {@link #of(Platform, Config)}, with what was imported into a store: it comes after the configuration's entries and before the
     * shipped ones.
     *
     * @param places the data directory and the shared cache, if there is one
     */
    public static Catalogue of(Platform platform, Config additions, List<Path> places) {
        Config resource = Config.just(ConfigSources.classpath(BUNDLED));
        List<CatalogueEntry> entries = new ArrayList<>(CatalogueReader.read(additions));
        for (Path place : places) {
            List<String> before = entries.stream().map(CatalogueEntry::id).toList();
            for (CatalogueEntry entry : ModelImport.read(new Place(place))) {
                if (!before.contains(entry.id())) {
                    entries.add(entry);
                }
            }
        }
        List<String> own = entries.stream().map(CatalogueEntry::id).toList();
        for (CatalogueEntry entry : CatalogueReader.read(resource.get("catalogue"))) {
            if (!own.contains(entry.id())) {
                entries.add(entry);
            }
        }
        Map<String, CatalogueEntry> usable = new LinkedHashMap<>();
        Map<String, List<String>> elsewhere = new LinkedHashMap<>();
        for (CatalogueEntry entry : entries) {
            if (entry.platform().isEmpty() || entry.platform().get().equals(platform)) {
                usable.put(entry.id(), entry);
            } else {
                elsewhere
                        .computeIfAbsent(entry.id(), _ -> new ArrayList<>())
                        .add(entry.platform().get().toString());
            }
        }
        return new Catalogue(platform, usable, elsewhere);
    }

    public Platform platform() {
        return platform;
    }

    /** Everything for this platform: the configuration's entries first. */
    public List<CatalogueEntry> entries() {
        return List.copyOf(usable.values());
    }

    public Optional<CatalogueEntry> find(String id) {
        return Optional.ofNullable(usable.get(id));
    }

    /**
     * The entry of that id.
     *
     * @throws DecentralException {@code NOT_FOUND}, saying what there is
     */
    public CatalogueEntry require(String id) {
        CatalogueEntry entry = usable.get(id);
        if (entry != null) {
            return entry;
        }
        List<String> others = elsewhere.getOrDefault(id, List.of());
        if (!others.isEmpty()) {
            throw new DecentralException(
                    ErrorCode.NOT_FOUND,
                    "the catalogue has " + id + " for " + String.join(", ", others) + ", not for this platform, "
                            + platform
                            + ". Build it yourself and name its folder in the configuration (backends: library).");
        }
        throw new DecentralException(
                ErrorCode.NOT_FOUND,
                "the catalogue has no artifact '" + id + "'; it has " + new TreeSet<>(usable.keySet())
                        + ". Add yours to the configuration's list 'catalogue'.");
    }
}

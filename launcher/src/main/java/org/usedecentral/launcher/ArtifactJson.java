package org.usedecentral.launcher;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;
import java.util.Optional;
import org.usedecentral.models.ArtifactStore;
import org.usedecentral.models.CatalogueEntry;
import org.usedecentral.models.StoreContents;
import org.usedecentral.spi.Bytes;

/** Entries and what lies in a store, for scripts. Stateless. */
final class ArtifactJson {
    private ArtifactJson() {}

    static String name(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    /** A catalogue entry, and where it lies. */
    static ObjectNode of(CatalogueEntry entry, ArtifactStore store) {
        return entry.kind() == CatalogueEntry.Kind.MODEL ? model(entry, store) : engine(entry, store);
    }

    private static ObjectNode model(CatalogueEntry entry, ArtifactStore store) {
        ObjectNode json = common(entry, store)
                .put("family", entry.family())
                .put("use", name(entry.use()))
                .put("format", name(entry.format()))
                .put("quantisation", entry.quantisation())
                .put("context", entry.contextTokens())
                .put("memory_bytes", entry.memoryBytes());
        entry.suggestedPrice()
                .ifPresent(price -> json.putObject("suggested_price")
                        .put("input", price.input())
                        .put("output", price.output()));
        return json;
    }

    private static ObjectNode engine(CatalogueEntry entry, ArtifactStore store) {
        return common(entry, store)
                .put("platform", entry.platform().map(Object::toString).orElse(""))
                .put("device", entry.device())
                .put("version", entry.version());
    }

    private static ObjectNode common(CatalogueEntry entry, ArtifactStore store) {
        ObjectNode json = JsonNodeFactory.instance
                .objectNode()
                .put("id", entry.id())
                .put("description", entry.description())
                .put("license", entry.license())
                .put("size_bytes", entry.sizeBytes());
        entry.sha256().ifPresent(sha256 -> json.put("sha256", sha256.hex()));
        var path = store.locate(entry.id());
        json.put("fetched", path.isPresent());
        path.ifPresent(file -> json.put("path", file.toString()));
        entry.origins().forEach(json.withArray("origins")::add);
        return json;
    }

    static ObjectNode stored(StoreContents.Stored stored, ArtifactStore store) {
        ObjectNode json = JsonNodeFactory.instance
                .objectNode()
                .put("id", stored.id())
                .put("kind", name(stored.kind()))
                .put("state", name(stored.state()))
                .put("path", stored.where().path().toString())
                .put("in_cache", stored.where().inCache())
                .put("bytes", stored.amount().bytes())
                .put("last_used", stored.amount().lastUsed().toString());
        digest(stored, store).ifPresent(hex -> json.put("sha256", hex));
        return json;
    }

    /** Hexadecimal, of what the catalogue knows. */
    static Optional<String> digest(StoreContents.Stored stored, ArtifactStore store) {
        return store.catalogue()
                .find(stored.id())
                .filter(_ -> stored.state() != StoreContents.State.UNKNOWN)
                .flatMap(CatalogueEntry::sha256)
                .map(Bytes::hex);
    }
}

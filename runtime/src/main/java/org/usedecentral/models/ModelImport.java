package org.usedecentral.models;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.helidon.common.media.type.MediaTypes;
import io.helidon.config.Config;
import io.helidon.config.ConfigException;
import io.helidon.config.ConfigSources;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.inference.WeightsInfo;

/** Entries of the catalogue that an operator made by importing a model. Each is a small JSON file in the place its weights lie in. */
public final class ModelImport {
    private static final Logger LOG = System.getLogger(ModelImport.class.getName());
    private static final int MAX_ENTRIES = 10_000;
    private static final long MAX_BYTES = 1 << 16;

    private ModelImport() {}

    /**
     * What an operator says of a model.
     *
     * @param license SPDX identifier, or empty
     * @param description a sentence, or empty
     */
    public record Named(String id, String license, String description) {}

    /** Where it comes from; fetched from there again when the copy is damaged. */
    record Origin(Bytes sha256, long sizeBytes, String type, String where) {
        static Origin file(Bytes sha256, long sizeBytes, Path file) {
            return new Origin(sha256, sizeBytes, "file", file.toString());
        }

        static Origin http(Bytes sha256, long sizeBytes, URI url) {
            return new Origin(sha256, sizeBytes, "http", url.toString());
        }
    }

    /** What a place was given by imports; a file that cannot be read is passed over with a warning. */
    static List<CatalogueEntry> read(Place place) {
        Path folder = place.imported();
        List<CatalogueEntry> entries = new ArrayList<>();
        if (!Files.isDirectory(folder)) {
            return entries;
        }
        List<Path> files;
        try (Stream<Path> all = Files.list(folder)) {
            files = all.filter(file -> file.toString().endsWith(".json"))
                    .sorted()
                    .limit(MAX_ENTRIES)
                    .toList();
        } catch (IOException e) {
            LOG.log(Level.WARNING, "cannot read " + folder, e);
            return entries;
        }
        for (Path file : files) {
            try {
                if (Files.size(file) > MAX_BYTES) {
                    throw new IOException("it is larger than " + MAX_BYTES + " bytes");
                }
                entries.add(parse(Files.readString(file)));
            } catch (IOException | ConfigException | DecentralException e) {
                // A node must not fail over a model that it may not even host.
                LOG.log(Level.WARNING, "{0} is passed over: {1}", file, e.getMessage());
            }
        }
        return entries;
    }

    /** The entry that stands for an import; {@code INVALID_REQUEST} if the id is none. */
    static CatalogueEntry entry(Named named, Origin origin, Optional<WeightsInfo> info) {
        return parse(json(named, origin, info));
    }

    private static CatalogueEntry parse(String json) {
        Config config =
                Config.just(ConfigSources.create("{\"imported\": [" + json + "]}", MediaTypes.APPLICATION_YAML));
        List<CatalogueEntry> entries = CatalogueReader.read(config.get("imported"));
        if (entries.size() != 1) {
            throw DecentralException.invalid("imported", "it holds no entry");
        }
        return entries.getFirst();
    }

    static String json(Named named, Origin origin, Optional<WeightsInfo> info) {
        ObjectNode entry = JsonNodeFactory.instance
                .objectNode()
                .put("id", named.id())
                .put("kind", "model")
                .put("sha256", origin.sha256().hex())
                .put("size", origin.sizeBytes())
                .put("license", named.license())
                .put("description", named.description());
        if (info.isPresent()) {
            WeightsInfo weights = info.get();
            entry.put("format", weights.format().toLowerCase(Locale.ROOT))
                    .put("family", weights.family())
                    .put("quantisation", weights.quantisation())
                    .put("context", weights.contextTokens())
                    .put("cache-bytes-per-token", weights.cacheBytesPerToken());
        }
        ObjectNode source = entry.putArray("sources").addObject().put("type", origin.type());
        source.put(origin.type().equals("http") ? "url" : "path", origin.where());
        return entry.toString();
    }

    /** Remembers an import under the name of its weights. */
    static void write(Place place, CatalogueEntry entry, String json) throws IOException {
        Path folder = Files.createDirectories(place.imported());
        Path draft = Files.createTempFile(folder, ".entry", "");
        try {
            Files.writeString(draft, json + "\n");
            Files.move(
                    draft,
                    folder.resolve(entry.storeName() + ".json"),
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new DecentralException(ErrorCode.UNAVAILABLE, "cannot write " + folder + ": " + e.getMessage(), e);
        } finally {
            Files.deleteIfExists(draft);
        }
    }
}

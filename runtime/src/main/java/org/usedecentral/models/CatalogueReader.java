package org.usedecentral.models;

import io.helidon.config.Config;
import io.helidon.config.ConfigMappingException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.usedecentral.models.CatalogueEntry.Format;
import org.usedecentral.models.CatalogueEntry.Kind;
import org.usedecentral.models.CatalogueEntry.Use;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ModelId;
import org.usedecentral.spi.protocol.TokenPrices;

/** Reads lists of catalogue entries, ours and the configuration's alike, refusing by name what it does not know. */
final class CatalogueReader {
    private static final int MAX_ENTRIES = 10_000;
    private static final int MAX_SOURCES = 16;
    private static final int MAX_BESIDE = 16;
    private static final int MAX_TEXT = 300;

    private static final Set<String> ENTRY_KEYS = Set.of(
            "id",
            "kind",
            "platform",
            "sha256",
            "size",
            "license",
            "quantisation",
            "context",
            "unpack",
            "unpacked",
            "description",
            "version",
            "device",
            "family",
            "format",
            "use",
            "memory",
            "cache-bytes-per-token",
            "price",
            "beside",
            "file",
            "sources");
    private static final Set<String> MODEL_KEYS = Set.of(
            "format", "use", "family", "quantisation", "context", "memory", "cache-bytes-per-token", "price", "beside");
    private static final Set<String> ENGINE_KEYS = Set.of("unpack", "unpacked", "version", "device");
    private static final Set<String> BESIDE_KEYS = Set.of("name", "path", "sha256", "size");
    private static final Set<String> PRICE_KEYS = Set.of("input", "output");
    private static final Set<String> HTTP_KEYS = Set.of("type", "url", "redirect-hosts");
    private static final Set<String> PACKAGE_KEYS = Set.of("type", "name", "version", "inside", "size");
    private static final Set<String> FILE_KEYS = Set.of("type", "path");

    // Both end up as arguments of a program, so neither may look like an option, a path or a URL.
    private static final Pattern PACKAGE_NAME = Pattern.compile("(@[a-z0-9][a-z0-9._-]*/)?[A-Za-z0-9][A-Za-z0-9._-]*");
    private static final Pattern MAVEN_NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]*:[A-Za-z0-9][A-Za-z0-9._-]*");
    private static final Pattern FILE_NAME = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._-]{0,100}");
    private static final Pattern VERSION = Pattern.compile("[0-9][0-9A-Za-z.+_-]*");
    private static final Pattern SHA256 = Pattern.compile("[0-9a-fA-F]{64}");

    private CatalogueReader() {}

    static List<CatalogueEntry> read(Config list) {
        List<Config> nodes = list.asNodeList().orElse(List.of());
        if (nodes.size() > MAX_ENTRIES) {
            throw wrong(list, "a catalogue has at most " + MAX_ENTRIES + " entries");
        }
        List<CatalogueEntry> entries = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        for (Config node : nodes) {
            CatalogueEntry entry = entry(node);
            if (!seen.add(entry.toString())) {
                throw wrong(node, entry + " is in the catalogue twice");
            }
            entries.add(entry);
        }
        return entries;
    }

    private static CatalogueEntry entry(Config node) {
        known(node, ENTRY_KEYS);
        String id = text(node, "id");
        Kind kind = switch (optional(node, "kind").orElse("model")) {
            case "model" -> Kind.MODEL;
            case "engine" -> Kind.ENGINE;
            default -> throw wrong(node.get("kind"), "a kind is model or engine");
        };
        try {
            ModelId _ = new ModelId(id);
        } catch (IllegalArgumentException e) {
            throw wrong(node.get("id"), "an id has 1 to 128 letters, digits and . _ - : /");
        }
        List<Source> sources = sources(node);
        CatalogueEntry.Content content = content(node, kind, sources);
        return new CatalogueEntry(
                new CatalogueEntry.Identity(id, kind, platform(node, kind)), content, about(node, kind), sources);
    }

    private static CatalogueEntry.Content content(Config node, Kind kind, List<Source> sources) {
        Optional<Bytes> digest = optional(node, "sha256").map(hex -> sha256(node, hex));
        long size = number(node, "size");
        boolean local = kind == Kind.MODEL && sources.stream().allMatch(source -> source instanceof Source.LocalFile);
        if (!local && (digest.isEmpty() || size == 0)) {
            throw wrong(node, "what is downloaded or unpacked needs a sha256 and a size in bytes");
        }
        return new CatalogueEntry.Content(digest, size, beside(node), folder(node), number(node, "unpacked"));
    }

    private static Bytes sha256(Config node, String hex) {
        if (!SHA256.matcher(hex).matches()) {
            throw wrong(node.get("sha256"), "a SHA-256 has 64 hexadecimal digits");
        }
        return Bytes.fromHex(hex);
    }

    private static List<CatalogueEntry.Companion> beside(Config node) {
        List<CatalogueEntry.Companion> beside = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (Config child : node.get("beside").asNodeList().orElse(List.of())) {
            known(child, BESIDE_KEYS);
            String name = text(child, "name");
            if (!FILE_NAME.matcher(name).matches() || name.startsWith("model.") || !names.add(name)) {
                throw wrong(child.get("name"), "a plain file name, none twice, and model.* are the weights");
            }
            long size = number(child, "size");
            if (size == 0 || beside.size() == MAX_BESIDE) {
                throw wrong(child, "at most " + MAX_BESIDE + " files, each with its size in bytes");
            }
            String path = optional(child, "path").orElse(name);
            if (path.startsWith("/") || path.contains("\\") || path.contains("//") || path.contains(":")) {
                throw wrong(child.get("path"), "a path as seen from the folder of the weights, such as ../" + name);
            }
            beside.add(new CatalogueEntry.Companion(name, path, sha256(child, text(child, "sha256")), size));
        }
        return beside;
    }

    private static CatalogueEntry.About about(Config node, Kind kind) {
        for (String key : kind == Kind.MODEL ? ENGINE_KEYS : MODEL_KEYS) {
            if (node.get(key).exists()) {
                throw wrong(
                        node.get(key),
                        kind == Kind.MODEL
                                ? "only an engine has it; a model's path in a package is its source's 'inside'"
                                : "only a model has it");
            }
        }
        long context = number(node, "context");
        if (context > Integer.MAX_VALUE) {
            throw wrong(node.get("context"), "no model has a context of " + context + " tokens");
        }
        Format format = named(node, "format", Format.class).orElse(Format.GGUF);
        Use use = named(node, "use", Use.class).orElse(Use.CHAT);
        return new CatalogueEntry.About(
                new CatalogueEntry.Description(
                        line(node, "license"), line(node, "description"), line(node, "version"), line(node, "device")),
                new CatalogueEntry.Traits(line(node, "family"), format, use, line(node, "quantisation"), (int) context),
                new CatalogueEntry.Costs(
                        number(node, "memory"), number(node, "cache-bytes-per-token"), price(node.get("price"))));
    }

    private static <E extends Enum<E>> Optional<E> named(Config node, String key, Class<E> type) {
        Optional<String> name = optional(node, key);
        for (E constant : type.getEnumConstants()) {
            if (name.isPresent() && constant.name().toLowerCase(Locale.ROOT).equals(name.get())) {
                return Optional.of(constant);
            }
        }
        if (name.isPresent()) {
            throw wrong(
                    node.get(key),
                    "one of "
                            + Stream.of(type.getEnumConstants())
                                    .map(constant -> constant.name().toLowerCase(Locale.ROOT))
                                    .toList());
        }
        return Optional.empty();
    }

    private static Optional<TokenPrices> price(Config node) {
        if (!node.exists()) {
            return Optional.empty();
        }
        known(node, PRICE_KEYS);
        try {
            return Optional.of(new TokenPrices(number(node, "input"), number(node, "output")));
        } catch (DecentralException e) {
            throw e.parameter() != null && e.parameter().startsWith("catalogue") ? e : wrong(node, e.message());
        }
    }

    /** Text for people: one short line, since it is printed. */
    private static String line(Config node, String key) {
        String text = optional(node, key).orElse("").strip();
        if (text.length() > MAX_TEXT || text.chars().anyMatch(Character::isISOControl)) {
            throw wrong(node.get(key), "one line of at most " + MAX_TEXT + " characters");
        }
        return text;
    }

    private static Optional<Platform> platform(Config node, Kind kind) {
        Optional<String> name = optional(node, "platform");
        if (name.isPresent() != (kind == Kind.ENGINE)) {
            throw wrong(node.get("platform"), "an engine has a platform, such as linux-x64, and a model has none");
        }
        try {
            return name.map(Platform::parse);
        } catch (IllegalArgumentException e) {
            throw wrong(node.get("platform"), "a platform is an operating system and a processor, such as linux-x64");
        }
    }

    private static String folder(Config node) {
        return optional(node, "unpack")
                .map(name -> name.isEmpty() || name.endsWith("/") ? name : name + "/")
                .orElse("");
    }

    private static List<Source> sources(Config node) {
        List<Source> sources = new ArrayList<>();
        if (node.get("file").exists()) {
            sources.add(new Source.LocalFile(path(node, "file")));
        }
        for (Config source : node.get("sources").asNodeList().orElse(List.of())) {
            sources.add(source(source));
        }
        if (sources.isEmpty() || sources.size() > MAX_SOURCES) {
            throw wrong(node, "an entry has a file or sources, at most " + MAX_SOURCES);
        }
        return sources;
    }

    private static Source source(Config node) {
        return switch (text(node, "type")) {
            case "http" -> http(node);
            case "npm" -> packaged(node, Source.Client.NPM);
            case "pip" -> packaged(node, Source.Client.PIP);
            case "maven" -> packaged(node, Source.Client.MAVEN);
            case "file" -> {
                known(node, FILE_KEYS);
                yield new Source.LocalFile(path(node, "path"));
            }
            default -> throw wrong(node.get("type"), "a source's type is http, npm, pip, maven or file");
        };
    }

    private static Source http(Config node) {
        known(node, HTTP_KEYS);
        URI url;
        try {
            url = new URI(text(node, "url"));
        } catch (URISyntaxException e) {
            throw wrong(node.get("url"), "not a URL: " + e.getReason());
        }
        String scheme = url.getScheme();
        if (url.getHost() == null || !("https".equals(scheme) || "http".equals(scheme))) {
            throw wrong(node.get("url"), "a URL begins with https:// or http:// and a host");
        }
        Set<String> hosts = new HashSet<>();
        for (String host : node.get("redirect-hosts").asList(String.class).orElse(List.of())) {
            hosts.add(host.toLowerCase(Locale.ROOT));
        }
        return new Source.Http(url, hosts);
    }

    private static Source packaged(Config node, Source.Client client) {
        known(node, PACKAGE_KEYS);
        String name = text(node, "name");
        Pattern names = client == Source.Client.MAVEN ? MAVEN_NAME : PACKAGE_NAME;
        if (!names.matcher(name).matches()) {
            throw wrong(node.get("name"), "not a package's name");
        }
        String version = text(node, "version");
        if (!VERSION.matcher(version).matches()) {
            throw wrong(node.get("version"), "not a version: one exact version is needed");
        }
        return new Source.Packaged(
                client, name, version, optional(node, "inside").orElse(""), number(node, "size"));
    }

    private static Path path(Config node, String key) {
        String text = text(node, key);
        Path path;
        try {
            path = Path.of(text);
        } catch (InvalidPathException e) {
            throw wrong(node.get(key), "not a path: " + e.getReason());
        }
        if (!path.isAbsolute()) {
            throw wrong(node.get(key), "a file is named by its absolute path");
        }
        return path.normalize();
    }

    private static void known(Config node, Set<String> keys) {
        for (Config child : node.asNodeList().orElse(List.of())) {
            if (!keys.contains(child.name())) {
                throw wrong(child, "unknown key; there are " + new TreeSet<>(keys));
            }
        }
    }

    private static String text(Config node, String key) {
        return optional(node, key)
                .filter(text -> !text.isBlank())
                .orElseThrow(() -> wrong(node.get(key), "it is missing"));
    }

    private static Optional<String> optional(Config node, String key) {
        return node.get(key).asString().asOptional();
    }

    private static long number(Config node, String key) {
        long value;
        try {
            value = node.get(key).asLong().orElse(0L);
        } catch (ConfigMappingException e) {
            throw wrong(node.get(key), "not a number");
        }
        if (value < 0) {
            throw wrong(node.get(key), "it cannot be negative");
        }
        return value;
    }

    private static DecentralException wrong(Config node, String why) {
        String key = node.key().toString();
        return DecentralException.invalid(key, key + ": " + why);
    }
}

package org.usedecentral.models;

import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.protocol.TokenPrices;

/** One artifact of the catalogue. Immutable. */
public final class CatalogueEntry {
    /** Tokens of one sequence, where a node is told nothing else. */
    static final int DEFAULT_CONTEXT = 4096;

    private static final Pattern OTHER_CHARACTERS = Pattern.compile("[^A-Za-z0-9._-]");

    /** What an artifact is. */
    public enum Kind {
        /** Weights: one file, opened as it is, with what it needs beside it. */
        MODEL,
        /** Native libraries for one platform: an archive whose digest is checked before it is unpacked into a folder. */
        ENGINE
    }

    /** How a model's weights are stored. */
    public enum Format {
        GGUF(".gguf"),
        ONNX(".onnx");

        private final String suffix;

        Format(String suffix) {
            this.suffix = suffix;
        }
    }

    /** What a model is for. */
    public enum Use {
        CHAT,
        EMBEDDING
    }

    /** Which artifact it is, and for whom. */
    record Identity(String id, Kind kind, Optional<Platform> platform) {}

    /**
     * What is checked; an artifact that only comes from a file of this machine may leave digest and size open.
     *
     * @param sizeBytes 0 when left open
     * @param beside files that lie beside a model's weights
     * @param unpack the folder of an engine's archive that holds the libraries, ending in a slash
     * @param unpackedBytes what an engine's libraries take, 0 when not said
     */
    record Content(Optional<Bytes> sha256, long sizeBytes, List<Companion> beside, String unpack, long unpackedBytes) {}

    /**
     * A file that an engine looks for beside the weights, such as a tokenizer.
     *
     * @param name what it is called there
     * @param path where it is in a source, seen from the folder of the weights
     */
    record Companion(String name, String path, Bytes sha256, long sizeBytes) {}

    /**
     * What people want to know of any artifact.
     *
     * @param text a sentence
     * @param device what an engine computes on, such as {@code cpu}
     */
    record Description(String license, String text, String version, String device) {}

    /**
     * What people want to know of a model.
     *
     * @param contextTokens the longest context it was trained for, 0 when unknown
     */
    record Traits(String family, Format format, Use use, String quantisation, int contextTokens) {}

    /**
     * What a model costs, in memory and in money.
     *
     * @param memoryBytes as somebody measured it, 0: computed from the two others
     * @param cacheBytesPerToken of the KV cache, 0 when unknown
     * @param price a suggestion to workers
     */
    record Costs(long memoryBytes, long cacheBytesPerToken, Optional<TokenPrices> price) {}

    /** All that describes an entry. */
    record About(Description description, Traits traits, Costs costs) {}

    private final Identity identity;
    private final Content content;
    private final About about;
    private final List<Source> sources;

    CatalogueEntry(Identity identity, Content content, About about, List<Source> sources) {
        this.identity = identity;
        this.content = content;
        this.about = about;
        this.sources = List.copyOf(sources);
    }

    public String id() {
        return identity.id();
    }

    public Kind kind() {
        return identity.kind();
    }

    /** The platform of an engine. */
    public Optional<Platform> platform() {
        return identity.platform();
    }

    /** Of the weights, or of the engine's archive. */
    public Optional<Bytes> sha256() {
        return content.sha256();
    }

    /** Of what {@link #sha256} is of; 0 when only the file itself can tell. */
    public long sizeBytes() {
        return content.sizeBytes();
    }

    /** SPDX identifier, or empty. */
    public String license() {
        return about.description().license();
    }

    /** What it is, in a sentence, or empty. */
    public String description() {
        return about.description().text();
    }

    /** The version of an engine, or empty. */
    public String version() {
        return about.description().version();
    }

    /** What an engine computes on, such as {@code cpu}, or empty. */
    public String device() {
        return about.description().device();
    }

    /** The models it belongs to, such as {@code SmolLM2}, or empty. */
    public String family() {
        return about.traits().family();
    }

    public Format format() {
        return about.traits().format();
    }

    public Use use() {
        return about.traits().use();
    }

    /** Such as {@code Q4_1}, or empty. */
    public String quantisation() {
        return about.traits().quantisation();
    }

    /** The longest context the model was trained for, 0 when unknown. */
    public int contextTokens() {
        return about.traits().contextTokens();
    }

    /** Prices that its publisher suggests to workers. */
    public Optional<TokenPrices> suggestedPrice() {
        return about.costs().price();
    }

    /** Memory for the weights and one sequence of the default context; 0 when unknown. */
    public long memoryBytes() {
        return memoryBytes(DEFAULT_CONTEXT, 1);
    }

    /**
     * Memory for the weights and the KV cache of {@code sequences} that may each grow to {@code context} tokens, or to the model's own
     * longest if that is shorter; 0 when unknown.
     */
    public long memoryBytes(int context, int sequences) {
        if (about.costs().memoryBytes() > 0 || sizeBytes() == 0) {
            return about.costs().memoryBytes();
        }
        long tokens = contextTokens() == 0 ? context : Math.min(context, contextTokens());
        return sizeBytes() + tokens * sequences * about.costs().cacheBytesPerToken();
    }

    /** The places it can come from, in words, in the order in which they are tried. */
    public List<String> origins() {
        return sources.stream().map(Source::toString).toList();
    }

    List<Companion> beside() {
        return content.beside();
    }

    /** The folder of an engine's archive that holds the libraries, ending in a slash. */
    String unpack() {
        return content.unpack();
    }

    /** What is on the disk in the end: weights and what lies beside them, or an engine's libraries, which are a guess where nobody said. */
    long storedBytes() {
        if (kind() == Kind.ENGINE) {
            return content.unpackedBytes() > 0 ? content.unpackedBytes() : 4 * sizeBytes();
        }
        return sizeBytes()
                + content.beside().stream().mapToLong(Companion::sizeBytes).sum();
    }

    List<Source> sources() {
        return sources;
    }

    /** What the weights are called in a folder of their own. */
    String weightsName() {
        return "model" + format().suffix;
    }

    /**
     * The name in a store. It holds part of the digest: another version is another file, so that a running node keeps what it has
     * opened, and what lies under a name never has to change.
     */
    String storeName() {
        String digest = sha256().map(sha256 -> sha256.hex().substring(0, 12)).orElse("unchecked");
        String stem = OTHER_CHARACTERS.matcher(id()).replaceAll("_");
        if (kind() == Kind.ENGINE) {
            return stem + "-" + platform().map(Platform::toString).orElse("any") + "-" + digest;
        }
        return stem + "-" + digest + (beside().isEmpty() ? format().suffix : "");
    }

    @Override
    public String toString() {
        return id() + platform().map(platform -> " for " + platform).orElse("");
    }
}

package org.usedecentral.models;

import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.usedecentral.spi.Bytes;

/** One artifact of the catalogue. Immutable. */
public final class CatalogueEntry {
    private static final Pattern OTHER_CHARACTERS = Pattern.compile("[^A-Za-z0-9._-]");

    /** What an artifact is. */
    public enum Kind {
        /** Weights: one file, opened as it is. */
        MODEL,
        /** Native libraries for one platform: an archive whose digest is checked before it is unpacked into a folder. */
        ENGINE
    }

    /** Which artifact it is, and for whom. */
    record Identity(String id, Kind kind, Optional<Platform> platform) {}

    /**
     * What is checked; an artifact that only comes from a file of this machine may leave both open.
     *
     * @param sizeBytes 0 when left open
     */
    record Content(Optional<Bytes> sha256, long sizeBytes) {}

    /**
     * What people want to know.
     *
     * @param contextTokens the longest context a model was trained for, 0 when unknown
     */
    record Description(String license, String quantisation, int contextTokens) {}

    private final Identity identity;
    private final Content content;
    private final Description description;
    private final String unpack;
    private final List<Source> sources;

    CatalogueEntry(Identity identity, Content content, Description description, String unpack, List<Source> sources) {
        this.identity = identity;
        this.content = content;
        this.description = description;
        this.unpack = unpack;
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

    /** Of the model file, or of the engine's archive. */
    public Optional<Bytes> sha256() {
        return content.sha256();
    }

    /** Of what {@link #sha256} is of; 0 when only the file itself can tell. */
    public long sizeBytes() {
        return content.sizeBytes();
    }

    /** SPDX identifier, or empty. */
    public String license() {
        return description.license();
    }

    /** Such as {@code Q4_1}, or empty. */
    public String quantisation() {
        return description.quantisation();
    }

    /** The longest context the model was trained for, 0 when unknown. */
    public int contextTokens() {
        return description.contextTokens();
    }

    /** The places it can come from, in words, in the order in which they are tried. */
    public List<String> origins() {
        return sources.stream().map(Source::toString).toList();
    }

    /** The folder of an engine's archive that holds the libraries, ending in a slash. */
    String unpack() {
        return unpack;
    }

    List<Source> sources() {
        return sources;
    }

    /**
     * The name in a store. It holds part of the digest: another version is another file, so that a running node keeps what it has
     * opened, and what lies under a name never has to change.
     */
    String storeName() {
        String digest = sha256().map(sha256 -> sha256.hex().substring(0, 12)).orElse("unchecked");
        String stem = OTHER_CHARACTERS.matcher(id()).replaceAll("_");
        return kind() == Kind.MODEL
                ? stem + "-" + digest + ".gguf"
                : stem + "-" + platform().map(Platform::toString).orElse("any") + "-" + digest;
    }

    @Override
    public String toString() {
        return id() + platform().map(platform -> " for " + platform).orElse("");
    }
}

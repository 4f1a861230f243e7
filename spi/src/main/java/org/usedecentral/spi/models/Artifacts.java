package org.usedecentral.spi.models;

import java.nio.file.Path;
import java.util.Optional;
import org.usedecentral.spi.Bytes;

/** The catalogue of weights and engine libraries, and the store that holds them. Thread-safe. */
public interface Artifacts {
    /** The catalogue's entry of that id, such as {@code smollm2-135m-instruct} or {@code llama.cpp}. */
    Optional<ModelArtifact> find(String id);

    /**
     * The file or folder of a catalogue entry, fetched first if need be, its SHA-256 checked before it can be opened.
     *
     * @throws org.usedecentral.spi.DecentralException {@code NOT_FOUND} if the catalogue has no such entry; {@code UNAVAILABLE} if
     *     every source failed, naming each and why
     */
    Path fetch(String id) throws InterruptedException;

    /**
     * SHA-256 of any file of this machine. It is read in full the first time, and again when its size or time of change is another.
     *
     * @throws org.usedecentral.spi.DecentralException {@code INVALID_REQUEST} if it cannot be read
     */
    Bytes sha256(Path file) throws InterruptedException;
}

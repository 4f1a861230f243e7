package org.usedecentral.spi.models;

import java.nio.file.Path;
import java.util.Optional;

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
}

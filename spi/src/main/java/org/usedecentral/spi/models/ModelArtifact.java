package org.usedecentral.spi.models;

import org.usedecentral.spi.Bytes;

/**
 * A file that can be fetched: weights or an engine archive.
 *
 * @param id the catalogue's name; for weights also the {@link org.usedecentral.spi.ModelId}
 * @param sha256 of the file as it is opened
 * @param license SPDX identifier
 */
public record ModelArtifact(String id, Bytes sha256, long sizeBytes, String quantisation, String license) {
    public ModelArtifact {
        if (sha256.length() != 32) {
            throw new IllegalArgumentException("a SHA-256 has 32 bytes, not " + sha256.length());
        }
    }
}

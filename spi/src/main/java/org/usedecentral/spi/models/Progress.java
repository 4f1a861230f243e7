package org.usedecentral.spi.models;

/** Told how far a fetch is. Called by the fetching thread. */
public interface Progress {
    /**
     * So much is done.
     *
     * @param what the artifact's id
     * @param totalBytes 0 when unknown
     */
    void report(String what, long doneBytes, long totalBytes);
}

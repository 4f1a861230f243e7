package org.usedecentral.spi;

import java.nio.file.Path;
import java.time.Clock;
import java.util.List;

/** What the runtime lends a plugin from {@code start} to {@code close}. Thread-safe. */
public interface PluginContext {
    Clock clock();

    /** The node's data directory; a plugin keeps to a folder of its own name in it. */
    Path dataDirectory();

    /** The node's plugins of a kind that others build on, such as its proof schemes; they are started already. */
    <P extends Plugin> List<P> plugins(Class<P> contract);

    /**
     * The file or folder of the catalogue's entry of that id, such as {@code llama.cpp}; fetched first if need be, its SHA-256 checked.
     *
     * @throws DecentralException {@code NOT_FOUND} if there is no such entry, {@code UNAVAILABLE} if every source failed
     */
    Path artifact(String id) throws InterruptedException;

    /**
     * SHA-256 of a file of this machine, such as weights that the configuration names: a model's identity in adverts, proofs and prices. Reads the file in
     * full; a node remembers what it found until the file's size or time of change is another.
     *
     * @throws DecentralException {@code INVALID_REQUEST} if the file cannot be read
     */
    default Bytes sha256(Path file) throws InterruptedException {
        return FileDigest.sha256(file);
    }

    /**
     * The node's own key, which is also its wallet.
     *
     * @throws DecentralException {@code FORBIDDEN} unless the plugin is a mesh or a ledger
     */
    Signer signer();
}

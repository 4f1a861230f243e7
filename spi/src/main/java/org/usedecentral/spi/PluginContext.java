package org.usedecentral.spi;

import java.nio.file.Path;
import java.time.Clock;
import org.usedecentral.spi.models.Artifacts;
import org.usedecentral.spi.proof.ProofScheme;

/** What the runtime lends a plugin from {@code start} to {@code close}. Thread-safe. */
public interface PluginContext {
    Clock clock();

    /** The node's data directory; a plugin keeps to a folder of its own name in it. */
    Path dataDirectory();

    /**
     * The proof scheme of that name.
     *
     * @throws DecentralException {@code UNSUPPORTED_FEATURE} if this node has none of that name
     */
    ProofScheme proofScheme(String algorithm);

    /** Fetches engine libraries and weights of the catalogue. */
    Artifacts artifacts();

    /**
     * The node's own key, which is also its wallet.
     *
     * @throws DecentralException {@code FORBIDDEN} unless the plugin is a mesh or a ledger
     */
    Signer signer();
}

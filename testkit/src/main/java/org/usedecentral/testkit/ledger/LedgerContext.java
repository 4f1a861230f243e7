package org.usedecentral.testkit.ledger;

import java.nio.file.Path;
import java.time.Clock;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.PluginContext;
import org.usedecentral.spi.Signer;
import org.usedecentral.spi.models.Artifacts;
import org.usedecentral.spi.proof.ProofScheme;

/**
 * What a ledger is started with in tests. Thread-safe.
 *
 * @param scheme the one proof scheme of this node
 * @param signer the node's own key
 */
public record LedgerContext(Clock clock, Path dataDirectory, ProofScheme scheme, Signer signer)
        implements PluginContext {
    @Override
    public ProofScheme proofScheme(String algorithm) {
        if (!algorithm.equals(scheme.algorithm())) {
            throw new DecentralException(
                    ErrorCode.UNSUPPORTED_FEATURE,
                    "this node has proof scheme " + scheme.algorithm() + " only, not " + algorithm);
        }
        return scheme;
    }

    @Override
    public Artifacts artifacts() {
        throw DecentralException.unsupported("fetching artifacts in a test of a ledger");
    }
}

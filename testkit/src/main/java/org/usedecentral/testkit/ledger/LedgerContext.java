package org.usedecentral.testkit.ledger;

import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.Plugin;
import org.usedecentral.spi.PluginContext;
import org.usedecentral.spi.Signer;
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
    public <P extends Plugin> List<P> plugins(Class<P> contract) {
        return contract.isInstance(scheme) ? List.of(contract.cast(scheme)) : List.of();
    }

    @Override
    public Path artifact(String id) {
        throw DecentralException.unsupported("fetching artifacts in a test of a ledger");
    }
}

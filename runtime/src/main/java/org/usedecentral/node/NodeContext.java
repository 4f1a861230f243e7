package org.usedecentral.node;

import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.Plugin;
import org.usedecentral.spi.PluginContext;
import org.usedecentral.spi.Signer;
import org.usedecentral.spi.models.Artifacts;
import org.usedecentral.spi.proof.ProofScheme;

/** What a node lends its plugins; only meshes and ledgers get its key. */
record NodeContext(Shared shared, boolean trusted) implements PluginContext {
    /** The same for every plugin of a node. */
    record Shared(Clock clock, Path dataDirectory, Signer signer, Artifacts artifacts, List<ProofScheme> schemes) {}

    @Override
    public Clock clock() {
        return shared.clock();
    }

    @Override
    public Path dataDirectory() {
        return shared.dataDirectory();
    }

    @Override
    public <P extends Plugin> List<P> plugins(Class<P> contract) {
        return shared.schemes().stream()
                .filter(contract::isInstance)
                .map(contract::cast)
                .toList();
    }

    @Override
    public Path artifact(String id) throws InterruptedException {
        return shared.artifacts().fetch(id);
    }

    @Override
    public Bytes sha256(Path file) throws InterruptedException {
        return shared.artifacts().sha256(file);
    }

    @Override
    public Signer signer() {
        if (!trusted) {
            throw new DecentralException(ErrorCode.FORBIDDEN, "only meshes and ledgers may use the node's key");
        }
        return shared.signer();
    }
}

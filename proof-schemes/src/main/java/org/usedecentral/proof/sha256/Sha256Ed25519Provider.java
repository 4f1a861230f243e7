package org.usedecentral.proof.sha256;

import io.helidon.config.Config;
import org.usedecentral.spi.proof.ProofScheme;
import org.usedecentral.spi.proof.ProofSchemeProvider;

/** Makes scheme {@code sha256-ed25519}. It has nothing to configure. */
public final class Sha256Ed25519Provider implements ProofSchemeProvider {
    static final String TYPE = "sha256-ed25519";

    @Override
    public String configKey() {
        return TYPE;
    }

    @Override
    public ProofScheme create(Config config, String name) {
        return new Sha256Ed25519(name);
    }
}

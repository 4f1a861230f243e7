package org.usedecentral.node;

import java.nio.file.Path;
import java.security.SecureRandom;
import org.usedecentral.crypto.KeyFile;
import org.usedecentral.spi.Signer;

/**
 * A node's keys, a file each in its data directory, made on the first start.
 *
 * @param node identity and wallet
 * @param spender what payers approve to lock credits
 * @param worker what jobs are worked with; not the node's, so that nobody earns reputation from itself
 */
record NodeKeys(Signer node, Signer spender, Signer worker) {
    static NodeKeys open(Path directory, SecureRandom random) {
        return new NodeKeys(
                KeyFile.loadOrCreate(directory.resolve("identity.json"), random),
                KeyFile.loadOrCreate(directory.resolve("spender.json"), random),
                KeyFile.loadOrCreate(directory.resolve("worker.json"), random));
    }
}

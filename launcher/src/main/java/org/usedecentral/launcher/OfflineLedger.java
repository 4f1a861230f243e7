package org.usedecentral.launcher;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Function;
import org.usedecentral.node.Node;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;

/** The ledger of a stopped node. */
final class OfflineLedger {
    private OfflineLedger() {}

    static <T> T use(Session session, NodeOptions options, Function<Node, T> work) {
        return use(session, options, options.directory(session.surroundings()), work);
    }

    /** The same for a directory that the options do not name. */
    static <T> T use(Session session, NodeOptions options, Path directory, Function<Node, T> work) {
        if (!Files.exists(directory.resolve("identity.json"))) {
            throw new DecentralException(
                    ErrorCode.NOT_FOUND,
                    "there is no node in " + directory + ": 'decentral up' makes one, or name another --data-dir");
        }
        if (DataDirectory.inUse(directory)) {
            throw new DecentralException(
                    ErrorCode.CONFLICT,
                    "the ledger in " + directory + " is in use by a running node: stop it, or ask it for a balance"
                            + " with --base-url and --key");
        }
        var config = options.config(
                session.surroundings(), Map.of("orchestrator.enabled", "false", "worker.enabled", "false"), Map.of());
        try (DataDirectory held = DataDirectory.open(directory);
                Node opened = Node.builder()
                        .config(config)
                        .dataDirectory(held.path())
                        .build()
                        .start()) {
            return work.apply(opened);
        }
    }
}

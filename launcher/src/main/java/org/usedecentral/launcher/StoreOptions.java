package org.usedecentral.launcher;

import io.helidon.config.Config;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.usedecentral.models.ArtifactStore;
import org.usedecentral.models.SharedCache;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.models.Progress;
import picocli.CommandLine.Mixin;

/** Options of the commands that work on what a node has fetched, and the store they lead to. */
final class StoreOptions {
    @Mixin
    final NodeOptions node = new NodeOptions();

    /** The store that a node of this configuration uses. */
    ArtifactStore open(Session session, Progress progress) {
        Config config = node.config(session.surroundings(), Map.of(), Map.of());
        return ArtifactStore.open(config.get("catalogue"), directory(session), cache(session), progress);
    }

    Path directory(Session session) {
        return node.directory(session.surroundings()).toAbsolutePath().normalize();
    }

    static Optional<Path> cache(Session session) {
        Surroundings surroundings = session.surroundings();
        return SharedCache.locate(
                Optional.ofNullable(surroundings.properties().get("decentral.cache")),
                surroundings.environment(),
                Optional.of(surroundings.home().toString()));
    }

    /**
     * Refuses to take from the disk what a running node may have open.
     *
     * @throws DecentralException {@code CONFLICT} naming the node's data directory
     */
    void requireIdle(Session session) {
        Path home = session.surroundings().home();
        List<Path> directories = Stream.of(
                        directory(session), home.resolve(".decentral"), home.resolve(".decentral-worker"))
                .distinct()
                .toList();
        for (Path directory : directories) {
            if (DataDirectory.inUse(directory)) {
                throw new DecentralException(
                        ErrorCode.CONFLICT,
                        "a node runs with the data directory " + directory + " and may use it: stop that node first");
            }
        }
    }
}

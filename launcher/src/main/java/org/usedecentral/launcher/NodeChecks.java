package org.usedecentral.launcher;

import io.helidon.config.Config;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.Set;
import org.usedecentral.engine.CrashRecords;
import org.usedecentral.models.ArtifactStore;
import org.usedecentral.node.NodeConfig;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.Plugin;
import org.usedecentral.spi.PluginContext;
import org.usedecentral.spi.Signer;
import org.usedecentral.spi.inference.InferenceBackend;
import org.usedecentral.spi.inference.InferenceBackendProvider;
import org.usedecentral.spi.models.Artifacts;
import org.usedecentral.spi.models.ModelArtifact;
import org.usedecentral.spi.protocol.Sha256;
import org.usedecentral.time.SystemTimers;

/** What the doctor looks at of a node that does not run. It fetches nothing and changes nothing. Stateless. */
final class NodeChecks {
    private static final String LATER = "nothing to do: the first start fetches it";
    private static final Duration RECENT = Duration.ofDays(7);
    private static final int BUFFER = 1 << 16;

    private NodeChecks() {}

    static Check directory(Path directory) {
        if (!Files.exists(directory)) {
            return Check.ok("data", directory + " is made at the first start");
        }
        if (!Files.isDirectory(directory) || !Files.isWritable(directory)) {
            return Check.fail(
                    "data", directory + " cannot be written to", "correct its owner, or choose another --data-dir");
        }
        try {
            Set<PosixFilePermission> permissions = Files.getFileStore(directory).supportsFileAttributeView("posix")
                    ? Files.getPosixFilePermissions(directory)
                    : Set.of();
            if (permissions.contains(PosixFilePermission.GROUP_WRITE)
                    || permissions.contains(PosixFilePermission.OTHERS_WRITE)) {
                return Check.fail("data", directory + " may be written by others", "run: chmod 700 " + directory);
            }
        } catch (IOException e) {
            return Check.warn("data", directory + ": " + e.getMessage(), "see that the disk is there");
        }
        return Check.ok("data", directory + (DataDirectory.inUse(directory) ? ", in use by a running node" : ""));
    }

    static Check port(NodeConfig config, Path directory) {
        String host = config.gateway().host();
        int port = config.gateway().port();
        try (ServerSocket probe = new ServerSocket()) {
            probe.setReuseAddress(true);
            probe.bind(new InetSocketAddress(InetAddress.getByName(host), port));
            return Check.ok("port", host + ":" + port + " is free");
        } catch (IOException e) {
            return Files.isDirectory(directory) && DataDirectory.inUse(directory)
                    ? Check.ok("port", host + ":" + port + " is taken, by the running node it seems")
                    : Check.warn(
                            "port",
                            host + ":" + port + " is taken by something else",
                            "choose another: --port, or gateway.port");
        }
    }

    /** Whether engine hosts ended unasked lately. */
    static Check crashes(Path directory, Instant now) {
        List<CrashRecords.Crash> recent = CrashRecords.of(directory).list().stream()
                .filter(crash -> crash.time().isAfter(now.minus(RECENT)))
                .toList();
        if (recent.isEmpty()) {
            return Check.ok("crashes", "no engine crashed in the last " + RECENT.toDays() + " days");
        }
        CrashRecords.Crash last = recent.getFirst();
        boolean memory = last.cause().contains("SIGKILL");
        return Check.warn(
                "crashes",
                recent.size() + " in the last " + RECENT.toDays() + " days; engine " + last.engine() + " at "
                        + last.time() + ": " + last.cause(),
                (memory
                                ? "give it less to hold (fewer slots, a smaller context or model); "
                                : "update the engine's library or try gpu-layers: 0; ")
                        + "see " + last.file());
    }

    /** Whether weights are here, and are still what was fetched. */
    static Check model(String id, ArtifactStore store) {
        String name = "model " + id;
        try {
            Optional<Path> file = store.locate(id);
            if (file.isEmpty()) {
                return Check.warn(name, "not fetched yet", LATER);
            }
            Bytes wanted = store.find(id)
                    .map(ModelArtifact::sha256)
                    .orElseThrow(() -> new DecentralException(ErrorCode.NOT_FOUND, "not in the catalogue"));
            return sha256(file.get()).equals(wanted)
                    ? Check.ok(name, file.get() + ", SHA-256 is right")
                    : Check.fail(
                            name,
                            file.get() + " is damaged: its SHA-256 is not the catalogue's",
                            "delete it: the next start fetches it again");
        } catch (DecentralException e) {
            return Check.fail(name, e.message(), "correct worker.models or the list catalogue");
        } catch (IOException e) {
            return Check.fail(name, "cannot be read: " + e, "delete it: the next start fetches it again");
        }
    }

    private static Bytes sha256(Path file) throws IOException {
        MessageDigest digest = Sha256.newDigest();
        byte[] buffer = new byte[BUFFER];
        try (InputStream in = Files.newInputStream(file)) {
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                digest.update(buffer, 0, read);
            }
        }
        return Bytes.of(digest.digest());
    }

    /** Whether each configured backend starts, with what is on this machine. */
    static List<Check> backends(Config backends, Path directory, ArtifactStore store) {
        List<Check> checks = new ArrayList<>();
        for (Config item : backends.asNodeList().orElse(List.of())) {
            String type = item.get("type").asString().orElse("?");
            String name = "backend " + item.get("name").asString().orElse(type);
            checks.add(provider(type)
                    .map(found -> start(name, found, item, new Context(directory, new Here(store))))
                    .orElseGet(() -> Check.fail(
                            name,
                            "there is no plugin of type " + type,
                            "put its jar into plugins/, or correct the type")));
        }
        return checks;
    }

    private static Optional<InferenceBackendProvider> provider(String type) {
        return ServiceLoader.load(InferenceBackendProvider.class).stream()
                .map(ServiceLoader.Provider::get)
                .filter(provider -> provider.configKey().equals(type))
                .findFirst();
    }

    private static Check start(String name, InferenceBackendProvider provider, Config item, Context context) {
        try (InferenceBackend backend = provider.create(item, name)) {
            backend.start(context);
            return Check.ok(name, "its engine starts; devices: " + backend.devices());
        } catch (NotHere e) {
            return Check.warn(name, e.getMessage() + " is not fetched yet", LATER);
        } catch (DecentralException e) {
            return Check.fail(name, e.message(), "correct its configuration");
        }
    }

    /** Something that only a fetch could bring. */
    private static final class NotHere extends RuntimeException {
        private static final long serialVersionUID = 1L;

        NotHere(String id) {
            super(id);
        }
    }

    /** What is on this machine already. */
    private record Here(ArtifactStore store) implements Artifacts {
        @Override
        public Optional<ModelArtifact> find(String id) {
            return store.find(id);
        }

        @Override
        public Path fetch(String id) {
            return store.locate(id).orElseThrow(() -> new NotHere(id));
        }

        @Override
        public Bytes sha256(Path file) throws InterruptedException {
            return store.sha256(file);
        }
    }

    /** Lends a backend what it needs to start, and no key. */
    private record Context(Path dataDirectory, Artifacts artifacts) implements PluginContext {
        @Override
        public Clock clock() {
            return SystemTimers.CLOCK;
        }

        @Override
        public <P extends Plugin> List<P> plugins(Class<P> contract) {
            return List.of();
        }

        @Override
        public Path artifact(String id) throws InterruptedException {
            return artifacts.fetch(id);
        }

        @Override
        public Bytes sha256(Path file) throws InterruptedException {
            return artifacts.sha256(file);
        }

        @Override
        public Signer signer() {
            throw new DecentralException(ErrorCode.FORBIDDEN, "backends get no key");
        }
    }
}

package org.usedecentral.launcher;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;

/**
 * Where a running worker tells its owner how it does: a Unix-domain socket in the data directory. Who connects is sent one JSON object; nothing is read
 * from it. One connection at a time, on a virtual thread.
 */
final class StatusSocket implements AutoCloseable {
    static final String FILE_NAME = "worker.sock";

    private static final Logger LOG = System.getLogger(StatusSocket.class.getName());

    /** What the address of such a socket may be long, on every system that has them. */
    private static final int MOST_ADDRESS = 100;

    private static final int MOST_BYTES = 1 << 20;
    private static final long LIMIT_SECONDS = 15;

    private final Path file;
    private final @Nullable ServerSocketChannel server;

    private StatusSocket(Path file, @Nullable ServerSocketChannel server) {
        this.file = file;
        this.server = server;
    }

    /** Listens in a data directory that this process holds; where it cannot, the log says why, and the worker runs without. */
    static StatusSocket open(Path directory, Supplier<Bytes> status) {
        Path file = directory.resolve(FILE_NAME);
        if (file.toString().getBytes(StandardCharsets.UTF_8).length > MOST_ADDRESS) {
            LOG.log(Level.INFO, "no 'worker status': the path {0} is too long for a socket", file);
            return new StatusSocket(file, null);
        }
        try {
            // Of a run that crashed: the directory's lock says that nobody listens there.
            Files.deleteIfExists(file);
            ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
            try {
                server.bind(UnixDomainSocketAddress.of(file));
                Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
            } catch (IOException | RuntimeException e) {
                server.close();
                throw e;
            }
            Thread.ofVirtual().name("decentral-status").start(() -> serve(server, status));
            return new StatusSocket(file, server);
        } catch (IOException | UnsupportedOperationException e) {
            // Unsupported: a system without such sockets, or a file system without permissions to close it with.
            LOG.log(Level.INFO, "no 'worker status': {0}: {1}", file, e);
            return new StatusSocket(file, null);
        }
    }

    private static void serve(ServerSocketChannel server, Supplier<Bytes> status) {
        while (server.isOpen()) {
            try (SocketChannel client = server.accept()) {
                ByteBuffer answer = status.get().asBuffer();
                while (answer.hasRemaining()) {
                    client.write(answer);
                }
            } catch (IOException | RuntimeException e) {
                LOG.log(Level.DEBUG, "status was not told: {0}", e.toString());
            }
        }
    }

    /**
     * What the worker in that data directory says; empty if none listens there.
     *
     * @throws DecentralException {@code UNAVAILABLE} if it does not answer in time
     */
    static Optional<JsonNode> ask(Path directory) throws InterruptedException {
        Path file = directory.resolve(FILE_NAME);
        if (!Files.exists(file) || file.toString().getBytes(StandardCharsets.UTF_8).length > MOST_ADDRESS) {
            return Optional.empty();
        }
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            try {
                channel.connect(UnixDomainSocketAddress.of(file));
            } catch (IOException e) {
                return Optional.empty();
            }
            FutureTask<byte[]> answer =
                    new FutureTask<>(() -> Channels.newInputStream(channel).readNBytes(MOST_BYTES));
            Thread.ofVirtual().name("decentral-status").start(answer);
            return Optional.of(GatewayClient.parse(answer.get(LIMIT_SECONDS, TimeUnit.SECONDS)));
        } catch (IOException | ExecutionException | TimeoutException e) {
            throw new DecentralException(
                    ErrorCode.UNAVAILABLE,
                    "the worker in " + directory + " does not answer: see whether its process is stopped or overloaded",
                    e);
        }
    }

    @Override
    public void close() {
        ServerSocketChannel open = server;
        if (open == null) {
            return;
        }
        try {
            open.close();
            Files.deleteIfExists(file);
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "the status socket is left behind: {0}", e.toString());
        }
    }
}

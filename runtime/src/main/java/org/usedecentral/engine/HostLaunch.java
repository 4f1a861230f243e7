package org.usedecentral.engine;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.time.Timers;

/** An engine host's process from its start until it has connected, and its end. Thread-safe. */
final class HostLaunch {
    private static final Logger LOG = System.getLogger(HostLaunch.class.getName());
    private static final int TOKEN_BYTES = 32;
    private static final Duration EXIT_LIMIT = Duration.ofSeconds(1);
    private static final Duration KILL_LIMIT = Duration.ofSeconds(10);

    private final Process process;
    private final HostOutput output;
    private final ServerSocketChannel server;
    private final Path folder;
    private final String token;
    private final CrashRecords crashes;

    private HostLaunch(Process process, HostOutput output, Socket socket, CrashRecords crashes) {
        this.process = process;
        this.output = output;
        this.server = socket.server();
        this.folder = socket.folder();
        this.token = socket.token();
        this.crashes = crashes;
    }

    /** Where the host is to connect, in a folder that only this user may enter. */
    private record Socket(ServerSocketChannel server, Path folder, String token) {
        static Socket open(SecureRandom random) throws IOException {
            byte[] token = new byte[TOKEN_BYTES];
            random.nextBytes(token);
            // Owner-only by the JDK's promise.
            Path folder = Files.createTempDirectory("decentral-engine-");
            ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
            try {
                server.bind(UnixDomainSocketAddress.of(folder.resolve("socket")), 1);
                return new Socket(server, folder, HexFormat.of().formatHex(token));
            } catch (IOException | RuntimeException e) {
                server.close();
                remove(folder);
                throw e;
            }
        }
    }

    /**
     * Starts the process and does not wait for it.
     *
     * @throws DecentralException {@code UNAVAILABLE} if the system does not start it
     */
    static HostLaunch start(EngineSpec spec, EngineParts parts) {
        try {
            CrashRecords crashes = CrashRecords.in(parts.dataDirectory());
            Socket socket = Socket.open(parts.random());
            Process process;
            try {
                process = new ProcessBuilder(HostCommand.of(
                                spec.name(),
                                new HostCommand.Places(socket.folder().resolve("socket"), crashes.folder())))
                        .redirectErrorStream(true)
                        .start();
            } catch (IOException | RuntimeException e) {
                socket.server().close();
                remove(socket.folder());
                throw e;
            }
            HostOutput output = new HostOutput(spec.name(), parts.timers().clock(), process.getInputStream());
            HostLaunch launch = new HostLaunch(process, output, socket, crashes);
            launch.greet();
            return launch;
        } catch (IOException e) {
            throw new DecentralException(
                    ErrorCode.UNAVAILABLE,
                    "the engine host of backend " + spec.name() + " cannot be started: " + e
                            + "; set isolation: none to run the engine inside the worker",
                    e);
        }
    }

    /** The standard input stays open: its end tells the host that this process is gone. */
    private void greet() throws IOException {
        OutputStream input = process.getOutputStream();
        try {
            input.write((token + "\n").getBytes(StandardCharsets.US_ASCII));
            input.flush();
        } catch (IOException e) {
            // It has ended already; waiting for its connection says how.
            LOG.log(Level.DEBUG, "the engine host does not listen", e);
        }
    }

    /**
     * Waits until the host has connected.
     *
     * @throws DecentralException {@code UNAVAILABLE} saying how it ended, or that it did not come within the limit
     */
    Connection connect(Timers timers, Duration limit) {
        // The process's end closes the server, which is what wakes accept.
        var _ = process.onExit().thenRun(this::closeServer);
        AtomicBoolean late = new AtomicBoolean();
        Timers.Alarm alarm = timers.startAfter(limit, "decentral-engine-start", () -> {
            late.set(true);
            process.destroyForcibly();
        });
        try {
            SocketChannel channel = server.accept();
            FrameReader reader = new FrameReader(channel);
            FrameIn hello = reader.next();
            if (hello == null || hello.type() != FrameType.HELLO || !isToken(hello.getText())) {
                channel.close();
                throw new IOException("something else connected to the engine's socket");
            }
            return new Connection(channel, reader);
        } catch (ClosedByInterruptException e) {
            kill();
            throw new DecentralException(ErrorCode.CANCELLED, "interrupted while the engine host starts", e);
        } catch (IOException e) {
            // What broke the connection is mostly its end, which may take a moment to be seen.
            boolean ended = awaitExit(EXIT_LIMIT);
            kill();
            String why = ended ? exit() : String.valueOf(e.getMessage());
            throw new DecentralException(
                    ErrorCode.UNAVAILABLE,
                    late.get() ? "it did not connect within " + limit.toSeconds() + " s" : why,
                    e);
        } finally {
            alarm.cancel();
            closeServer();
        }
    }

    /** A host that has said hello. */
    record Connection(SocketChannel channel, FrameReader reader) {}

    private boolean isToken(String said) {
        return MessageDigest.isEqual(
                said.getBytes(StandardCharsets.US_ASCII), token.getBytes(StandardCharsets.US_ASCII));
    }

    private void closeServer() {
        try {
            server.close();
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "the engine's socket does not close", e);
        }
        remove(folder);
    }

    private static void remove(Path folder) {
        try {
            Files.deleteIfExists(folder.resolve("socket"));
            Files.deleteIfExists(folder);
        } catch (IOException e) {
            LOG.log(Level.WARNING, "{0} is left behind: {1}", folder, e.toString());
        }
    }

    long pid() {
        return process.pid();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    HostOutput output() {
        return output;
    }

    /** How the process ended. */
    String exit() {
        return process.isAlive() ? "it still runs" : crashes.cause(process.pid(), process.exitValue());
    }

    /** Waits for its own end; true if it came. */
    boolean awaitExit(Duration limit) {
        boolean interrupted = false;
        long end = System.nanoTime() + limit.toNanos();
        try {
            while (true) {
                try {
                    return process.waitFor(end - System.nanoTime(), TimeUnit.NANOSECONDS);
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Ends it if it runs still, and all that is open for it. */
    void kill() {
        closeServer();
        process.destroyForcibly();
        if (!awaitExit(KILL_LIMIT)) {
            LOG.log(Level.WARNING, "engine host {0} does not end although it was killed", process.pid());
        }
        try {
            process.getOutputStream().close();
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "a pipe to a process that is gone", e);
        }
    }
}

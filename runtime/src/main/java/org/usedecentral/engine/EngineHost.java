package org.usedecentral.engine;

import java.io.IOException;
import java.io.InputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;

/**
 * The engine host's main program: one backend, spoken to over a socket. It reads a token from its standard input, which stays open as long as the worker
 * lives; when it ends, or the worker is not its parent any more, so does the host, whatever native code does.
 */
public final class EngineHost {
    private static final Logger LOG = System.getLogger(EngineHost.class.getName());
    private static final long LOOK_FOR_PARENT = Duration.ofSeconds(1).toNanos();
    private static final int MAX_TOKEN = 256;
    private static final int ORPHANED = 3;
    private static final int BROKEN = 4;

    private EngineHost() {}

    /** Run by the worker only, with the socket's path and the worker's process id. */
    public static void main(String[] arguments) throws IOException {
        if (arguments.length != 2) {
            throw new IllegalArgumentException("an engine host is started by a worker, not by hand");
        }
        String token = readToken(System.in);
        watchInput(System.in);
        watchParent(Long.parseLong(arguments[1]));
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(arguments[0]));
            FrameWriter writer = new FrameWriter(channel, Runnable::run);
            writer.send(FrameOut.of(FrameType.HELLO, 0).putText(token));
            serve(new FrameReader(channel), new HostedBackend(writer));
        } catch (IOException e) {
            LOG.log(Level.WARNING, "the connection to the worker broke: {0}", e.getMessage());
            Runtime.getRuntime().halt(BROKEN);
        }
        // Threads of the engine's own must not keep the process.
        Runtime.getRuntime().exit(0);
    }

    /** Until the worker says CLOSE; without a worker there is nothing to close for. */
    private static void serve(FrameReader reader, HostedBackend backend) throws IOException {
        while (true) {
            FrameIn frame = reader.next();
            if (frame == null) {
                Runtime.getRuntime().halt(ORPHANED);
                return;
            }
            if (frame.type() == FrameType.CLOSE) {
                backend.close();
                return;
            }
            backend.accept(frame);
        }
    }

    private static String readToken(InputStream in) throws IOException {
        StringBuilder token = new StringBuilder();
        for (int c = in.read(); c != '\n'; c = in.read()) {
            if (c < 0 || token.length() == MAX_TOKEN) {
                throw new IOException("no token on the standard input");
            }
            token.append((char) c);
        }
        return new String(token.toString().getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.US_ASCII);
    }

    private static void watchInput(InputStream in) {
        Thread.ofPlatform().daemon().name("engine-input").start(() -> {
            try {
                while (in.read() >= 0) {
                    LOG.log(Level.DEBUG, "the worker says nothing here");
                }
            } catch (IOException e) {
                LOG.log(Level.DEBUG, "the standard input broke: {0}", e.getMessage());
            }
            Runtime.getRuntime().halt(ORPHANED);
        });
    }

    /** In case something else holds the other end of the standard input open. */
    private static void watchParent(long parent) {
        Thread.ofPlatform().daemon().name("engine-parent").start(() -> {
            while (ProcessHandle.current()
                    .parent()
                    .filter(now -> now.pid() == parent)
                    .isPresent()) {
                LockSupport.parkNanos(LOOK_FOR_PARENT);
            }
            Runtime.getRuntime().halt(ORPHANED);
        });
    }

    /** What the worker is told of an error of the plugin. */
    static DecentralException told(Throwable error) {
        if (error instanceof DecentralException ours) {
            return ours;
        }
        LOG.log(Level.ERROR, "the engine failed", error);
        return new DecentralException(ErrorCode.INTERNAL, "the engine failed: " + error, error);
    }

    /** An answer that ends a call or stream. */
    static FrameOut failed(int id, Throwable error) {
        return FrameOut.of(FrameType.FAILED, id).putError(told(error));
    }

    /** What an interrupted call says; the worker cancelled it and does not listen. */
    static DecentralException cancelled(@Nullable Throwable cause) {
        return new DecentralException(ErrorCode.CANCELLED, "cancelled by the worker", cause);
    }
}

package org.usedecentral.process;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.usedecentral.spi.Bytes;

/**
 * Stands between a worker and its gateway, passes every byte on and keeps it. The gateway behind it may be started anew on another port: then
 * connections that come later go there. Thread-safe.
 */
final class WireTap implements AutoCloseable {
    private static final int MAX_KEPT = 64 << 20;

    private final ServerSocket server;
    private final List<Connection> connections = new CopyOnWriteArrayList<>();
    private final AtomicLong toWorker = new AtomicLong();
    private final AtomicLong fromWorker = new AtomicLong();
    private volatile int target;

    /** What passed on one connection, as it was on the wire. */
    record Recorded(Bytes fromWorker, Bytes toWorker) {}

    private record Connection(
            Socket worker, Socket gateway, ByteArrayOutputStream fromWorker, ByteArrayOutputStream toWorker) {}

    private WireTap(ServerSocket server, int target) {
        this.server = server;
        this.target = target;
    }

    /** A tap in front of a port of this machine. */
    static WireTap before(int target) throws IOException {
        WireTap tap = new WireTap(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()), target);
        Thread.ofVirtual().name("tap").start(tap::accept);
        return tap;
    }

    int port() {
        return server.getLocalPort();
    }

    /** Where connections go from now on. */
    void target(int port) {
        target = port;
    }

    /** Bytes that went to the worker so far. */
    long toWorker() {
        return toWorker.get();
    }

    /** Bytes that came from the worker so far. */
    long fromWorker() {
        return fromWorker.get();
    }

    List<Recorded> recorded() {
        return connections.stream()
                .map(one -> new Recorded(copy(one.fromWorker()), copy(one.toWorker())))
                .toList();
    }

    private static Bytes copy(ByteArrayOutputStream kept) {
        synchronized (kept) {
            return Bytes.of(kept.toByteArray());
        }
    }

    private void accept() {
        try {
            while (!server.isClosed()) {
                Socket worker = server.accept();
                Thread.ofVirtual().name("tap").start(() -> connect(worker));
            }
        } catch (IOException e) {
            if (!server.isClosed()) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private void connect(Socket worker) {
        Socket gateway = new Socket();
        try {
            worker.setTcpNoDelay(true);
            gateway.setTcpNoDelay(true);
            gateway.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), target), 10_000);
        } catch (IOException e) {
            // The gateway is down; the worker sees its connection end, and dials again.
            close(worker);
            close(gateway);
            return;
        }
        Connection connection =
                new Connection(worker, gateway, new ByteArrayOutputStream(), new ByteArrayOutputStream());
        connections.add(connection);
        Thread.ofVirtual()
                .name("tap")
                .start(() -> pass(connection, new Way(worker, gateway, connection.fromWorker(), fromWorker)));
        pass(connection, new Way(gateway, worker, connection.toWorker(), toWorker));
    }

    private record Way(Socket from, Socket to, ByteArrayOutputStream kept, AtomicLong count) {}

    private static void pass(Connection connection, Way way) {
        byte[] buffer = new byte[16 * 1024];
        try {
            InputStream in = way.from().getInputStream();
            OutputStream out = way.to().getOutputStream();
            for (int length = in.read(buffer); length >= 0; length = in.read(buffer)) {
                keep(way, buffer, length);
                out.write(buffer, 0, length);
            }
        } catch (IOException e) {
            // One of the two ended, which the other one is told below.
        } finally {
            close(connection.worker());
            close(connection.gateway());
        }
    }

    private static void keep(Way way, byte[] buffer, int length) {
        synchronized (way.kept()) {
            if (way.kept().size() + length > MAX_KEPT) {
                throw new IllegalStateException("more than " + MAX_KEPT + " bytes on one connection of a test");
            }
            way.kept().write(buffer, 0, length);
        }
        way.count().addAndGet(length);
    }

    private static void close(AutoCloseable socket) {
        try {
            socket.close();
        } catch (Exception e) {
            throw new AssertionError("a socket does not close", e);
        }
    }

    @Override
    public void close() {
        close(server);
        for (Connection connection : connections) {
            close(connection.worker());
            close(connection.gateway());
        }
    }
}

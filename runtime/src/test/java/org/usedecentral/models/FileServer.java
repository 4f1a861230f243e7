package org.usedecentral.models;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.usedecentral.models.FileServer.Content.Fault;
import org.usedecentral.spi.Bytes;

/** An HTTP server on the loopback interface that serves byte arrays, well or badly. */
final class FileServer implements AutoCloseable {
    private final HttpServer server;
    private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
    private final Map<String, Content> files = new ConcurrentHashMap<>();
    private final Map<String, Deque<Integer>> cuts = new ConcurrentHashMap<>();
    private final List<String> requests = new CopyOnWriteArrayList<>();
    private final CountDownLatch closed = new CountDownLatch(1);

    /**
     * What is served, and how.
     *
     * @param cutAfter every answer ends after so many bytes
     * @param redirect where to, or empty
     */
    record Content(Bytes bytes, int cutAfter, Set<Fault> faults, String redirect, int status) {
        enum Fault {
            NO_RANGES,
            /** A body of unknown length. */
            CHUNKED,
            /** After the cut the connection stays open in silence. */
            STALLING
        }

        static Content of(byte[] bytes) {
            return new Content(Bytes.of(bytes), Integer.MAX_VALUE, Set.of(), "", 200);
        }

        Content cutAfter(int length) {
            return new Content(bytes, length, faults, redirect, status);
        }

        Content with(Fault fault) {
            return new Content(bytes, cutAfter, Set.of(fault), redirect, status);
        }

        static Content redirect(String location) {
            return new Content(Bytes.empty(), 0, Set.of(), location, 302);
        }

        static Content status(int status) {
            return new Content(Bytes.empty(), 0, Set.of(), "", status);
        }
    }

    FileServer() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(executor);
        server.createContext("/", this::answer);
        server.start();
    }

    URI serve(String path, Content content) {
        files.put(path, content);
        return url(path);
    }

    /** Every answer for {@code path} ends at the next of these positions of the file, as long as there is one. */
    void cutAt(String path, List<Integer> positions) {
        cuts.put(path, new ConcurrentLinkedDeque<>(positions));
    }

    Source.Http source(String path, Content content) {
        return new Source.Http(serve(path, content), Set.of());
    }

    URI url(String path) {
        return URI.create("http://" + authority() + path);
    }

    String authority() {
        return "127.0.0.1:" + server.getAddress().getPort();
    }

    /** Path and range of every request so far. */
    List<String> requests() {
        return requests;
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String path = exchange.getRequestURI().getPath();
            String range = exchange.getRequestHeaders().getFirst("Range");
            requests.add(range == null ? path : path + " " + range);
            Content content = files.getOrDefault(path, Content.status(404));
            if (!content.redirect().isEmpty()) {
                exchange.getResponseHeaders().set("Location", content.redirect());
            }
            if (content.status() != 200) {
                exchange.sendResponseHeaders(content.status(), -1);
                return;
            }
            if (exchange.getRequestMethod().equals("HEAD")) {
                String length = Integer.toString(content.bytes().length());
                exchange.getResponseHeaders().set("Content-Length", length);
                exchange.sendResponseHeaders(200, -1);
                return;
            }
            send(
                    exchange,
                    content,
                    range,
                    cuts.getOrDefault(path, new ArrayDeque<>()).poll());
        }
    }

    private void send(HttpExchange exchange, Content content, @Nullable String range, @Nullable Integer cutAt)
            throws IOException {
        int from = 0;
        byte[] bytes = content.bytes().toByteArray();
        int total = bytes.length;
        if (range != null && !content.faults().contains(Fault.NO_RANGES)) {
            from = Integer.parseInt(range.substring("bytes=".length(), range.length() - 1));
            if (from >= total) {
                exchange.sendResponseHeaders(416, -1);
                return;
            }
            exchange.getResponseHeaders().set("Content-Range", "bytes " + from + "-" + (total - 1) + "/" + total);
        }
        exchange.sendResponseHeaders(
                from == 0 ? 200 : 206, content.faults().contains(Fault.CHUNKED) ? 0 : total - from);
        int length = Math.min(total - from, cutAt == null ? content.cutAfter() : Math.max(0, cutAt - from));
        exchange.getResponseBody().write(bytes, from, length);
        exchange.getResponseBody().flush();
        if (content.faults().contains(Fault.STALLING) && from + length < total) {
            try {
                boolean _ = closed.await(30, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public void close() {
        closed.countDown();
        server.stop(0);
        executor.shutdownNow();
    }
}

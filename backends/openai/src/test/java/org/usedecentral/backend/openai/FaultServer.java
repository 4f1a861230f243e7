package org.usedecentral.backend.openai;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An HTTP server on a bare socket, so that it can break every rule: each path has a script that writes bytes as it likes. A connection takes one
 * request.
 */
final class FaultServer implements AutoCloseable {
    private static final Pattern LENGTH = Pattern.compile("(?i)content-length: *([0-9]+)");

    private final ServerSocket socket;
    private final Map<String, Script> scripts = new ConcurrentHashMap<>();
    private final List<Received> received = new CopyOnWriteArrayList<>();
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final CountDownLatch disconnected = new CountDownLatch(1);

    /** What to answer; the connection closes after it. */
    interface Script {
        void answer(OutputStream out, Connection connection) throws IOException, InterruptedException;
    }

    /** A request as it came. */
    record Received(String line, String head, String body) {
        String path() {
            return line.substring(line.indexOf(' ') + 1, line.lastIndexOf(' '));
        }

        boolean isStreamed() {
            return body.contains("\"stream\":true");
        }
    }

    /** What scripts may ask of their connection. */
    record Connection(Received request, InputStream in, CountDownLatch disconnected) {
        /** Waits until the client has left. */
        void awaitDisconnect() throws IOException {
            if (in.read() < 0) {
                disconnected.countDown();
            }
        }
    }

    FaultServer() {
        try {
            socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread.ofVirtual().name("fault-server").start(this::accept);
    }

    /** A server with one model of this owner. */
    static FaultServer of(String owner) {
        FaultServer server = new FaultServer();
        server.models("{\"id\":\"m\",\"object\":\"model\",\"owned_by\":\"" + owner + "\",\"max_model_len\":1000}");
        return server;
    }

    FaultServer models(String items) {
        return on("/v1/models", json(200, "{\"object\":\"list\",\"data\":[" + items + "]}"));
    }

    FaultServer on(String path, Script script) {
        scripts.put(path, script);
        return this;
    }

    FaultServer chat(Script script) {
        return on("/v1/chat/completions", script);
    }

    String url() {
        return "http://127.0.0.1:" + socket.getLocalPort() + "/v1";
    }

    List<Received> received() {
        return received;
    }

    boolean awaitDisconnect() throws InterruptedException {
        return disconnected.await(10, TimeUnit.SECONDS);
    }

    private void accept() {
        while (!socket.isClosed()) {
            try {
                Socket client = socket.accept();
                open.add(client);
                Thread.ofVirtual().name("fault-connection").start(() -> serve(client));
            } catch (IOException e) {
                return;
            }
        }
    }

    private void serve(Socket client) {
        try (client;
                InputStream in = client.getInputStream();
                OutputStream out = new BufferedOutputStream(client.getOutputStream())) {
            Received request = read(in);
            received.add(request);
            Script script = scripts.getOrDefault(request.path(), json(404, "{}"));
            script.answer(out, new Connection(request, in, disconnected));
            out.flush();
        } catch (IOException e) {
            disconnected.countDown();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            open.remove(client);
        }
    }

    private static Received read(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int b = in.read();
            if (b < 0) {
                throw new IOException("no request");
            }
            head.append((char) b);
        }
        String text = head.toString();
        Matcher matcher = LENGTH.matcher(text);
        int length = matcher.find() ? Integer.parseInt(matcher.group(1)) : 0;
        String body = new String(in.readNBytes(length), StandardCharsets.UTF_8);
        return new Received(text.substring(0, text.indexOf("\r\n")), text, body);
    }

    /** A whole answer. */
    static Script json(int status, String body) {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        return (out, connection) -> {
            write(
                    out,
                    "HTTP/1.1 " + status
                            + " X\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: "
                            + bytes.length + "\r\n\r\n");
            out.write(bytes);
        };
    }

    /** A stream of these bytes, ended by the end of the connection. */
    static Script stream(String text) {
        return (out, connection) -> {
            beginStream(out);
            write(out, text);
        };
    }

    /** The same, if the request asks for a stream; else the usage of a prompt of five tokens. */
    static Script counted(String text) {
        return (out, connection) -> {
            Script script = connection.request().isStreamed()
                    ? stream(text)
                    : json(200, "{\"choices\":[],\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":1}}");
            script.answer(out, connection);
        };
    }

    static void beginStream(OutputStream out) throws IOException {
        write(out, "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\nconnection: close\r\n\r\n");
    }

    static void write(OutputStream out, String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.UTF_8));
        out.flush();
    }

    @Override
    public void close() {
        try {
            socket.close();
            for (Socket client : open) {
                client.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

package org.usedecentral.launcher;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.helidon.config.Config;
import java.io.IOException;
import java.io.PrintStream;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.usedecentral.node.GatewayServer;
import org.usedecentral.node.Node;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;

/** A node with its gateway, from start to stop. One thread. */
final class GatewayRun {
    private static final String EMBEDDED = "embedded";

    private final Session session;
    private final Config config;
    private final Path directory;
    private final boolean json;

    GatewayRun(Session session, Config config, Path directory, boolean json) {
        this.session = session;
        this.config = config;
        this.directory = directory;
        this.json = json;
    }

    /** Returns when the process is to end, and everything is closed. */
    void run() {
        session.shutdown().engage();
        ProgressLine progress = new ProgressLine(session.terminal());
        try (DataDirectory held = DataDirectory.open(directory)) {
            Node built = Node.builder()
                    .config(config)
                    .dataDirectory(held.path())
                    .progress(progress)
                    .build();
            requireFree(
                    built.configuration().gateway().host(),
                    built.configuration().gateway().port());
            try (Node node = built.start();
                    GatewayServer server = serve(node);
                    StatusSocket _ = StatusJson.socket(node)) {
                progress.end();
                Draining.allow(node, session);
                session.shutdown().check();
                announce(node, server, held.path());
                session.shutdown().await();
                Draining.of(node, session);
            }
        }
        session.terminal().err().println("stopped");
    }

    /** Said before a model is loaded, not after. */
    private static void requireFree(String host, int port) {
        try (ServerSocket probe = new ServerSocket()) {
            probe.setReuseAddress(true);
            probe.bind(new InetSocketAddress(InetAddress.getByName(host), port));
        } catch (IOException e) {
            throw taken(host, port, e);
        }
    }

    private static DecentralException taken(String host, int port, Exception cause) {
        return new DecentralException(
                ErrorCode.CONFLICT,
                "the gateway cannot listen on " + host + ":" + port + " (" + cause.getMessage()
                        + "): choose another port with --port, or 0 for a free one",
                cause);
    }

    private static GatewayServer serve(Node node) {
        try {
            return GatewayServer.start(node);
        } catch (RuntimeException e) {
            for (Throwable at = e; at != null; at = at.getCause()) {
                if (at instanceof BindException bind) {
                    var gateway = node.configuration().gateway();
                    throw taken(gateway.host(), gateway.port(), bind);
                }
            }
            throw e;
        }
    }

    private void announce(Node node, GatewayServer server, Path home) {
        Optional<String> key = node.ledger().type().equals(EMBEDDED)
                ? Optional.of(DevKey.open(home, node.apiKeys(), node.developmentPayer()))
                : Optional.empty();
        List<String> models =
                node.jobs().models().stream().map(offer -> offer.id().value()).toList();
        PrintStream out = session.terminal().out();
        if (json) {
            out.println(json(node, server, key, models));
            return;
        }
        out.println(ReceiptText.line("base URL", server.baseUrl().toString()));
        key.ifPresent(secret -> out.println(ReceiptText.line("API key", secret)));
        out.println(ReceiptText.line("models", models.isEmpty() ? "none yet" : String.join(", ", models)));
        out.println(ReceiptText.line("node", node.account().toString()));
        out.println(ReceiptText.line("data", home.toString()));
        if (models.isEmpty()) {
            String gateway = server.baseUrl().toString().replaceFirst("/v1$", "");
            out.println("Link a worker:  decentral worker --gateway " + gateway);
        } else {
            boolean elsewhere = !home.equals(session.surroundings().home().resolve(".decentral"));
            out.println("Try it:  decentral chat \"Name the capital of France.\""
                    + (server.port() == ChatOptions.DEFAULT_PORT ? "" : " --base-url " + server.baseUrl())
                    + (elsewhere ? " --data-dir " + home : ""));
        }
        out.println("Stop it with Ctrl-C.");
        out.flush();
    }

    private static String json(Node node, GatewayServer server, Optional<String> key, List<String> models) {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        root.put("base_url", server.baseUrl().toString());
        key.ifPresent(secret -> root.put("api_key", secret));
        var ids = root.putArray("models");
        models.forEach(ids::add);
        root.put("node", node.account().toString());
        root.put("ledger", node.ledger().id().toString());
        root.put("data_directory", node.dataDirectory().toString());
        return root.toString();
    }
}

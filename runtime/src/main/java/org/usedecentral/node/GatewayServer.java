package org.usedecentral.node;

import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.HttpRouting;
import java.net.URI;

/** A node's HTTP edge on a port of its own, for those who do not bring a server. */
public final class GatewayServer implements AutoCloseable {
    /** A last limit behind those of the routes, which answer in JSON. */
    private static final long MAX_PAYLOAD = 64L << 20;

    private final WebServer server;
    private final String host;

    private GatewayServer(WebServer server, String host) {
        this.server = server;
        this.host = host;
    }

    /** Serves a running node where its configuration says. */
    public static GatewayServer start(Node node) {
        GatewayConfig config = node.configuration().gateway();
        WebServer server = WebServer.builder()
                .host(config.host())
                .port(config.port())
                .shutdownHook(false)
                .maxPayloadSize(MAX_PAYLOAD)
                .routing(HttpRouting.builder().addFeature(node.gateway()))
                .addRouting(node.sockets())
                .build()
                .start();
        return new GatewayServer(server, config.host());
    }

    public int port() {
        return server.port();
    }

    /** What an OpenAI client is pointed at. */
    public URI baseUrl() {
        return URI.create("http://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + port() + "/v1");
    }

    @Override
    public void close() {
        server.stop();
    }
}

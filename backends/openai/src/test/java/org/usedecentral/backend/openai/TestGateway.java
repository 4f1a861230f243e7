package org.usedecentral.backend.openai;

import io.helidon.webserver.WebServer;
import java.nio.file.Path;
import java.util.Map;
import org.usedecentral.node.Node;
import org.usedecentral.spi.inference.InferenceBackend;

/** A whole node of this network as the upstream server: gateway, orchestrator, worker and ledger around one backend. */
final class TestGateway implements AutoCloseable {
    private final Node node;
    private final WebServer server;
    private final String key;

    private TestGateway(Node node) {
        this.node = node;
        this.server = WebServer.builder()
                .host("127.0.0.1")
                .routing(routing -> routing.addFeature(node.gateway()))
                .build()
                .start();
        this.key = node.apiKeys().create("test", node.developmentPayer()).secret();
    }

    static TestGateway over(InferenceBackend backend, Path directory) {
        Node node = Node.builder()
                .config(TestBackend.config(Map.of(
                        // A machine that builds at the same time may need longer for a first token.
                        "orchestrator.start-timeout",
                        "PT90S",
                        "orchestrator.stall-timeout",
                        "PT90S",
                        "gateway.jobs-per-key",
                        "64")))
                .dataDirectory(directory)
                .backend(backend)
                .build()
                .start();
        return new TestGateway(node);
    }

    String url() {
        return "http://127.0.0.1:" + server.port() + "/v1";
    }

    String key() {
        return key;
    }

    @Override
    public void close() {
        server.stop();
        node.close();
    }
}

package org.usedecentral.samples.embed;

import io.helidon.config.Config;
import io.helidon.webserver.WebServer;
import java.util.List;
import org.usedecentral.node.Node;
import org.usedecentral.orchestrator.JobStream;
import org.usedecentral.spi.ModelId;
import org.usedecentral.spi.inference.GenerationEvent.Finished;
import org.usedecentral.spi.inference.GenerationEvent.TextDelta;
import org.usedecentral.spi.inference.GenerationRequest;
import org.usedecentral.spi.inference.Message;

/** Answers {@code POST /ask} from inside the service, and serves the OpenAI API beside it. */
public record AskService(Node node, WebServer server) implements AutoCloseable {
    public static void main(String[] arguments) {
        AskService service = start(Config.create());
        Runtime.getRuntime().addShutdownHook(new Thread(service::close));
    }

    static AskService start(Config config) {
        Node node = Node.create(config.get("decentral")).start();
        WebServer server = WebServer.builder()
                .config(config.get("server"))
                .routing(routing -> routing.addFeature(node.gateway())
                        .post(
                                "/ask",
                                (request, response) -> response.send(
                                        ask(node, request.content().as(String.class)))))
                .addRouting(node.sockets())
                .build();
        return new AskService(node, server.start());
    }

    private static String ask(Node node, String question) throws InterruptedException {
        var messages = List.of(Message.of(Message.Role.USER, question));
        var request = GenerationRequest.builder(new ModelId("smollm2-135m-instruct"), messages)
                .maxOutputTokens(64);
        StringBuilder answer = new StringBuilder();
        try (JobStream job = node.jobs().submit(node.developmentPayer(), request.build())) {
            for (var event = job.next(); !(event instanceof Finished); event = job.next()) {
                answer.append(event instanceof TextDelta delta ? delta.text() : "");
            }
        }
        return answer.toString();
    }

    @Override
    public void close() {
        server.stop();
        node.close();
    }
}

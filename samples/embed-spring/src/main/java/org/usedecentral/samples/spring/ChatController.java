package org.usedecentral.samples.spring;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ProblemDetail;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.mvc.method.annotation.StreamingResponseBody;
import org.usedecentral.node.Node;
import org.usedecentral.orchestrator.JobStream;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ModelId;
import org.usedecentral.spi.inference.GenerationEvent.Finished;
import org.usedecentral.spi.inference.GenerationEvent.TextDelta;
import org.usedecentral.spi.inference.GenerationRequest;
import org.usedecentral.spi.inference.Message;

/** Streams answers as plain text. */
@RestController
class ChatController {
    private static final ModelId MODEL = new ModelId("smollm2-135m-instruct");
    private static final int MAX_OUTPUT_TOKENS = 64;

    private final Node node;

    ChatController(Node node) {
        this.node = node;
    }

    /** Everything that can be refused is refused before the answer begins. */
    @PostMapping(path = "/chat", produces = MediaType.TEXT_PLAIN_VALUE)
    StreamingResponseBody chat(@RequestBody String question) {
        GenerationRequest request = GenerationRequest.builder(MODEL, List.of(Message.of(Message.Role.USER, question)))
                .maxOutputTokens(MAX_OUTPUT_TOKENS)
                .build();
        JobStream job = node.jobs().submit(node.developmentPayer(), request);
        return out -> {
            try (job) {
                for (var event = job.next(); !(event instanceof Finished); event = job.next()) {
                    if (event instanceof TextDelta delta) {
                        out.write(delta.text().getBytes(StandardCharsets.UTF_8));
                        out.flush();
                    }
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("the service stops", e);
            }
        };
    }

    @ExceptionHandler
    ProblemDetail refused(DecentralException e) {
        HttpStatus status = e.code().retryable() ? HttpStatus.SERVICE_UNAVAILABLE : HttpStatus.BAD_REQUEST;
        return ProblemDetail.forStatusAndDetail(status, e.message());
    }
}

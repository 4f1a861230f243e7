package org.usedecentral.link;

import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ModelId;
import org.usedecentral.spi.inference.GenerationRequest;
import org.usedecentral.spi.inference.Message;
import org.usedecentral.spi.inference.ResponseFormat;
import org.usedecentral.spi.inference.Sampling;
import org.usedecentral.spi.inference.Tool;
import org.usedecentral.spi.inference.ToolChoice;

/** A generation request as the bytes that are sealed and committed to. Stateless. */
public final class RequestCodec {
    private RequestCodec() {}

    // Lists are copied as they are read: JSON's may hold nulls, which the copy refuses.
    private record Request(ModelId model, List<Turn> messages, Options options, Shape shape) {
        Request {
            messages = List.copyOf(messages);
        }
    }

    private record Turn(String role, List<Piece> parts, String name, List<Call> toolCalls, String toolCallId) {
        Turn {
            parts = List.copyOf(parts);
            toolCalls = List.copyOf(toolCalls);
        }
    }

    /** Text when the media type is empty. */
    private record Piece(String text, String mediaType, Bytes data) {}

    private record Call(String id, String name, String arguments) {}

    private record Options(Numbers numbers, int maxOutputTokens, List<String> stop, int choices, String resumeFrom) {
        Options {
            stop = List.copyOf(stop);
        }
    }

    private record Numbers(
            double temperature, double topP, int topK, double minP, Penalties penalties, List<Long> seed) {
        Numbers {
            seed = List.copyOf(seed);
        }
    }

    private record Penalties(double presence, double frequency, Map<Integer, Double> logitBias) {
        Penalties {
            logitBias = Map.copyOf(logitBias);
        }
    }

    private record Shape(
            ResponseFormat.Kind format, String definition, List<Function> tools, Choice toolChoice, int topLogprobs) {
        Shape {
            tools = List.copyOf(tools);
        }
    }

    private record Function(String name, String description, String parametersSchema, boolean strict) {}

    private record Choice(ToolChoice.Kind kind, String function) {}

    /** The payload. */
    public static Bytes encode(GenerationRequest request) {
        Sampling sampling = request.sampling();
        Penalties penalties =
                new Penalties(sampling.presencePenalty(), sampling.frequencyPenalty(), sampling.logitBias());
        Numbers numbers = new Numbers(
                sampling.temperature(),
                sampling.topP(),
                sampling.topK(),
                sampling.minP(),
                penalties,
                sampling.seed().isPresent() ? List.of(sampling.seed().getAsLong()) : List.of());
        Options options = new Options(
                numbers, request.maxOutputTokens(), request.stop(), request.choices(), request.resumeFrom());
        String function = request.toolChoice().function();
        Shape shape = new Shape(
                request.format().kind(),
                request.format().definition(),
                request.tools().stream()
                        .map(t -> new Function(t.name(), t.description(), t.parametersSchema(), t.strict()))
                        .toList(),
                new Choice(request.toolChoice().kind(), function == null ? "" : function),
                request.topLogprobs().orElse(-1));
        return Json.write(new Request(
                request.model(),
                request.messages().stream().map(RequestCodec::turn).toList(),
                options,
                shape));
    }

    /**
     * Reads a payload.
     *
     * @throws DecentralException {@code INVALID_REQUEST} if it is not one or a value is out of range
     */
    public static GenerationRequest decode(Bytes payload) {
        Request request = Json.read(payload, Request.class);
        Numbers numbers = request.options().numbers();
        Sampling.Builder sampling = Sampling.builder()
                .temperature(numbers.temperature())
                .topP(numbers.topP())
                .topK(numbers.topK())
                .minP(numbers.minP())
                .presencePenalty(numbers.penalties().presence())
                .frequencyPenalty(numbers.penalties().frequency())
                .logitBias(numbers.penalties().logitBias());
        numbers.seed().forEach(sampling::seed);
        Shape shape = request.shape();
        String function = shape.toolChoice().function();
        return GenerationRequest.builder(
                        request.model(),
                        request.messages().stream().map(RequestCodec::message).toList())
                .sampling(sampling.build())
                .maxOutputTokens(request.options().maxOutputTokens())
                .stop(request.options().stop())
                .choices(request.options().choices())
                .format(new ResponseFormat(shape.format(), shape.definition()))
                .tools(
                        shape.tools().stream()
                                .map(t -> new Tool(t.name(), t.description(), t.parametersSchema(), t.strict()))
                                .toList(),
                        new ToolChoice(shape.toolChoice().kind(), function.isEmpty() ? null : function))
                .topLogprobs(shape.topLogprobs() < 0 ? OptionalInt.empty() : OptionalInt.of(shape.topLogprobs()))
                .resumeFrom(request.options().resumeFrom())
                .build();
    }

    private static Turn turn(Message message) {
        String name = message.name();
        String call = message.toolCallId();
        return new Turn(
                message.role().wireName(),
                message.parts().stream().map(RequestCodec::piece).toList(),
                name == null ? "" : name,
                message.toolCalls().stream()
                        .map(c -> new Call(c.id(), c.name(), c.arguments()))
                        .toList(),
                call == null ? "" : call);
    }

    private static Piece piece(Message.ContentPart part) {
        return switch (part) {
            case Message.ContentPart.Text(String text) -> new Piece(text, "", Bytes.empty());
            case Message.ContentPart.Image(String mediaType, Bytes data) -> new Piece("", mediaType, data);
        };
    }

    private static Message message(Turn turn) {
        Message.Role role = null;
        for (Message.Role candidate : Message.Role.values()) {
            if (candidate.wireName().equals(turn.role())) {
                role = candidate;
            }
        }
        if (role == null) {
            throw DecentralException.invalid("role", "no role of that name");
        }
        return new Message(
                role,
                turn.parts().stream().map(RequestCodec::part).toList(),
                turn.name().isEmpty() ? null : turn.name(),
                turn.toolCalls().stream()
                        .map(c -> new Message.ToolCall(c.id(), c.name(), c.arguments()))
                        .toList(),
                turn.toolCallId().isEmpty() ? null : turn.toolCallId());
    }

    private static Message.ContentPart part(Piece piece) {
        return piece.mediaType().isEmpty()
                ? new Message.ContentPart.Text(piece.text())
                : new Message.ContentPart.Image(piece.mediaType(), piece.data());
    }
}

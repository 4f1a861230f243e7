package org.usedecentral.gateway;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;

/** The one table from what went wrong to what an HTTP client is told. Stateless. */
final class ErrorTable {
    private static final String INVALID = "invalid_request_error";
    private static final String SERVER = "server_error";

    private ErrorTable() {}

    /**
     * An answer to a client.
     *
     * @param type OpenAI's word for the kind of error
     * @param code OpenAI's word for the error, where it has one
     * @param retryAfter seconds until the same request may succeed; 0: never
     */
    record Row(int status, String type, String code, int retryAfter) {}

    static Row row(ErrorCode code) {
        return switch (code) {
            case INVALID_REQUEST -> new Row(400, INVALID, "invalid_request", 0);
            case UNSUPPORTED_FEATURE -> new Row(400, INVALID, "unsupported_feature", 0);
            case CONTEXT_TOO_LONG -> new Row(400, INVALID, "context_length_exceeded", 0);
            case UNAUTHENTICATED -> new Row(401, "authentication_error", "invalid_api_key", 0);
            case INSUFFICIENT_CREDITS -> new Row(402, "insufficient_quota", "insufficient_quota", 0);
            case FORBIDDEN -> new Row(403, "permission_error", "forbidden", 0);
            case NOT_FOUND -> new Row(404, INVALID, "not_found", 0);
            case MODEL_NOT_FOUND -> new Row(404, INVALID, "model_not_found", 0);
            case CONFLICT -> new Row(409, INVALID, "conflict", 0);
            case RATE_LIMITED -> new Row(429, "rate_limit_error", "rate_limit_exceeded", 1);
            case CANCELLED -> new Row(499, INVALID, "cancelled", 0);
            case INTERNAL -> new Row(500, SERVER, "internal_error", 0);
            case PROOF_INVALID -> new Row(502, SERVER, "proof_invalid", 0);
            case OVERLOADED -> new Row(503, SERVER, "overloaded", 1);
            case NO_WORKER -> new Row(503, SERVER, "no_worker", 5);
            case START_TIMEOUT -> new Row(503, SERVER, "start_timeout", 1);
            case UNAVAILABLE -> new Row(503, SERVER, "unavailable", 2);
            case OUTCOME_UNKNOWN -> new Row(503, SERVER, "outcome_unknown", 2);
            case DEADLINE_EXCEEDED -> new Row(504, SERVER, "deadline_exceeded", 0);
        };
    }

    /** What only HTTP knows: a path, method, length or media type that is wrong. */
    static Row http(int status, String code) {
        return new Row(status, INVALID, code, 0);
    }

    /** The body of an error answer; the same object stands in a stream that breaks. */
    static String json(Row row, String message, @Nullable String parameter) {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        root.putObject("error")
                .put("message", message)
                .put("type", row.type())
                .put("param", parameter)
                .put("code", row.code());
        return root.toString();
    }

    static String json(DecentralException error) {
        return json(row(error.code()), error.message(), error.parameter());
    }
}

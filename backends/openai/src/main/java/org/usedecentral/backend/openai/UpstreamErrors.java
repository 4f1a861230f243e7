package org.usedecentral.backend.openai;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;

/**
 * What an upstream server's refusal is here. Its message is looked at but not passed on, since servers repeat prompts and keys in them; its
 * code, type and parameter are, if they look like names.
 */
final class UpstreamErrors {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_.\\[\\]-]{1,64}");
    /** Parts of the messages of OpenAI, vLLM, llama-server, SGLang and TGI, in lower case. */
    private static final List<String> CONTEXT_WORDS = List.of(
            "context length",
            "context size",
            "context window",
            "maximum model length",
            "max_model_len",
            "longer than the model's",
            "prompt is too long");

    private UpstreamErrors() {}

    /** The error of an answer that is not a 2xx. */
    static DecentralException of(int status, byte[] body) {
        JsonNode error;
        try {
            error = errorOf(UpstreamJson.read(body));
        } catch (DecentralException e) {
            error = UpstreamJson.object();
        }
        return of(status, error);
    }

    /** The error that an event of a stream carries: {@code error} is the object, whose number stands for a status. */
    static DecentralException inBand(JsonNode event) {
        JsonNode error = errorOf(event);
        JsonNode code = error.get("code");
        int status = code != null && code.isInt() ? code.intValue() : statusOf(error);
        return of(status, error);
    }

    private static int statusOf(JsonNode error) {
        String type = String.valueOf(UpstreamJson.text(error, "type")).toLowerCase(Locale.ROOT);
        if (type.contains("rate_limit") || type.contains("overloaded")) {
            return 429;
        }
        return type.contains("invalid_request") || type.contains("badrequest") ? 400 : 500;
    }

    /** {@code {"error": {…}}}, {@code {"error": "…"}}, or the object itself. */
    private static JsonNode errorOf(JsonNode body) {
        JsonNode error = body.get("error");
        if (error != null && error.isTextual()) {
            return UpstreamJson.object().put("message", error.textValue());
        }
        return error != null && error.isObject() ? error : body;
    }

    private static DecentralException of(int status, JsonNode error) {
        if (status >= 400 && status < 500 && isContextTooLong(error)) {
            return new DecentralException(
                    ErrorCode.CONTEXT_TOO_LONG, "prompt and output are longer than the model's context");
        }
        String names = names(error);
        return switch (status) {
            case 400, 409, 413, 422 -> invalid(error, names);
            case 401, 403 ->
                new DecentralException(
                        ErrorCode.UNAVAILABLE,
                        "the upstream server does not accept this worker's key: its operator must correct api-key-file");
            case 402 ->
                new DecentralException(
                        ErrorCode.UNAVAILABLE,
                        "the upstream server wants to be paid: its account is this worker's to fill");
            case 404 ->
                new DecentralException(
                        ErrorCode.MODEL_NOT_FOUND, "the upstream server has no such model or no such path" + names);
            case 429 -> new DecentralException(ErrorCode.OVERLOADED, "the upstream server is busy: try again later");
            case 501 -> DecentralException.unsupported("what was asked of the upstream server" + names);
            default ->
                new DecentralException(
                        ErrorCode.UNAVAILABLE, "the upstream server failed with status " + status + names);
        };
    }

    private static DecentralException invalid(JsonNode error, String names) {
        String message = "the upstream server refuses the request" + names;
        String parameter = UpstreamJson.text(error, "param");
        return parameter != null && NAME.matcher(parameter).matches()
                ? DecentralException.invalid(parameter, message)
                : new DecentralException(ErrorCode.INVALID_REQUEST, message);
    }

    private static boolean isContextTooLong(JsonNode error) {
        if ("context_length_exceeded".equals(UpstreamJson.text(error, "code"))
                || "exceed_context_size_error".equals(UpstreamJson.text(error, "type"))) {
            return true;
        }
        String message = UpstreamJson.text(error, "message");
        String lower = message == null ? "" : message.toLowerCase(Locale.ROOT);
        return CONTEXT_WORDS.stream().anyMatch(lower::contains);
    }

    private static String names(JsonNode error) {
        StringBuilder names = new StringBuilder();
        for (String field : List.of("type", "code", "param")) {
            String value = UpstreamJson.text(error, field);
            if (value != null && NAME.matcher(value).matches()) {
                names.append(names.isEmpty() ? " (" : ", ")
                        .append(field)
                        .append(' ')
                        .append(value);
            }
        }
        return names.isEmpty() ? "" : names.append(')').toString();
    }
}

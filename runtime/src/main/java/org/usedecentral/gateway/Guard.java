package org.usedecentral.gateway;

import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.RequestException;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.security.SecureRandom;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;

/** Gives every request an id, and every failure of a route its answer. Thread-safe. */
final class Guard {
    private static final System.Logger LOGGER = System.getLogger(Guard.class.getName());
    private static final Pattern SANE_ID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._:-]{0,127}");

    private final SecureRandom random = new SecureRandom();
    private final RequestBody bodies;

    Guard(RequestBody bodies) {
        this.bodies = bodies;
    }

    /** What answers a request, or throws why it cannot. */
    interface Route {
        void handle(Exchange exchange) throws Exception;
    }

    Handler around(Route route) {
        return (request, response) -> answer(request, response, route);
    }

    void answer(ServerRequest request, ServerResponse response, Route route) {
        Exchange exchange = new Exchange(request, response, requestId(request));
        exchange.response().header(Exchange.REQUEST_ID, exchange.id());
        try {
            route.handle(exchange);
        } catch (CloseConnectionException e) {
            throw e;
        } catch (ClientLeft e) {
            throw new CloseConnectionException("The client left");
        } catch (HttpRefusal e) {
            refuse(exchange, e.row(), e.sentence(), null);
        } catch (RequestException e) {
            // Helidon's own limits and its reading of chunks.
            refuse(exchange, ErrorTable.http(e.status().code(), "bad_request"), "the request cannot be read", null);
        } catch (DecentralException e) {
            refuse(exchange, ErrorTable.row(e.code()), e.message(), e.parameter());
        } catch (InterruptedException e) {
            refuse(exchange, ErrorTable.row(ErrorCode.UNAVAILABLE), "this gateway is stopping", null);
        } catch (Exception e) {
            log(exchange.id(), e);
            refuse(exchange, ErrorTable.row(ErrorCode.INTERNAL), internal(exchange.id()), null);
        }
    }

    /** What a client is told of a failure that is nobody's but ours. */
    static String internal(String requestId) {
        return "the gateway failed; the operator finds the cause in its log under request " + requestId;
    }

    /**
     * Logs where something failed. Messages of exceptions are left out: they may repeat a prompt.
     */
    static void log(String requestId, Throwable failure) {
        StringBuilder text = new StringBuilder("Request ").append(requestId).append(" failed");
        Throwable cause = failure;
        for (int depth = 0; cause != null && depth < 5; depth++, cause = cause.getCause()) {
            text.append(depth == 0 ? ": " : "\ncaused by ")
                    .append(cause.getClass().getName());
            StackTraceElement[] frames = cause.getStackTrace();
            for (int i = 0; i < Math.min(frames.length, 20); i++) {
                text.append("\n\tat ").append(frames[i]);
            }
        }
        LOGGER.log(System.Logger.Level.ERROR, text.toString());
    }

    private void refuse(Exchange exchange, ErrorTable.Row row, String message, @Nullable String parameter) {
        ServerResponse response = exchange.response();
        if (response.isSent()) {
            throw new CloseConnectionException("An answer was under way already");
        }
        boolean readable = bodies.discardRest(exchange.request());
        response.status(row.status());
        if (row.retryAfter() > 0) {
            response.header(HeaderNames.RETRY_AFTER, Integer.toString(row.retryAfter()));
        }
        if (row.status() == 401) {
            response.header(HeaderNames.WWW_AUTHENTICATE, "Bearer");
        }
        if (!readable) {
            response.header(HeaderValues.CONNECTION_CLOSE);
        }
        exchange.sendJson(ErrorTable.json(row, message, parameter));
        if (!readable) {
            throw new CloseConnectionException("The rest of a request's body is not read");
        }
    }

    private String requestId(ServerRequest request) {
        String given = request.headers().first(Exchange.REQUEST_ID).orElse("");
        if (SANE_ID.matcher(given).matches()) {
            return given;
        }
        byte[] bytes = new byte[16];
        random.nextBytes(bytes);
        return "req-" + Bytes.of(bytes).hex();
    }
}

package org.usedecentral.gateway;

import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.HttpMediaType;
import io.helidon.http.RequestException;
import io.helidon.webserver.http.ServerRequest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import org.usedecentral.time.Timers;

/** Reads request bodies within limits of length and time. Thread-safe. */
final class RequestBody {
    private static final int CHUNK = 16 * 1024;

    private final GatewayLimits limits;
    private final Timers timers;

    RequestBody(GatewayLimits limits, Timers timers) {
        this.limits = limits;
        this.timers = timers;
    }

    /**
     * The whole JSON body; bytes are counted as they are read, whatever the client announced.
     *
     * @throws HttpRefusal 408, 413, 415
     * @throws ClientLeft if it ends early
     */
    byte[] readJson(ServerRequest request) throws ClientLeft {
        checkType(request);
        if (request.headers().contentLength().orElse(0) > limits.bodyBytes()) {
            throw tooLong();
        }
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        if (!request.content().hasEntity()) {
            return body.toByteArray();
        }
        Instant deadline = timers.clock().instant().plus(limits.bodyTime());
        byte[] chunk = new byte[CHUNK];
        try {
            InputStream in = request.content().inputStream();
            for (int read = in.read(chunk); read >= 0; read = in.read(chunk)) {
                if (body.size() + read > limits.bodyBytes()) {
                    throw tooLong();
                }
                body.write(chunk, 0, read);
                if (timers.clock().instant().isAfter(deadline)) {
                    throw new HttpRefusal(
                            408,
                            "request_timeout",
                            "the body did not arrive within "
                                    + limits.bodyTime().toSeconds() + " s");
                }
            }
        } catch (HttpRefusal | RequestException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            // Helidon has several exceptions for a connection that ends, and they all mean this.
            throw new ClientLeft();
        }
        return body.toByteArray();
    }

    /**
     * Reads on to the end of a body that is refused, so that its sender reads the answer and the connection can be used again.
     *
     * @return false if the connection must be closed, because that would take too long or cannot be done
     */
    boolean discardRest(ServerRequest request) {
        if (!request.content().hasEntity() || request.content().consumed()) {
            return true;
        }
        // The sender waits for a word before it sends anything.
        if (request.headers().containsToken(HeaderValues.EXPECT_100) && !request.continueSent()) {
            return false;
        }
        Instant deadline = timers.clock().instant().plus(limits.bodyTime());
        byte[] chunk = new byte[CHUNK];
        try {
            InputStream in = request.content().inputStream();
            for (long total = 0; total <= limits.bodyBytes(); ) {
                int read = in.read(chunk);
                if (read < 0) {
                    return true;
                }
                total += read;
                if (timers.clock().instant().isAfter(deadline)) {
                    return false;
                }
            }
            return false;
        } catch (IOException | RuntimeException e) {
            return false;
        }
    }

    private HttpRefusal tooLong() {
        return new HttpRefusal(
                413,
                "request_too_large",
                "the body is longer than " + limits.bodyBytes() + " bytes: shorten the messages");
    }

    private static void checkType(ServerRequest request) {
        if (!request.headers().contains(HeaderNames.CONTENT_TYPE)) {
            return;
        }
        Optional<HttpMediaType> type = request.headers().contentType();
        boolean json = type.isPresent()
                && type.get().mediaType().text().equalsIgnoreCase("application/json")
                && type.get().charset().map(RequestBody::isUtf8).orElse(true);
        if (!json) {
            throw new HttpRefusal(415, "unsupported_media_type", "send the body as content type application/json");
        }
    }

    private static boolean isUtf8(String charset) {
        return charset.toLowerCase(Locale.ROOT).equals("utf-8");
    }
}

package org.usedecentral.gateway;

import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.nio.charset.StandardCharsets;

/**
 * One request and its answer. One thread.
 *
 * @param id names the request in the answer and in the log
 */
record Exchange(ServerRequest request, ServerResponse response, String id) {
    static final HeaderName REQUEST_ID = HeaderNames.create("x-request-id");

    void sendJson(String json) {
        sendJson(json.getBytes(StandardCharsets.UTF_8));
    }

    void sendJson(byte[] json) {
        response.header(HeaderNames.CONTENT_TYPE, "application/json").send(json);
    }
}

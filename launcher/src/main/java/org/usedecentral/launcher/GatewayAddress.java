package org.usedecentral.launcher;

import java.net.URI;
import org.usedecentral.spi.DecentralException;

/** A gateway's addresses, from the one that a person gives. Stateless. */
final class GatewayAddress {
    private GatewayAddress() {}

    /** Without {@code /v1}. */
    static URI root(URI given) {
        return URI.create(api(given).toString().replaceFirst("/v1$", ""));
    }

    /** What OpenAI clients call the base URL; one without a path gets {@code /v1}. */
    static URI api(URI given) {
        boolean web = "http".equals(given.getScheme()) || "https".equals(given.getScheme());
        if (!web || given.getHost() == null) {
            throw DecentralException.invalid(
                    "url", "'" + given + "' is no address of a gateway such as http://127.0.0.1:8080");
        }
        String text = given.toString().replaceFirst("/+$", "");
        boolean bare =
                given.getPath() == null || given.getPath().replace("/", "").isEmpty();
        return URI.create(bare ? text + "/v1" : text);
    }

    /** Where workers link: {@code ws} for {@code http}, {@code wss} for {@code https}. */
    static URI link(URI given) {
        return URI.create(root(given).toString().replaceFirst("^http", "ws") + "/v1/workers/link");
    }
}

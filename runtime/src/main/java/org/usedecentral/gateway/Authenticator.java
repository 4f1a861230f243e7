package org.usedecentral.gateway;

import io.helidon.http.HeaderNames;
import java.util.List;
import java.util.Locale;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;

/** Finds out whose request it is. Thread-safe. */
final class Authenticator {
    private static final String SCHEME = "bearer ";

    private final ApiKeys keys;

    Authenticator(ApiKeys keys) {
        this.keys = keys;
    }

    /**
     * The key of a request.
     *
     * @throws DecentralException {@code UNAUTHENTICATED}
     */
    ApiKey authenticate(Exchange exchange) {
        List<String> values = exchange.request().headers().all(HeaderNames.AUTHORIZATION, List::of);
        if (values.isEmpty()) {
            throw refused("send an API key: Authorization: Bearer dk-…");
        }
        String value = values.getFirst();
        if (values.size() > 1 || !value.toLowerCase(Locale.ROOT).startsWith(SCHEME)) {
            throw refused("the Authorization header must be one of the form Bearer dk-…");
        }
        return keys.find(value.substring(SCHEME.length()).trim())
                .orElseThrow(
                        () -> refused("this API key is not known here: it is mistyped, revoked or another gateway's"));
    }

    private static DecentralException refused(String message) {
        return new DecentralException(ErrorCode.UNAUTHENTICATED, message);
    }
}

package org.usedecentral.launcher;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where a gateway listens. */
final class GatewayOptions {
    @Option(
            names = "--port",
            paramLabel = "PORT",
            order = 1,
            description = "The port; 0: a free one. Default: the configuration's gateway.port, else 8080.")
    private @Nullable Integer port;

    @Option(
            names = "--host",
            paramLabel = "HOST",
            order = 2,
            description =
                    "The address to bind. Default: the configuration's gateway.host, else 127.0.0.1, which only this"
                            + " machine reaches.")
    private @Nullable String host;

    /** As configuration keys, and the role's own. */
    Map<String, String> keys(Map<String, String> role) {
        Map<String, String> keys = new HashMap<>(role);
        if (port != null) {
            keys.put("gateway.port", port.toString());
        }
        if (host != null) {
            keys.put("gateway.host", host);
        }
        return keys;
    }
}

package org.usedecentral.launcher;

import java.net.URI;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import picocli.CommandLine.Option;

/** Which gateway a command talks to, and with which key. */
final class ChatOptions {
    static final int DEFAULT_PORT = 8080;

    @Option(
            names = "--base-url",
            paramLabel = "URL",
            order = 1,
            description = "The gateway's API. Default: DECENTRAL_BASE_URL, else http://127.0.0.1:8080/v1.")
    private @Nullable URI baseUrl;

    @Option(
            names = "--key",
            paramLabel = "KEY",
            order = 2,
            description = "The API key. Default: DECENTRAL_API_KEY, else the file dev-key of the data directory."
                    + " On a shared machine prefer those: command lines can be seen by others.")
    private @Nullable String key;

    /** Whether the command line itself says which gateway or key. */
    boolean isGiven() {
        return baseUrl != null || key != null;
    }

    GatewayClient client(NodeOptions node, Surroundings surroundings) {
        URI url = Optional.ofNullable(baseUrl)
                .or(() -> surroundings.variable("DECENTRAL_BASE_URL").map(URI::create))
                .orElseGet(() -> URI.create("http://127.0.0.1:" + DEFAULT_PORT + "/v1"));
        return new GatewayClient(url, secret(node, surroundings));
    }

    private String secret(NodeOptions node, Surroundings surroundings) {
        return Optional.ofNullable(key)
                .or(() -> surroundings.variable("DECENTRAL_API_KEY"))
                .or(() -> DevKey.read(node.directory(surroundings).resolve(DevKey.FILE_NAME)))
                .orElseThrow(() -> new DecentralException(
                        ErrorCode.UNAUTHENTICATED,
                        "there is no API key: name one with --key or DECENTRAL_API_KEY, or run 'decentral up', which"
                                + " leaves one in the data directory"));
    }
}

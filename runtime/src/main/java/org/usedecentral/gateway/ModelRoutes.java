package org.usedecentral.gateway;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.usedecentral.orchestrator.Jobs;
import org.usedecentral.orchestrator.ModelOffer;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.ModelId;

/** The models that can be asked for now, with what they cost at most. Thread-safe. */
final class ModelRoutes {
    static final String ONE = "/v1/models/";

    private final Jobs jobs;
    private final Authenticator authenticator;
    private final long created;

    ModelRoutes(GatewayFeature.Collaborators collaborators, Authenticator authenticator) {
        this.jobs = collaborators.jobs();
        this.authenticator = authenticator;
        this.created = collaborators.timers().clock().instant().getEpochSecond();
    }

    void list(Exchange exchange) {
        authenticator.authenticate(exchange);
        ObjectNode root = JsonNodeFactory.instance.objectNode().put("object", "list");
        var data = root.putArray("data");
        jobs.models().forEach(offer -> data.add(json(offer)));
        exchange.sendJson(root.toString());
    }

    void one(Exchange exchange) {
        authenticator.authenticate(exchange);
        ModelOffer offer = id(exchange.request().prologue().uriPath().rawPath())
                .flatMap(jobs::model)
                .orElseThrow(() -> new DecentralException(
                                ErrorCode.MODEL_NOT_FOUND,
                                "no worker here hosts that model: GET /v1/models lists those that can be asked for")
                        .at("model"));
        exchange.sendJson(json(offer).toString());
    }

    /** Names of models may hold slashes, and clients send those as they are or percent-encoded. */
    private static Optional<ModelId> id(String rawPath) {
        try {
            // A plus sign in a path is a plus sign.
            String encoded = rawPath.substring(ONE.length()).replace("+", "%2B");
            return Optional.of(new ModelId(URLDecoder.decode(encoded, StandardCharsets.UTF_8)));
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            return Optional.empty();
        }
    }

    private ObjectNode json(ModelOffer offer) {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("id", offer.id().value());
        node.put("object", "model");
        node.put("created", created);
        node.put("owned_by", "decentral");
        ObjectNode own = node.putObject("decentral");
        own.put("workers", offer.workers());
        own.put("context_tokens", offer.limits().contextTokens());
        own.put("max_output_tokens", offer.limits().maxOutputTokens());
        own.putObject("ceiling_price")
                .put("input", offer.ceiling().input())
                .put("output", offer.ceiling().output())
                .put("unit", "1e-6 USDC per million tokens");
        return node;
    }
}

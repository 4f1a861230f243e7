package org.usedecentral.gateway;

import io.helidon.http.HeaderNames;
import io.helidon.http.NotFoundException;
import io.helidon.webserver.http.HttpFeature;
import io.helidon.webserver.http.HttpRouting;
import org.usedecentral.orchestrator.Jobs;
import org.usedecentral.spi.ledger.SettlementLedger;
import org.usedecentral.time.Timers;

/**
 * Mounts the gateway's routes on any Helidon server; it opens no port of its own. Routes below {@code /v1/} that others add beside it go
 * on working. Thread-safe.
 */
public final class GatewayFeature implements HttpFeature {
    private static final String API = "/v1/";

    private final Guard guard;
    private final ChatRoutes chat;
    private final ModelRoutes models;
    private final AccountRoutes account;

    /** What the gateway works with. */
    public record Collaborators(
            Jobs jobs, ApiKeys keys, SettlementLedger ledger, Timers timers, GatewayLimits limits) {}

    public GatewayFeature(Collaborators collaborators) {
        RequestBody bodies = new RequestBody(collaborators.limits(), collaborators.timers());
        Authenticator authenticator = new Authenticator(collaborators.keys());
        this.guard = new Guard(bodies);
        this.chat = new ChatRoutes(collaborators, authenticator, bodies);
        this.models = new ModelRoutes(collaborators, authenticator);
        this.account = new AccountRoutes(collaborators, authenticator);
    }

    @Override
    public void setup(HttpRouting.Builder routing) {
        routing.post("/v1/chat/completions", guard.around(chat::complete));
        only(routing, "/v1/chat/completions", "POST");
        get(routing, "/v1/models", models::list);
        get(routing, ModelRoutes.ONE + "*", models::one);
        get(routing, "/v1/jobs/{id}", account::job);
        get(routing, "/v1/jobs/{id}/receipt", account::receipt);
        get(routing, "/v1/credits", account::credits);
        routing.error(NotFoundException.class, (request, response, error) -> {
            if (!request.prologue().uriPath().rawPath().startsWith(API)) {
                // Somebody else's path: Helidon's own answer.
                throw error;
            }
            guard.answer(request, response, GatewayFeature::unknownPath);
        });
    }

    private void get(HttpRouting.Builder routing, String path, Guard.Route route) {
        routing.get(path, guard.around(route));
        only(routing, path, "GET");
    }

    private void only(HttpRouting.Builder routing, String path, String method) {
        routing.any(path, guard.around(exchange -> {
            exchange.response().header(HeaderNames.ALLOW, method);
            throw new HttpRefusal(405, "method_not_allowed", "this path takes " + method + " only");
        }));
    }

    private static void unknownPath(Exchange exchange) {
        throw new HttpRefusal(
                404,
                "unknown_url",
                "there is nothing at this path: chat is POST /v1/chat/completions, models are GET /v1/models");
    }
}

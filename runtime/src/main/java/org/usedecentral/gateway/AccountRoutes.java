package org.usedecentral.gateway;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;
import org.usedecentral.orchestrator.Jobs;
import org.usedecentral.receipt.ReceiptJson;
import org.usedecentral.receipt.SignedReceipt;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.ledger.Balance;
import org.usedecentral.spi.ledger.EscrowedJob;
import org.usedecentral.spi.ledger.SettlementLedger;
import org.usedecentral.spi.protocol.JobId;

/** What a payer has: credits, jobs and their receipts. A key sees its own payer's only. Thread-safe. */
final class AccountRoutes {
    private final Jobs jobs;
    private final SettlementLedger ledger;
    private final Authenticator authenticator;

    AccountRoutes(GatewayFeature.Collaborators collaborators, Authenticator authenticator) {
        this.jobs = collaborators.jobs();
        this.ledger = collaborators.ledger();
        this.authenticator = authenticator;
    }

    void credits(Exchange exchange) {
        ApiKey key = authenticator.authenticate(exchange);
        Balance balance = ledger.credits().balance(key.payer());
        exchange.sendJson(JsonNodeFactory.instance
                .objectNode()
                .put("object", "credits")
                .put("ledger", ledger.id().toString())
                .put("payer", key.payer().toString())
                .put("free", balance.free())
                .put("locked", balance.locked())
                .put("held", balance.held())
                .put("unit", "1e-6 USDC")
                .toString());
    }

    void job(Exchange exchange) {
        exchange.sendJson(json(own(exchange)).toString());
    }

    void receipt(Exchange exchange) {
        EscrowedJob job = own(exchange);
        SignedReceipt receipt = jobs.receipt(job.terms().jobId())
                .orElseThrow(() -> new DecentralException(
                        ErrorCode.NOT_FOUND, "there is no receipt of this job yet: ask again once it has ended"));
        exchange.sendJson(ReceiptJson.write(receipt));
    }

    /** A job of another payer is as unknown as one that never was. */
    private EscrowedJob own(Exchange exchange) {
        ApiKey key = authenticator.authenticate(exchange);
        JobId id;
        try {
            id = JobId.parse(exchange.request().path().pathParameters().get("id"));
        } catch (IllegalArgumentException e) {
            throw DecentralException.invalid("id", "a job's id is the base58 of 32 bytes");
        }
        return jobs.find(id)
                .filter(job -> job.terms().payer().equals(key.payer()))
                .orElseThrow(() -> new DecentralException(ErrorCode.NOT_FOUND, "this payer has no such job").at("id"));
    }

    private static ObjectNode json(EscrowedJob job) {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("object", "job");
        node.put("id", job.terms().jobId().toString());
        node.put("ledger", job.terms().ledger().toString());
        node.put("state", job.status().state().name().toLowerCase(Locale.ROOT));
        node.put("payer", job.terms().payer().toString());
        node.put("orchestrator", job.terms().orchestrator().toString());
        node.put("locked", job.terms().locked());
        node.put("remaining", job.funds().remaining());
        node.put("held", job.funds().held());
        node.put("lock_transaction", job.lockTransaction().toString());
        node.put("refund_after", job.status().refundAfter().toString());
        job.status().disputeUntil().ifPresent(until -> node.put("dispute_until", until.toString()));
        job.settled().ifPresent(settled -> {
            ObjectNode own = node.putObject("settled");
            own.put("worker", settled.worker().toString());
            own.put("payout", settled.payout().toString());
            own.put("price", settled.price());
            own.put("transaction", settled.transaction().toString());
            own.putObject("split")
                    .put("worker", settled.split().worker())
                    .put("orchestrator", settled.split().orchestrator())
                    .put("treasury", settled.split().treasury());
        });
        return node;
    }
}

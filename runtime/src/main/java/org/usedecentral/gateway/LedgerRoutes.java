package org.usedecentral.gateway;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.helidon.http.Status;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import org.usedecentral.link.Json;
import org.usedecentral.link.LedgerCall;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.ledger.SettlementLedger;

/** {@code POST /v1/workers/ledger}: a remote worker reads an embedded ledger and writes what was signed for it. Thread-safe. */
public final class LedgerRoutes {
    private static final int MAX_BODY = 16 * 1024;

    private final SettlementLedger ledger;

    public LedgerRoutes(SettlementLedger ledger) {
        this.ledger = ledger;
    }

    /** Answers one call. */
    public void handle(ServerRequest request, ServerResponse response) {
        response.header("content-type", "application/json");
        try {
            LedgerCall.Answer answer = answer(Json.read(body(request), LedgerCall.class));
            response.send(Json.write(answer).toByteArray());
        } catch (DecentralException e) {
            ErrorTable.Row row = ErrorTable.row(e.code());
            var root = JsonNodeFactory.instance.objectNode();
            root.putObject("error")
                    .put("message", e.message())
                    .put("type", row.type())
                    .put("code", row.code())
                    .put("decentral_code", e.code().name());
            response.status(Status.create(row.status())).send(root.toString());
        }
    }

    private static Bytes body(ServerRequest request) {
        try (InputStream in = request.content().inputStream()) {
            byte[] body = in.readNBytes(MAX_BODY + 1);
            if (body.length > MAX_BODY) {
                throw new DecentralException(ErrorCode.INVALID_REQUEST, "a ledger call has 16 KiB at most");
            }
            return Bytes.of(body);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private LedgerCall.Answer answer(LedgerCall call) {
        if (call.job().size()
                        + call.worker().size()
                        + call.balance().size()
                        + call.operation().size()
                > 1) {
            throw new DecentralException(ErrorCode.INVALID_REQUEST, "one thing a call");
        }
        List<LedgerCall.Written> written = call.operation().stream()
                .map(operation -> LedgerCall.Written.of(ledger.submit(operation)))
                .toList();
        List<LedgerCall.Written> balances = call.balance().stream()
                .map(account -> LedgerCall.Written.of(ledger.credits().balance(account)))
                .toList();
        return new LedgerCall.Answer(
                ledger.id(),
                ledger.time().getEpochSecond(),
                call.job().stream()
                        .flatMap(job -> ledger.escrows().find(job).stream())
                        .map(LedgerCall.JobView::of)
                        .toList(),
                call.worker().stream()
                        .flatMap(worker -> ledger.workers().find(worker).stream())
                        .map(LedgerCall.WorkerView::of)
                        .toList(),
                written.isEmpty() ? balances : written);
    }
}

package org.usedecentral.worker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.usedecentral.link.Json;
import org.usedecentral.link.LedgerCall;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.PluginContext;
import org.usedecentral.spi.ledger.Approval;
import org.usedecentral.spi.ledger.Balance;
import org.usedecentral.spi.ledger.Committed;
import org.usedecentral.spi.ledger.CreditAccounts;
import org.usedecentral.spi.ledger.EscrowedJob;
import org.usedecentral.spi.ledger.Escrows;
import org.usedecentral.spi.ledger.LedgerEvents;
import org.usedecentral.spi.ledger.Parameters;
import org.usedecentral.spi.ledger.SettlementLedger;
import org.usedecentral.spi.ledger.SubmittedCredits;
import org.usedecentral.spi.ledger.SubmittedEscrows;
import org.usedecentral.spi.ledger.SubmittedWorkers;
import org.usedecentral.spi.ledger.WorkerAccount;
import org.usedecentral.spi.ledger.WorkerAccounts;
import org.usedecentral.spi.protocol.JobId;
import org.usedecentral.spi.protocol.LedgerId;
import org.usedecentral.spi.protocol.SignedOperation;

/**
 * An embedded ledger seen through its gateway: what a remote worker needs of it. Signs here, writes there. Thread-safe; calls block for 10 s at most.
 */
public final class GatewayLedger implements SettlementLedger {
    private static final Duration LIMIT = Duration.ofSeconds(10);
    private static final JsonMapper ERRORS = new JsonMapper();

    private final String name;
    private final URI address;
    private final HttpClient client =
            HttpClient.newBuilder().connectTimeout(LIMIT).build();
    private volatile @Nullable LedgerId id;
    private volatile @Nullable Clock clock;
    private volatile Duration ahead = Duration.ZERO;

    /** The ledger behind {@code gateway}, such as {@code http://127.0.0.1:8080}. */
    public GatewayLedger(String name, URI gateway) {
        this.name = name;
        this.address = URI.create(gateway.toString().replaceAll("/+$", "") + "/v1/workers/ledger");
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String type() {
        return "gateway";
    }

    @Override
    public void start(PluginContext context) {
        clock = context.clock();
        id = call(LedgerCall.HEAD).ledger();
    }

    @Override
    public void close() {
        client.shutdownNow();
    }

    @Override
    public LedgerId id() {
        LedgerId known = id;
        return known == null ? call(LedgerCall.HEAD).ledger() : known;
    }

    /** The gateway's ledger has its own; they matter to those who lock and settle, which a worker does not. */
    @Override
    public Parameters parameters() {
        return Parameters.DEFAULT;
    }

    /** The clock here, corrected by what the last answer said. */
    @Override
    public Instant time() {
        return now().plus(ahead);
    }

    private Instant now() {
        Clock started = clock;
        if (started == null) {
            throw new IllegalStateException("ledger " + name + " is not started");
        }
        return started.instant();
    }

    private LedgerCall.Answer call(LedgerCall call) {
        HttpRequest request = HttpRequest.newBuilder(address)
                .timeout(LIMIT)
                .header("content-type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofByteArray(Json.write(call).toByteArray()))
                .build();
        try {
            HttpResponse<byte[]> response = client.send(request, HttpResponse.BodyHandlers.ofByteArray());
            if (response.statusCode() != 200) {
                throw error(response);
            }
            LedgerCall.Answer answer = Json.read(Bytes.of(response.body()), LedgerCall.Answer.class);
            ahead = Duration.between(now(), Instant.ofEpochSecond(answer.time()));
            return answer;
        } catch (IOException e) {
            throw new DecentralException(
                    call.operation().isEmpty() ? ErrorCode.UNAVAILABLE : ErrorCode.OUTCOME_UNKNOWN,
                    "the gateway's ledger at " + address + " does not answer: " + e,
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new DecentralException(ErrorCode.UNAVAILABLE, "interrupted", e);
        }
    }

    private static DecentralException error(HttpResponse<byte[]> response) {
        try {
            JsonNode error = ERRORS.readTree(response.body()).path("error");
            String code = error.path("decentral_code").asText("").toUpperCase(Locale.ROOT);
            for (ErrorCode known : ErrorCode.values()) {
                if (known.name().equals(code)) {
                    return new DecentralException(known, error.path("message").asText());
                }
            }
        } catch (IOException e) {
            return new DecentralException(ErrorCode.UNAVAILABLE, "the gateway answers " + response.statusCode(), e);
        }
        return new DecentralException(ErrorCode.UNAVAILABLE, "the gateway answers " + response.statusCode());
    }

    @Override
    public Committed submit(SignedOperation operation) {
        return call(LedgerCall.submit(operation)).written().getFirst().committed();
    }

    @Override
    public CreditAccounts credits() {
        return new Credits();
    }

    @Override
    public Escrows escrows() {
        return new Jobs();
    }

    @Override
    public WorkerAccounts workers() {
        return new Workers();
    }

    @Override
    public LedgerEvents events(long afterPosition) {
        throw DecentralException.unsupported("reading a gateway's ledger events as a worker");
    }

    private final class Credits implements SubmittedCredits {
        @Override
        public SettlementLedger ledger() {
            return GatewayLedger.this;
        }

        @Override
        public Balance balance(Account account) {
            return call(LedgerCall.balanceOf(account)).written().getFirst().balance();
        }

        @Override
        public Optional<Approval> approval(Account payer, Account spender) {
            throw DecentralException.unsupported("reading approvals as a worker");
        }
    }

    private final class Jobs implements SubmittedEscrows {
        @Override
        public SettlementLedger ledger() {
            return GatewayLedger.this;
        }

        @Override
        public Optional<EscrowedJob> find(JobId job) {
            return call(LedgerCall.find(job)).job().stream().findFirst().map(LedgerCall.JobView::job);
        }

        @Override
        public List<EscrowedJob> open(Account orchestrator, @Nullable JobId after, int limit) {
            throw DecentralException.unsupported("listing open jobs as a worker");
        }
    }

    private final class Workers implements SubmittedWorkers {
        @Override
        public SettlementLedger ledger() {
            return GatewayLedger.this;
        }

        @Override
        public Optional<WorkerAccount> find(Account worker) {
            return call(LedgerCall.find(worker)).worker().stream().findFirst().map(LedgerCall.WorkerView::account);
        }
    }
}

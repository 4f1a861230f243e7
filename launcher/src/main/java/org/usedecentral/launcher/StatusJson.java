package org.usedecentral.launcher;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.usedecentral.engine.HostedEngine;
import org.usedecentral.node.Node;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.inference.InferenceBackend;
import org.usedecentral.time.SystemTimers;
import org.usedecentral.worker.WorkerService;
import org.usedecentral.worker.WorkerStatus;

/** A running worker's status as JSON: amounts in base units, times in seconds. Stateless. */
final class StatusJson {
    private StatusJson() {}

    /** Listens for who asks, if the node has a worker; else nothing is to be told. */
    static StatusSocket socket(Node node) {
        return StatusSocket.open(
                node.dataDirectory(),
                () -> node.worker()
                        .map(worker -> Bytes.utf8(of(node, worker).toString()))
                        .orElse(Bytes.utf8("{\"running\":false}")));
    }

    private static ObjectNode of(Node node, WorkerService worker) {
        WorkerStatus status = worker.status();
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        root.put("running", true);
        identity(root, status.identity());
        jobs(root.putObject("jobs"), status.jobs());
        earnings(root.putObject("earnings"), status.earnings());
        engine(root.putObject("engine"), status.engine());
        var hosts = root.putArray("engine_hosts");
        for (InferenceBackend backend : node.backends()) {
            if (backend instanceof HostedEngine hosted) {
                ObjectNode host = hosts.addObject().put("backend", backend.name());
                hosted.pid().ifPresent(pid -> host.put("pid", pid));
                host.put("restarts", hosted.restarts());
                hosted.lastFault().ifPresent(fault -> host.put("last_fault", fault));
            }
        }
        var linked = root.putArray("orchestrators");
        status.orchestrators().linked().forEach(account -> linked.add(account.toString()));
        counts(root.putObject("jobs_elsewhere"), status.orchestrators().elsewhere());
        return root;
    }

    private static void identity(ObjectNode root, WorkerStatus.Identity identity) {
        Instant started = Instant.ofEpochMilli(identity.started());
        root.put("worker", identity.worker().toString())
                .put("payout", identity.payout().toString())
                .put("ledger", identity.ledger().toString())
                .put("started", started.toString())
                .put(
                        "uptime",
                        Duration.between(started, SystemTimers.CLOCK.instant()).toSeconds())
                .put("draining", identity.draining());
    }

    private static void jobs(ObjectNode out, WorkerStatus.Jobs jobs) {
        out.put("running", jobs.running()).put("done", jobs.done()).put("failed", jobs.failed());
        counts(out.putObject("failures"), jobs.failures());
        WorkerStatus.Tokens tokens = jobs.tokens();
        out.put("input_tokens", tokens.input())
                .put("cached_input_tokens", tokens.cachedInput())
                .put("output_tokens", tokens.output())
                .put(
                        "prefix_cache_hit_rate",
                        tokens.input() == 0 ? 0.0 : (double) tokens.cachedInput() / tokens.input());
    }

    private static void earnings(ObjectNode out, WorkerStatus.Earnings earnings) {
        if (earnings.problem().isEmpty()) {
            out.put("settled", earnings.free()).put("held", earnings.held());
        } else {
            out.put("problem", earnings.problem());
        }
        out.put("claims_pending", earnings.claims()).put("claims_value", earnings.claimsValue());
    }

    private static void engine(ObjectNode out, WorkerStatus.Engine engine) {
        out.put("slots", engine.slots())
                .put("running", engine.running())
                .put("waiting", engine.waiting())
                .put("kv_cache_use", engine.kvCacheUse());
        var models = out.putArray("models");
        for (WorkerStatus.Model model : engine.models()) {
            models.addObject()
                    .put("id", model.id().value())
                    .put("backend", model.backend())
                    .put("context", model.contextTokens())
                    .put("prefill_tokens_per_second", model.prefill())
                    .put("decode_tokens_per_second", model.decode());
        }
    }

    private static void counts(ObjectNode out, Map<String, Long> counts) {
        counts.entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .forEach(one -> out.put(one.getKey(), one.getValue()));
    }
}

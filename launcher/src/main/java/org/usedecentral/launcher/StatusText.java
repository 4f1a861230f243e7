package org.usedecentral.launcher;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A worker's status for people, from its JSON. Stateless. */
final class StatusText {
    private static final int PERCENT = 100;

    private StatusText() {}

    static List<String> lines(JsonNode status) {
        List<String> lines = new ArrayList<>();
        lines.add(line(
                "worker",
                status.path("worker").asText() + (status.path("draining").asBoolean() ? ", draining" : ", running")
                        + " for " + status.path("uptime").asLong() + " s"));
        JsonNode jobs = status.path("jobs");
        lines.add(line(
                "jobs",
                jobs.path("running").asInt() + " running, " + jobs.path("done").asLong() + " done, "
                        + jobs.path("failed").asLong() + " failed" + counts(jobs.path("failures"))));
        JsonNode engine = status.path("engine");
        lines.add(line(
                "engine",
                engine.path("running").asInt() + " of " + engine.path("slots").asInt() + " slots in use, "
                        + engine.path("waiting").asInt() + " waiting, KV cache "
                        + percent(engine.path("kv_cache_use").asDouble())));
        for (JsonNode model : engine.path("models")) {
            lines.add(line(
                    "model",
                    String.format(
                            Locale.ROOT,
                            "%s: prefill %.0f, decode %.0f tokens/s",
                            model.path("id").asText(),
                            model.path("prefill_tokens_per_second").asDouble(),
                            model.path("decode_tokens_per_second").asDouble())));
        }
        for (JsonNode host : status.path("engine_hosts")) {
            String fault = host.path("last_fault").asText("");
            lines.add(line(
                    "host",
                    host.path("backend").asText() + ": "
                            + (host.has("pid") ? "process " + host.path("pid").asLong() : "not running") + ", "
                            + host.path("restarts").asInt() + " restarts"
                            + (fault.isEmpty() ? "" : ", last: " + fault)));
        }
        lines.add(line(
                "tokens",
                jobs.path("input_tokens").asLong() + " in, "
                        + jobs.path("output_tokens").asLong()
                        + " out; prefix cache hits "
                        + percent(jobs.path("prefix_cache_hit_rate").asDouble())));
        lines.addAll(earnings(status.path("earnings")));
        int links = status.path("orchestrators").size();
        lines.add(line("links", links == 0 ? "none: no job can come" : links + ", to " + linked(status)));
        String elsewhere = counts(status.path("jobs_elsewhere"));
        lines.add(line("elsewhere", elsewhere.isEmpty() ? "no candidate job went to others" : "jobs" + elsewhere));
        return lines;
    }

    private static List<String> earnings(JsonNode earnings) {
        List<String> lines = new ArrayList<>();
        lines.add(
                earnings.has("problem")
                        ? line(
                                "earnings",
                                "unknown: " + earnings.path("problem").asText())
                        : line(
                                "earnings",
                                Money.usdc(earnings.path("settled").asLong()) + " settled, "
                                        + Money.usdc(earnings.path("held").asLong()) + " held until jobs close"));
        if (earnings.path("claims_pending").asInt() > 0) {
            lines.add(line(
                    "claims",
                    earnings.path("claims_pending").asInt() + " vouchers not settled yet, worth "
                            + Money.usdc(earnings.path("claims_value").asLong()) + " before the split"));
        }
        return lines;
    }

    private static String linked(JsonNode status) {
        List<String> accounts = new ArrayList<>();
        status.path("orchestrators").forEach(account -> accounts.add(account.asText()));
        return String.join(", ", accounts);
    }

    /** Such as {@code : 3 full, 1 draining}; empty where there are none. */
    private static String counts(JsonNode counts) {
        List<String> words = new ArrayList<>();
        for (Map.Entry<String, JsonNode> one : counts.properties()) {
            words.add(one.getValue().asLong() + " " + one.getKey());
        }
        return words.isEmpty() ? "" : ": " + String.join(", ", words);
    }

    private static String percent(double fraction) {
        return Math.round(PERCENT * fraction) + " %";
    }

    private static String line(String name, String value) {
        return ReceiptText.line(name, value);
    }
}

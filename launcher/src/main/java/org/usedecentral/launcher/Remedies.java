package org.usedecentral.launcher;

import java.util.Locale;
import org.usedecentral.spi.ErrorCode;

/** What each error code means and what mostly helps: the table of docs/errors.md, which a test holds against this. Stateless. */
final class Remedies {
    private Remedies() {}

    /** One code's entry. */
    record Remedy(String meaning, String whatToDo) {}

    static Remedy of(ErrorCode code) {
        return switch (code) {
            case INVALID_REQUEST ->
                new Remedy(
                        "A request, an option or a configuration key is wrong.",
                        "Correct what the message names; docs/configuration.md has every key.");
            case UNSUPPORTED_FEATURE ->
                new Remedy(
                        "No worker or engine here offers what was asked for.",
                        "Leave the parameter out, or choose another model or backend.");
            case UNAUTHENTICATED ->
                new Remedy(
                        "The API key or a signature is not good.",
                        "Use a key of this gateway: 'decentral keys list' shows them.");
            case FORBIDDEN ->
                new Remedy(
                        "The key or account may not do this.",
                        "Use the account that owns it, or have it registered or approved.");
            case NOT_FOUND ->
                new Remedy(
                        "There is no such file, job, key or page.",
                        "Check the name; the message says where it was looked for.");
            case MODEL_NOT_FOUND ->
                new Remedy("Nobody hosts a model of that name.", "Ask for one that GET /v1/models lists.");
            case CONTEXT_TOO_LONG ->
                new Remedy(
                        "Prompt and answer do not fit the model's context.",
                        "Shorten the prompt, ask for fewer tokens, or choose a model with more context.");
            case CONFLICT ->
                new Remedy(
                        "Something else holds it already: a port, a data directory, an id.",
                        "End what holds it, or choose another one, as the message says.");
            case INSUFFICIENT_CREDITS ->
                new Remedy(
                        "The payer's free credits do not cover the most the job may cost.",
                        "Deposit credits, or ask for fewer output tokens.");
            case RATE_LIMITED ->
                new Remedy(
                        "The key runs as many jobs as it may.", "Wait for one to end, or raise gateway.jobs-per-key.");
            case OVERLOADED ->
                new Remedy("Every slot, lane or buffer is taken.", "Try again; add slots or workers if it stays so.");
            case NO_WORKER ->
                new Remedy(
                        "No worker can take the job now.",
                        "Try again; 'decentral worker status' shows on a worker why jobs went elsewhere.");
            case START_TIMEOUT ->
                new Remedy(
                        "No worker began to answer in time.",
                        "Try again; raise orchestrator.start-timeout where machines are slow.");
            case DEADLINE_EXCEEDED ->
                new Remedy("The job's time is over.", "Ask for fewer tokens, or raise orchestrator.job-timeout.");
            case CANCELLED ->
                new Remedy("It was stopped from outside, by a client or a signal.", "Nothing, if you meant it.");
            case PROOF_INVALID ->
                new Remedy(
                        "A receipt, statement or escrow is not what it claims to be.",
                        "Do not pay or trust it; keep the receipt, and leave that worker or gateway out.");
            case UNAVAILABLE ->
                new Remedy(
                        "A machine, ledger, engine or network does not answer, or is stopping.",
                        "Try again; 'decentral doctor' checks this machine.");
            case OUTCOME_UNKNOWN ->
                new Remedy(
                        "A write to the ledger may or may not have happened.",
                        "Repeat it with the same id: it is never done twice.");
            case INTERNAL ->
                new Remedy("A fault of Decentral's own.", "Run it again with --verbose, and report what it prints.");
        };
    }

    /** Who can make it go away, as docs/errors.md calls them. */
    static String whoActs(ErrorCode code) {
        return code.kind() == ErrorCode.Kind.INTERNAL_FAULT
                ? "internal"
                : code.kind().name().toLowerCase(Locale.ROOT);
    }

    /** A row of docs/errors.md. */
    static String row(ErrorCode code) {
        Remedy remedy = of(code);
        return "| `" + code + "` | " + whoActs(code) + " | " + (code.retryable() ? "yes" : "no") + " | "
                + remedy.meaning() + " | " + remedy.whatToDo() + " |";
    }
}

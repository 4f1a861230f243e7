package org.usedecentral.spi.protocol;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.DecentralException;

/**
 * What a payer lets a spender do.
 *
 * @param orchestrator the only one whose jobs may be paid; {@link Account#NONE}: any
 * @param caps the most a job may lock and the most all may have spent, base units
 * @param mayDispute whether the spender may open disputes
 */
public record ApprovalTerms(Account spender, Account orchestrator, Caps caps, Instant expires, boolean mayDispute) {
    /** Base units. */
    public record Caps(long job, long total) {
        public Caps {
            if (job < 0 || total < 0) {
                throw DecentralException.invalid("caps", "caps must not be negative");
            }
        }
    }

    /**
     * Reads an {@code approve} message.
     *
     * @throws DecentralException {@code INVALID_REQUEST} if a line is missing or wrong
     */
    public static ApprovalTerms of(PayerMessage message) {
        String orchestrator = message.line("orchestrator").orElse("");
        String mayDispute = message.line("may-dispute").orElse("");
        if (!mayDispute.equals("yes") && !mayDispute.equals("no")) {
            throw DecentralException.invalid("may-dispute", "the line may-dispute must be yes or no");
        }
        return new ApprovalTerms(
                message.account("spender"),
                orchestrator.equals("any") ? Account.NONE : message.account("orchestrator"),
                new Caps(message.number("job-cap"), message.number("limit")),
                message.instant("approval-expires"),
                mayDispute.equals("yes"));
    }

    Map<String, String> lines() {
        Map<String, String> lines = new LinkedHashMap<>();
        lines.put("spender", spender.toString());
        lines.put("orchestrator", orchestrator.equals(Account.NONE) ? "any" : orchestrator.toString());
        lines.put("job-cap", Long.toString(caps.job()));
        lines.put("limit", Long.toString(caps.total()));
        lines.put("approval-expires", expires.toString());
        lines.put("may-dispute", mayDispute ? "yes" : "no");
        return lines;
    }
}

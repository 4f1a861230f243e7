package org.usedecentral.worker;

import java.util.List;
import java.util.Map;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.ModelId;
import org.usedecentral.spi.protocol.LedgerId;

/** How a running worker does, at one moment. Amounts are base units; counts are since its start. */
public record WorkerStatus(
        Identity identity, Jobs jobs, Earnings earnings, Engine engine, Orchestrators orchestrators) {
    /**
     * Who it is.
     *
     * @param payout who earns
     * @param started Unix milliseconds
     * @param draining whether it takes no new jobs, since it was told to stop
     */
    public record Identity(Account worker, Account payout, LedgerId ledger, long started, boolean draining) {}

    /**
     * What it did.
     *
     * @param failures failed jobs by error code
     */
    public record Jobs(int running, long done, long failed, Map<String, Long> failures, Tokens tokens) {}

    /**
     * Tokens of jobs that are done.
     *
     * @param cachedInput of the input that came from the prefix cache
     */
    public record Tokens(long input, long cachedInput, long output) {}

    /**
     * What the ledger has for the payout account, and what is still to be cashed.
     *
     * @param free settled and paid
     * @param held shares that wait for their job's close
     * @param claims vouchers that nobody has settled yet
     * @param claimsValue what those are worth, before the split
     * @param problem why the ledger's figures are missing; empty: they are there
     */
    public record Earnings(long free, long held, int claims, long claimsValue, String problem) {}

    /** All engines together. */
    public record Engine(int slots, int running, int waiting, double kvCacheUse, List<Model> models) {}

    /**
     * A model that is offered.
     *
     * @param prefill tokens a second: of this run's jobs, else of the self-test; 0 when not measured
     * @param decode likewise, of one stream
     */
    public record Model(ModelId id, String backend, int contextTokens, double prefill, double decode) {}

    /**
     * The other side.
     *
     * @param linked who may assign jobs now
     * @param elsewhere why jobs that this worker was a candidate for went to others, by the recorded reason
     */
    public record Orchestrators(List<Account> linked, Map<String, Long> elsewhere) {}
}

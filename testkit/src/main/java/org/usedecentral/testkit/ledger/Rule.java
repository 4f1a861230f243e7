package org.usedecentral.testkit.ledger;

/**
 * Rules of docs/protocol.md, section 6, that look as if one could do without them. {@link InMemoryLedger} can be built without one, so
 * that a test can show that the random schedules notice.
 */
enum Rule {
    /** Settle pays the price minus what this worker already claimed on the job; the settled worker claims no more. */
    NET,
    /** A claim pays the excess over what the worker already had. */
    CUMULATIVE,
    /** A fourth worker is paid too; it replaces the smallest of the three remembered. */
    FOURTH_WORKER,
    /** Claims draw on the remainder only, never on the settled worker's held share. */
    HELD_IS_SAFE,
    /** Workers are paid until {@code refundAfter} and no longer. */
    DEADLINE,
    /** A job is settled once. */
    SETTLE_ONCE,
    /** The orchestrator cashes a voucher once for each worker. */
    CLAIM_FOR_ONCE,
    /** Close waits for {@code refundAfter} and the dispute window. */
    CLOSE_WAITS,
    /** What is returned to the payer is taken off what its spender has spent. */
    RETURN_UNSPENDS,
    /** A committed write counts as a heartbeat, so that a refunded job does not come alive after a restart. */
    WRITES_BEAT,
    /** Deadlines that were not passed are extended by the time the ledger was down. */
    DOWNTIME_EXTENDS,
    /** The ledger's time does not run backwards. */
    TIME_GOES_ON,
    /** Write ids are scoped to their signer. */
    WRITE_SCOPE,
    /** A refused write is not recorded under its id. */
    REFUSALS_FORGOTTEN,
    /** A job id is locked once, for ever. */
    JOB_ID_ONCE,
    /** A payer's message is taken once, in order. */
    SEQUENCE,
    /** What a retired worker has earned is still paid. */
    RETIRED_IS_PAID,
    /** A held share goes where the worker's payout was at settle. */
    PAYOUT_COPIED
}

package org.usedecentral.testkit.ledger;

/**
 * What happens next in a schedule. An action that does not apply where it stands is skipped, so that schedules can be shortened. Jobs
 * are meant modulo the number of jobs; workers are named A to E, of which D and E are the adversary's.
 */
sealed interface ScheduleAction {
    /** Time passes; honest parties do what they must before each deadline. */
    record Pass(long seconds) implements ScheduleAction {}

    /** The ledger is down that long. */
    record Down(long seconds) implements ScheduleAction {}

    /** The wall clock is set back. */
    record Back(long seconds) implements ScheduleAction {}

    /** A job is locked, by the spender or the payer itself, for 120 or 30 s. */
    record Lock(boolean spender, long amount, boolean patient, long validFor) implements ScheduleAction {}

    /** A lock that was refused for lack of credits is tried again under its write id. */
    record Retry() implements ScheduleAction {}

    /** Terms that were locked before are locked again. */
    record Relock(int job) implements ScheduleAction {}

    record Deposit(long amount) implements ScheduleAction {}

    record Withdraw(long amount) implements ScheduleAction {}

    record Approve(long limit) implements ScheduleAction {}

    record Revoke() implements ScheduleAction {}

    /** The payer signs an approval and somebody keeps it for later. */
    record Withhold(long limit) implements ScheduleAction {}

    /** The approval that was kept is sent. */
    record Send() implements ScheduleAction {}

    /** An earlier write is repeated, as it was and with other content. */
    record Repeat(int write) implements ScheduleAction {}

    /** A stranger uses the write id that this party is about to use. */
    record Squat(String party) implements ScheduleAction {}

    record Retire(String worker) implements ScheduleAction {}

    /** The worker's owner moves its payout to the other of two accounts. */
    record MovePayout(String worker) implements ScheduleAction {}

    /** The worker's machine is gone for good. */
    record Die(String worker) implements ScheduleAction {}

    record Refund(int job) implements ScheduleAction {}

    record Close(int job) implements ScheduleAction {}

    record Expire(int job) implements ScheduleAction {}

    /** The orchestrator gives the job to a worker. */
    record Attempt(int job, String worker) implements ScheduleAction {}

    /**
     * Tokens are relayed and acknowledged.
     *
     * @param newest by the newest attempt, else by the first if it still runs
     * @param arrives whether the voucher reaches the worker
     * @param kept whether it reaches the orchestrator's disk
     */
    record Tokens(int job, long amount, boolean newest, boolean arrives, boolean kept) implements ScheduleAction {}

    /** The running attempt fails; the orchestrator claims for its worker at once, or later. */
    record Fail(int job, boolean claims) implements ScheduleAction {}

    /** The running attempt ends well. */
    record End(int job) implements ScheduleAction {}

    record Settle(int job) implements ScheduleAction {}

    /** The orchestrator's process dies. */
    record Crash(int job) implements ScheduleAction {}

    record Restart(int job) implements ScheduleAction {}

    /** An honest worker cashes its newest voucher. */
    record WorkerClaim(int job, String worker) implements ScheduleAction {}

    /** The orchestrator claims for a worker, a dishonest one some quarters of its voucher. */
    record OrchestratorClaim(int job, String worker, int quarters) implements ScheduleAction {}

    /** A dishonest orchestrator's voucher for an accomplice over quarters of the lock. */
    record FalseVoucher(int job, String worker, int quarters) implements ScheduleAction {}

    /** A dishonest orchestrator settles for an accomplice who did nothing. */
    record FalseSettle(int job, String worker, int quarters) implements ScheduleAction {}

    /** The orchestrator settles for one base unit more than the lock. */
    record Overcharge(int job, String worker) implements ScheduleAction {}

    /** Somebody tries what only orchestrator or worker may. */
    record Meddle(int job, String party, int operation) implements ScheduleAction {}
}

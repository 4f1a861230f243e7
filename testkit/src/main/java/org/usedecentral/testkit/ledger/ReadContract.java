package org.usedecentral.testkit.ledger;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.usedecentral.spi.ErrorCode.CANCELLED;
import static org.usedecentral.spi.ErrorCode.INVALID_REQUEST;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.Signer;
import org.usedecentral.spi.ledger.Committed;
import org.usedecentral.spi.ledger.CreditAccounts.Deposit;
import org.usedecentral.spi.ledger.EscrowedJob;
import org.usedecentral.spi.ledger.LedgerEvent;
import org.usedecentral.spi.ledger.LedgerEvents;
import org.usedecentral.spi.ledger.Parameters;
import org.usedecentral.spi.protocol.JobId;
import org.usedecentral.spi.protocol.Terms;
import org.usedecentral.spi.protocol.WriteId;

/** What the ledger tells: jobs, events, time; and that it does so for many threads at once. */
interface ReadContract {
    @Test
    default void theUsualParametersHold(LedgerStage stage) {
        assertThat(stage.ledger.parameters()).isEqualTo(Parameters.DEFAULT);
    }

    @Test
    default void timeIsTheClocksToTheSecond(LedgerStage stage) {
        Instant start = stage.now();
        assertThat(start).isEqualTo(stage.clock.instant());
        stage.clock.advance(Duration.ofMillis(1_999));
        assertThat(stage.now()).isEqualTo(start.plusSeconds(1));
    }

    @Test
    default void timeDoesNotRunBackwards(LedgerStage stage) {
        stage.deposit(stage.payer, 1000);
        JobId job = stage.locked(400);
        stage.pass(121);
        Instant late = stage.now();
        stage.refund(job);
        stage.pass(-100);
        assertThat(stage.now()).isEqualTo(late);
        stage.restartAfter(Duration.ZERO);
        assertThat(stage.now()).isEqualTo(late);
        stage.close(job);
        stage.pass(101);
        assertThat(stage.now()).isEqualTo(late.plusSeconds(1));
    }

    @Test
    default void aJobThatWasNeverLockedIsNotFound(LedgerStage stage) {
        assertThat(stage.ledger.escrows().find(stage.terms(1).build().jobId())).isEmpty();
    }

    @Test
    default void openJobsAreListedInPagesByTheirIds(LedgerStage stage) {
        stage.deposit(stage.payer, 1000);
        List<JobId> ids = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            ids.add(stage.locked(1));
        }
        JobId settled = ids.get(3);
        stage.settle(settled, stage.worker("A"), 1);
        ids.sort((a, b) ->
                Arrays.compareUnsigned(a.value().toByteArray(), b.value().toByteArray()));
        for (int limit : new int[] {1, 5, 12, 1000}) {
            assertThat(pages(stage, stage.orchestrator.account(), limit)).isEqualTo(ids);
            assertThat(pages(stage, Account.NONE, limit)).isEqualTo(ids);
        }
        assertThat(pages(stage, stage.stranger.account(), 5)).isEmpty();
        assertThat(stage.ledger.escrows().open(Account.NONE, null, 1000))
                .contains(stage.job(settled))
                .hasSize(12);
        JobId closed = ids.get(5);
        stage.pass(121);
        stage.close(closed);
        stage.refund(ids.get(6));
        ids.remove(closed);
        assertThat(pages(stage, Account.NONE, 5)).isEqualTo(ids);
        // Paging goes on from a job that was closed meanwhile.
        assertThat(stage.ledger.escrows().open(Account.NONE, closed, 1))
                .extracting(job -> job.terms().jobId())
                .containsExactly(ids.get(5));
    }

    private static List<JobId> pages(LedgerStage stage, Account orchestrator, int limit) {
        List<JobId> ids = new ArrayList<>();
        @Nullable JobId after = null;
        List<EscrowedJob> page = stage.ledger.escrows().open(orchestrator, after, limit);
        while (!page.isEmpty()) {
            assertThat(page).hasSizeLessThanOrEqualTo(limit);
            page.forEach(job -> ids.add(job.terms().jobId()));
            after = ids.getLast();
            page = stage.ledger.escrows().open(orchestrator, after, limit);
        }
        return ids;
    }

    @Test
    default void aPageHasOneToAThousandJobs(LedgerStage stage) {
        for (int limit : new int[] {0, -1, 1001}) {
            stage.refused(INVALID_REQUEST, () -> stage.ledger.escrows().open(Account.NONE, null, limit));
        }
    }

    @Test
    default void everyWriteIsAnEventInOrder(LedgerStage stage) throws Exception {
        Signer worker = stage.worker("A");
        List<LedgerEvent> expected = new ArrayList<>();
        try (LedgerEvents events = stage.ledger.events(-1)) {
            assertThat(events.next().operation()).isEqualTo("register");
            assertThat(events.poll()).isNull();
            expected.add(event(stage, stage.deposit(stage.payer.account(), 1000, "wire"), "deposit", null));
            stage.pass(2);
            expected.add(event(stage, stage.approve(stage.approval(100, 100)), "approve", null));
            Terms terms = stage.terms(400).build();
            JobId job = terms.jobId();
            expected.add(event(stage, stage.lock(terms), "lock", job));
            expected.add(event(stage, stage.claim(job, worker, 10), "claim", job));
            expected.add(event(stage, stage.settle(job, worker, 20), "settle", job));
            expected.add(event(stage, stage.expire(job), "expire", job));
            stage.pass(21);
            expected.add(event(stage, stage.refund(job), "refund", job));
            stage.pass(61);
            expected.add(event(stage, stage.close(job), "close", job));
            expected.add(event(stage, stage.revoke(), "revoke", null));
            expected.add(event(stage, stage.withdraw(stage.payer, 5), "withdraw", null));
            expected.add(
                    event(stage, stage.update(worker, stage.stranger.account(), stage.owner(worker)), "update", null));
            expected.add(event(stage, stage.retire(worker), "retire", null));
            for (LedgerEvent event : expected) {
                assertThat(events.next()).isEqualTo(event);
            }
            assertThat(events.poll()).isNull();
        }
        stage.restartAfter(Duration.ofSeconds(3));
        for (int seen = 0; seen < expected.size(); seen++) {
            try (LedgerEvents events = stage.ledger.events(expected.get(seen).position())) {
                for (LedgerEvent event : expected.subList(seen + 1, expected.size())) {
                    assertThat(events.next()).isEqualTo(event);
                }
                assertThat(events.poll()).isNull();
            }
        }
    }

    private static LedgerEvent event(LedgerStage stage, Committed committed, String label, @Nullable JobId job) {
        return new LedgerEvent(committed.position(), committed.transaction(), stage.now(), label, job);
    }

    @Test
    default void refusedAndRepeatedWritesAreNoEvents(LedgerStage stage) throws Exception {
        WriteId id = stage.write();
        Deposit deposit = new Deposit(stage.payer.account(), 10, "wire");
        Committed first = stage.deposit(id, deposit);
        LedgerStage.assertSame(stage.ledger.credits().deposit(id, stage.operator, deposit), first);
        stage.refused(
                INVALID_REQUEST,
                () -> stage.ledger
                        .credits()
                        .deposit(stage.write(), stage.operator, new Deposit(stage.payer.account(), 0, "no")));
        try (LedgerEvents events = stage.ledger.events(-1)) {
            assertThat(events.next().transaction()).isEqualTo(first.transaction());
            assertThat(events.poll()).isNull();
        }
    }

    @Test
    default void aReaderWaitsForTheNextEvent(LedgerStage stage) throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
                LedgerEvents events = stage.ledger.events(-1)) {
            Future<LedgerEvent> next = threads.submit(events::next);
            Committed committed = stage.deposit(stage.payer.account(), 10, "wire");
            assertThat(next.get(30, SECONDS).transaction()).isEqualTo(committed.transaction());
        }
    }

    @Test
    default void closingWakesAReader(LedgerStage stage) throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            LedgerEvents events = stage.ledger.events(-1);
            Future<LedgerEvent> next = threads.submit(events::next);
            events.close();
            events.close();
            assertThatThrownBy(() -> next.get(30, SECONDS))
                    .isInstanceOf(ExecutionException.class)
                    .cause()
                    .isInstanceOfSatisfying(
                            DecentralException.class,
                            refusal -> assertThat(refusal.code()).isEqualTo(CANCELLED));
        }
    }

    @Test
    default void manyThreadsCannotOverdraw(LedgerStage stage) throws Exception {
        stage.deposit(stage.payer, 1000);
        List<Callable<Boolean>> locks = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            Terms terms = stage.terms(100).build();
            locks.add(taken(() -> stage.ledger
                    .escrows()
                    .lock(WriteId.derived("many", terms.encoded()), terms, stage.payer, stage.orchestrator)));
        }
        assertThat(together(locks)).filteredOn(taken -> taken).hasSize(10);
        assertThat(stage.free(stage.payer)).isZero();
        assertThat(stage.balance(stage.payer).locked()).isEqualTo(1000);
    }

    @Test
    default void aWriteRepeatedByManyThreadsIsOne(LedgerStage stage) throws Exception {
        Deposit deposit = new Deposit(stage.payer.account(), 10, "wire");
        WriteId id = stage.write();
        Committed first = stage.deposit(id, deposit);
        JobId job = stage.locked(10);
        Signer worker = stage.worker("A");
        WriteId claim = stage.write();
        var voucher = stage.voucher(job, worker, 10);
        List<Callable<Committed>> writes = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            writes.add(() -> stage.ledger.escrows().claim(claim, voucher, worker));
        }
        List<Committed> results = together(writes);
        assertThat(results)
                .extracting(Committed::transaction)
                .containsOnly(results.getFirst().transaction());
        assertThat(results.getFirst().transaction()).isNotEqualTo(first.transaction());
        assertThat(stage.free(stage.payout(worker))).isEqualTo(7);
    }

    private static Callable<Boolean> taken(Callable<Committed> write) {
        return () -> {
            try {
                return write.call() != null;
            } catch (DecentralException refused) {
                return false;
            }
        };
    }

    private static <T> List<T> together(List<Callable<T>> calls) throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<T> results = new ArrayList<>();
            for (Future<T> future : threads.invokeAll(calls, 60, SECONDS)) {
                results.add(future.get());
            }
            return results;
        }
    }
}

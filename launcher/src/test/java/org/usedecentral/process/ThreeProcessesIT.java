package org.usedecentral.process;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.usedecentral.receipt.Receipt;
import org.usedecentral.receipt.Settlement;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.ledger.Balance;

/** A gateway and two workers as three processes: what clients notice when workers stop, die or are not there. */
@Timeout(600)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class ThreeProcessesIT {
    /** Long enough that nothing of it ends while a test works on it. */
    private static final String LONG_PROMPT = "Write the numbers from 1 to 500, separated by commas.";

    private static final int LONG = 1_500;
    private static final int SLOTS = 2;
    private static final Duration SOON = Duration.ofMinutes(1);

    private static final GatewayProcess.Plan PLAN = GatewayProcess.Plan.of(
            "gateway",
            Map.of(
                    "orchestrator.model-ceilings.0.model",
                    Built.MODEL,
                    "orchestrator.model-ceilings.0.input",
                    "1000000",
                    "orchestrator.model-ceilings.0.output",
                    "3000000"));

    @TempDir
    private static Path directory;

    private static ThreeProcesses network;

    @BeforeAll
    static void start() throws Exception {
        Map<String, String> worker = Map.of("backends.0.slots", Integer.toString(SLOTS));
        network = ThreeProcesses.start(directory, PLAN, List.of(worker, worker));
    }

    @AfterAll
    static void stop() {
        network.close();
    }

    @Test
    @Order(1)
    void shortJobsAreSpreadOverBothWorkers() throws Exception {
        Set<Account> seen = new HashSet<>();
        try (ExecutorService three = Executors.newFixedThreadPool(3)) {
            List<Future<GatewayApi.Answer>> answers = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                String prompt = "Say the number " + i + ".";
                answers.add(three.submit(() -> network.api().complete(GatewayApi.chat(prompt, 4))));
            }
            for (Future<GatewayApi.Answer> answer : answers) {
                JsonNode body = answer.get().ok();
                assertThat(body.path("choices").path(0).path("finish_reason").asText())
                        .isIn("stop", "length");
                String job = body.path("decentral").path("job").asText();
                seen.add(network.workerOf(GatewayApi.read(network.api().awaitReceipt(job)))
                        .account());
            }
        }
        assertThat(seen)
                .containsExactlyInAnyOrder(
                        network.worker(0).account(), network.worker(1).account());
    }

    @Test
    @Order(3)
    void aWorkerThatDiesInTheMiddleIsPaidForWhatWasRelayedAndTheRestIsRefunded() throws Exception {
        long total = network.api().total();
        long[] marks = network.workers().stream()
                .mapToLong(one -> one.tap().fromWorker())
                .toArray();
        try (Streamed stream = network.api().stream(GatewayApi.chat(LONG_PROMPT, LONG))) {
            stream.readPieces(20);
            boolean zero = network.worker(0).tap().fromWorker() - marks[0]
                    > network.worker(1).tap().fromWorker() - marks[1];
            WorkerProcess dead = network.worker(zero ? 0 : 1);
            dead.process().kill();
            stream.readToEnd();
            assertThat(stream.error()).isPresent();
            assertThat(stream.error().orElseThrow().path("code").asText()).isEqualTo("unavailable");
            assertThat(stream.reasons()).isEmpty();
            assertThat(stream.ends()).isZero();

            Receipt receipt = GatewayApi.read(network.api().awaitReceipt(stream.job()));
            assertThat(receipt.settlement().state()).isEqualTo(Settlement.State.UNPROVED);
            network.api().awaitNothingLocked();
            long paid = total - network.api().total();
            assertThat(paid).isPositive().isEqualTo(receipt.summary().price());
            assertThat(paid)
                    .isLessThan(network.api().job(stream.job()).path("locked").asLong());
            Balance payout = network.api().balance(dead.account());
            assertThat(payout.free()).isGreaterThanOrEqualTo(paid * 7_500 / 10_000);
            network.replace(dead);
        }
    }

    @Test
    @Order(2)
    void aClientThatLeavesFreesItsSlot() throws Exception {
        List<Streamed> streams = new ArrayList<>();
        try {
            for (int i = 0; i < 2 * SLOTS; i++) {
                streams.add(network.api().stream(GatewayApi.chat(LONG_PROMPT, LONG)));
            }
            for (Streamed stream : streams) {
                stream.readPieces(2);
            }
            GatewayApi.Answer refused = network.api().complete(GatewayApi.chat("Say hello.", 4));
            assertThat(refused.status()).as("every slot is taken").isEqualTo(503);
            assertThat(refused.error()).isEqualTo("no_worker");
            for (Streamed stream : streams) {
                stream.close();
            }
            Within.seconds(30)
                    .until(
                            () -> network.api()
                                            .complete(GatewayApi.chat("Say hello.", 4))
                                            .status()
                                    == 200,
                            "a slot is free");
            for (Streamed stream : streams) {
                Receipt receipt = GatewayApi.read(network.api().awaitReceipt(stream.job()));
                assertThat(receipt.settlement().state()).isEqualTo(Settlement.State.SETTLED);
                assertThat(receipt.summary().tokens().output()).isPositive().isLessThan(LONG / 2);
            }
        } finally {
            for (Streamed stream : streams) {
                stream.close();
            }
        }
    }

    @Test
    @Order(4)
    void withoutAnyWorkerNothingIsLocked() throws Exception {
        network.api().awaitNothingLocked();
        Balance before = network.api().credits();
        network.worker(0).process().kill();
        network.worker(1).process().kill();
        for (WorkerProcess worker : network.workers()) {
            network.gateway()
                    .process()
                    .awaitLine(Pattern.compile("worker " + worker.account() + " is no longer linked"), SOON);
        }
        GatewayApi.Answer refused = network.api().complete(GatewayApi.chat("Say hello.", 4));
        assertThat(refused.status()).isEqualTo(503);
        assertThat(refused.error()).isEqualTo("no_worker");
        assertThat(refused.headers().firstValue("retry-after")).isPresent();
        assertThat(network.api().credits()).isEqualTo(before);
    }
}

package org.usedecentral.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.usedecentral.receipt.Receipt;
import org.usedecentral.receipt.Settlement;

/**
 * A worker that does not answer within the start timeout, of one second here, is replaced. A machine that others use may need longer for a
 * first token, so a network that was too slow is started anew, twice.
 */
@Timeout(600)
final class FrozenWorkerIT {
    private static final int TRIES = 3;
    private static final Duration SOON = Duration.ofMinutes(1);

    private static final GatewayProcess.Plan PLAN =
            GatewayProcess.Plan.of("gateway", Map.of("orchestrator.start-timeout", "PT1S"));

    @TempDir
    private Path directory;

    /** What befalls the worker that has the job and has not answered. */
    enum Fault {
        STOPPED,
        KILLED
    }

    @ParameterizedTest
    @EnumSource(Fault.class)
    void aWorkerThatStopsOrDiesBeforeItsFirstTokenIsReplacedAndTheEscrowIsKept(Fault fault) throws Exception {
        for (int number = 1; ; number++) {
            Path place = Files.createDirectory(directory.resolve("try-" + number));
            try (ThreeProcesses network = ThreeProcesses.start(place, PLAN, List.of(Map.of(), Map.of()))) {
                long total = network.api().total();
                long price = reroute(network, fault);
                // A second escrow would stay locked as long as a job may last.
                Within.seconds(60)
                        .until(() -> network.api().credits().locked() == 0, "the rest of the escrow is refunded");
                assertThat(network.api().total()).isEqualTo(total - price);
                return;
            } catch (AssertionError tooSlow) {
                if (number == TRIES) {
                    throw tooSlow;
                }
            }
        }
    }

    /** Both workers stop, one gets the job, the other goes on: returns the job's price. */
    private static long reroute(ThreeProcesses network, Fault fault) throws Exception {
        long lockedBefore = network.api().credits().locked();
        long[] marks = network.workers().stream()
                .mapToLong(one -> one.tap().toWorker())
                .toArray();
        network.worker(0).process().signal("STOP");
        network.worker(1).process().signal("STOP");
        try (ExecutorService one = Executors.newSingleThreadExecutor()) {
            Future<Streamed> answer = one.submit(() -> network.api().stream(GatewayApi.chat("Say hello.", 8)));
            Within.seconds(60)
                    .until(
                            () -> network.worker(0).gotJob(marks[0])
                                    || network.worker(1).gotJob(marks[1]),
                            "one worker gets the job");
            boolean zero = network.worker(0).gotJob(marks[0]);
            WorkerProcess first = network.worker(zero ? 0 : 1);
            WorkerProcess other = network.worker(zero ? 1 : 0);
            if (fault == Fault.KILLED) {
                first.process().kill();
            }
            other.process().signal("CONT");
            try (Streamed stream = answer.get()) {
                stream.readToEnd();
                assertThat(stream.error()).isEmpty();
                assertThat(stream.reasons()).hasSize(1);
                assertThat(stream.ends()).isEqualTo(1);
                // What an earlier job left may have been refunded meanwhile; more than this one job was not locked.
                long locked = network.api().job(stream.job()).path("locked").asLong();
                assertThat(network.api().credits().locked()).isLessThanOrEqualTo(lockedBefore + locked);
                network.gateway()
                        .process()
                        .awaitLine(
                                Pattern.compile("job " + stream.job() + " is rerouted from " + first.account()), SOON);
                Receipt receipt = GatewayApi.read(network.api().awaitReceipt(stream.job()));
                assertThat(network.workerOf(receipt)).isSameAs(other);
                assertThat(receipt.settlement().state()).isEqualTo(Settlement.State.SETTLED);
                assertThat(receipt.settlement().lock().toString()).isEqualTo(stream.lockTransaction());
                return receipt.summary().price();
            }
        }
    }
}

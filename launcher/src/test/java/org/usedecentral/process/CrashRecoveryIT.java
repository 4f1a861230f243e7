package org.usedecentral.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.usedecentral.receipt.Receipt;
import org.usedecentral.receipt.Settlement;
import org.usedecentral.receipt.Split;
import org.usedecentral.spi.ledger.Balance;

/** A gateway that is killed without a word and started again on the same data directory. */
@Timeout(600)
final class CrashRecoveryIT {
    private static final GatewayProcess.Plan PLAN = GatewayProcess.Plan.of("gateway", Map.of());

    @TempDir
    private static Path directory;

    private static ThreeProcesses network;

    @BeforeAll
    static void start() throws Exception {
        network = ThreeProcesses.start(directory, PLAN, List.of(Map.of("backends.0.slots", "1")));
    }

    @AfterAll
    static void stop() {
        network.close();
    }

    /** By the worker, held shares included. */
    private static long earned() throws Exception {
        Balance balance = network.api().balance(network.worker(0).account());
        return balance.free() + balance.held();
    }

    @Test
    void aJobWhoseClientHasItAllIsSettledOnceWhateverMomentTheGatewayDies() throws Exception {
        for (int round = 0; round < 3; round++) {
            long total = network.api().total();
            long earned = earned();
            String job;
            String text;
            String lock;
            try (Streamed stream = network.api().stream(GatewayApi.chat("Say hello.", 6))) {
                stream.readToReason();
                network.gateway().process().kill();
                job = stream.job();
                text = stream.text();
                lock = stream.lockTransaction();
            }
            network.restartGateway(PLAN);
            byte[] json = network.api().awaitReceipt(job);
            Receipt receipt = GatewayApi.read(json);
            assertThat(receipt.settlement().state()).isEqualTo(Settlement.State.SETTLED);
            assertThat(receipt.settlement().lock()).hasToString(lock);
            assertThat(verify(json, text)).isZero();
            assertThat(network.api().total())
                    .isEqualTo(total - receipt.summary().price());
            Split split = receipt.summary().split().orElseThrow();
            assertThat(earned()).isEqualTo(earned + split.worker());
            if (round == 0) {
                assertThat(verify(json, text + "!")).as("of another text").isNotZero();
            }
        }
        long total = network.api().total();
        network.api().awaitNothingLocked();
        assertThat(network.api().total()).isEqualTo(total);
    }

    /** As a person would check it, who has the receipt and the text: the exit code. */
    private static int verify(byte[] receipt, String text) throws Exception {
        Path receiptFile = Files.write(directory.resolve("receipt.json"), receipt);
        Path outputFile = Files.writeString(directory.resolve("answer.txt"), text);
        List<String> words = List.of("verify", receiptFile.toString(), "--output", outputFile.toString());
        try (Launched verify = Built.decentral("verify", words, Map.of())) {
            return verify.awaitExit(Duration.ofMinutes(2));
        }
    }

    @Test
    void aJobThatIsCutOffIsPaidAsFarAsItsVouchersGo() throws Exception {
        long total = network.api().total();
        long earned = earned();
        String job;
        long locked;
        try (Streamed stream =
                network.api().stream(GatewayApi.chat("Write the numbers from 1 to 500, separated by commas.", 1_500))) {
            // More than one voucher's tokens.
            stream.readPieces(150);
            job = stream.job();
            locked = network.api().job(job).path("locked").asLong();
            network.gateway().process().kill();
        }
        network.restartGateway(PLAN);
        network.api().awaitNothingLocked();
        long paid = total - network.api().total();
        assertThat(paid).isPositive().isLessThan(locked / 2);
        assertThat(earned() - earned).isEqualTo(paid * 7_500 / 10_000);
        assertThat(network.api().job(job).path("remaining").asLong()).isZero();
        // The gateway works on.
        GatewayApi.Answer next = network.api().complete(GatewayApi.chat("Say hello.", 4));
        network.api().awaitReceipt(next.ok().path("decentral").path("job").asText());
    }
}

package org.usedecentral.process;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.usedecentral.spi.Account;

/** A started {@code worker} whose every byte to and from its gateway goes through a tap. */
record WorkerProcess(Launched process, WireTap tap, Account account, Path directory) implements AutoCloseable {
    private static final Duration START_LIMIT = Duration.ofMinutes(3);
    private static final Pattern ACCOUNT = Pattern.compile("^worker +([1-9A-HJ-NP-Za-km-z]{32,44})$");
    private static final Pattern LINKED = Pattern.compile("linked to orchestrator");

    /** Starts it and waits until it is linked. */
    static WorkerProcess start(String name, GatewayProcess gateway, Path directory, Map<String, String> configuration)
            throws IOException, InterruptedException {
        WireTap tap = WireTap.before(gateway.api().port());
        List<String> words = List.of("worker", "--gateway", "http://127.0.0.1:" + tap.port(), "--verbose");
        List<String> arguments = new GatewayProcess.Plan(words, configuration, Map.of()).arguments(directory);
        Launched process = Built.decentral(name, arguments, Map.of());
        try {
            String account = process.awaitLine(ACCOUNT, START_LIMIT).group(1);
            process.awaitLine(LINKED, START_LIMIT);
            return new WorkerProcess(process, tap, Account.parse(account), directory);
        } catch (InterruptedException | RuntimeException | Error e) {
            process.close();
            tap.close();
            throw e;
        }
    }

    /** Waits until it is linked again to a gateway that was started anew. */
    void relinked(int mark) throws InterruptedException {
        process.awaitLine(mark, LINKED, START_LIMIT);
    }

    /** Whether a job has gone to it: one frame of a job is longer than all that else goes to a worker in a while. */
    boolean gotJob(long toWorkerBefore) {
        return tap.toWorker() - toWorkerBefore > 1_500;
    }

    @Override
    public void close() {
        process.close();
        tap.close();
    }
}

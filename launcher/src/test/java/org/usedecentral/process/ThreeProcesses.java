package org.usedecentral.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.usedecentral.receipt.Receipt;
import org.usedecentral.spi.Account;

/** A gateway and two workers, each a process with a data directory of its own. One thread. */
final class ThreeProcesses implements AutoCloseable {
    private static final Map<String, String> SMALL =
            Map.of("backends.0.type", "llama-cpp", "backends.0.threads", "1", "backends.0.context", "2048");

    private final Path directory;
    private final List<Map<String, String>> workerConfigurations;
    private final List<WorkerProcess> workers = new ArrayList<>();
    private GatewayProcess gateway;
    private int started;

    private ThreeProcesses(Path directory, List<Map<String, String>> workers, GatewayProcess gateway) {
        this.directory = directory;
        this.workerConfigurations = workers;
        this.gateway = gateway;
    }

    /**
     * Starts them and waits until the workers are linked.
     *
     * @param workers what is special about each
     */
    static ThreeProcesses start(Path directory, GatewayProcess.Plan plan, List<Map<String, String>> workers)
            throws IOException, InterruptedException {
        GatewayProcess gateway = GatewayProcess.start(plan, directory.resolve("gateway"));
        ThreeProcesses network = new ThreeProcesses(directory, workers, gateway);
        try {
            for (int i = 0; i < workers.size(); i++) {
                network.workers.add(network.startWorker(i));
            }
            return network;
        } catch (IOException | InterruptedException | RuntimeException | Error e) {
            network.close();
            throw e;
        }
    }

    private WorkerProcess startWorker(int index) throws IOException, InterruptedException {
        Map<String, String> configuration = new HashMap<>(SMALL);
        configuration.putAll(workerConfigurations.get(index));
        String name = "worker-" + started++;
        return WorkerProcess.start(name, gateway, directory.resolve(name), configuration);
    }

    GatewayProcess gateway() {
        return gateway;
    }

    GatewayApi api() {
        return gateway.api();
    }

    WorkerProcess worker(int index) {
        return workers.get(index);
    }

    List<WorkerProcess> workers() {
        return List.copyOf(workers);
    }

    /** Which of the workers signed the statement of a job. */
    WorkerProcess workerOf(Receipt receipt) {
        Account account = receipt.evidence().statements().getLast().statement().worker();
        return workers.stream()
                .filter(worker -> worker.account().equals(account))
                .findFirst()
                .orElseThrow(() -> new AssertionError("a worker " + account + " that this test did not start"));
    }

    /** Another worker with another account in place of one that is dead, or out of favour with the gateway. */
    void replace(WorkerProcess worker) throws IOException, InterruptedException {
        int index = workers.indexOf(worker);
        worker.close();
        workers.set(index, startWorker(index));
    }

    /** Ends the gateway if it runs, without a word, and starts it anew on its data directory; returns when the workers are linked to it. */
    void restartGateway(GatewayProcess.Plan plan) throws IOException, InterruptedException {
        List<Integer> marks =
                workers.stream().map(worker -> worker.process().mark()).toList();
        gateway.close();
        gateway = GatewayProcess.start(plan, directory.resolve("gateway"));
        for (int i = 0; i < workers.size(); i++) {
            workers.get(i).tap().target(gateway.api().port());
            workers.get(i).relinked(marks.get(i));
        }
    }

    /** Everything that any process of it has said so far, by process. */
    Map<String, String> output() {
        Map<String, String> output = new HashMap<>();
        output.put("gateway", said(gateway.process()));
        workers.forEach(worker -> output.put("worker " + worker.account(), said(worker.process())));
        return output;
    }

    private static String said(Launched process) {
        return process.standardOutput() + process.standardError();
    }

    /** Every file that they have written. */
    List<Path> files() throws IOException {
        try (var files = Files.walk(directory)) {
            return files.filter(Files::isRegularFile).toList();
        }
    }

    @Override
    public void close() {
        workers.forEach(WorkerProcess::close);
        gateway.close();
    }
}

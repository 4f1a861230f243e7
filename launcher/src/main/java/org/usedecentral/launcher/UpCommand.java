package org.usedecentral.launcher;

import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The whole network on one machine, to stay. */
@Command(
        name = "up",
        header = "Runs a node with a gateway and a worker.",
        description =
                "Ledger, gateway, orchestrator and worker in one process. Prints the base URL for OpenAI clients and an"
                        + " API key with development credit, which stays the same (file dev-key in the data directory).")
final class UpCommand implements Callable<Integer>, RunsNode {
    /** A long prompt takes a slow machine a while, and mostly there is no other worker. */
    private static final Map<String, String> PATIENT = Map.of("orchestrator.start-timeout", "PT30S");

    private final Session session;

    @Mixin
    final GatewayOptions gateway = new GatewayOptions();

    @Mixin
    final NodeOptions node = new NodeOptions();

    @Option(names = "--json", order = 30, description = "Prints one JSON object when it is up.")
    private boolean json;

    @Mixin
    final CommonOptions common = new CommonOptions();

    UpCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        var surroundings = session.surroundings();
        var config = node.config(
                surroundings, gateway.keys(Map.of("orchestrator.enabled", "true")), PATIENT, WorkerPlan.ofProcess());
        new GatewayRun(session, config, node.directory(surroundings), json).run();
        return 0;
    }
}

package org.usedecentral.launcher;

import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** A gateway whose workers are elsewhere. */
@Command(
        name = "gateway",
        header = "Runs a gateway; workers link to it from elsewhere.",
        description = "As 'up', without a worker of its own: others link with 'decentral worker --gateway'.")
final class GatewayCommand implements Callable<Integer>, RunsNode {
    private final Session session;

    @Mixin
    final GatewayOptions gateway = new GatewayOptions();

    @Mixin
    final NodeOptions node = new NodeOptions();

    @Option(names = "--json", order = 30, description = "Prints one JSON object when it is up.")
    private boolean json;

    @Mixin
    final CommonOptions common = new CommonOptions();

    GatewayCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        var surroundings = session.surroundings();
        var role = Map.of("orchestrator.enabled", "true", "worker.enabled", "false");
        var config = node.config(surroundings, gateway.keys(role), Map.of());
        new GatewayRun(session, config, node.directory(surroundings), json).run();
        return 0;
    }
}

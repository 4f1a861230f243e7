package org.usedecentral.launcher;

import io.helidon.config.Config;
import java.io.PrintStream;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.usedecentral.node.Node;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.worker.WorkerService;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** A worker of a gateway elsewhere. */
@Command(
        name = "worker",
        header = "Runs a worker that earns at a gateway.",
        description =
                "Dials the gateway, keeps the link, runs the jobs it assigns. Waits for a gateway that is not there yet."
                        + " Its data directory is ~/.decentral-worker unless another one is named.")
final class WorkerCommand implements Callable<Integer>, RunsNode {
    private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);
    private static final Duration LINK_POLL = Duration.ofSeconds(1);

    private final Session session;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--gateway",
            paramLabel = "URL",
            order = 1,
            description = "The gateway, such as http://127.0.0.1:8080 or https://gateway.example.")
    private @Nullable URI gateway;

    @Option(
            names = "--orchestrator-account",
            paramLabel = "ACCOUNT",
            order = 2,
            description = "The account that must answer there. Default: whichever does.")
    private @Nullable Account orchestrator;

    @Mixin
    final NodeOptions node = new NodeOptions(".decentral-worker");

    @Mixin
    final CommonOptions common = new CommonOptions();

    WorkerCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws InterruptedException {
        if (gateway == null) {
            // Not required for picocli, which would ask for it before 'worker status' too.
            throw new CommandLine.ParameterException(spec.commandLine(), "Missing required option: '--gateway=URL'");
        }
        URI address = GatewayAddress.root(gateway);
        Map<String, String> role = new HashMap<>(Map.of(
                "orchestrator.enabled", "false",
                "worker.enabled", "true",
                "ledger.type", "gateway",
                "ledger.url", address.toString(),
                "worker.orchestrators.0.url", GatewayAddress.link(address).toString()));
        if (orchestrator != null) {
            role.put("worker.orchestrators.0.account", orchestrator.toString());
        }
        Config config = node.config(session.surroundings(), role, Map.of(), WorkerPlan.ofProcess());
        PrintStream err = session.terminal().err();
        session.shutdown().engage();
        ProgressLine progress = new ProgressLine(session.terminal());
        try (DataDirectory directory = DataDirectory.open(node.directory(session.surroundings()))) {
            if (!awaitGateway(address)) {
                err.println("stopped");
                return 0;
            }
            try (Node started = Node.builder()
                            .config(config)
                            .dataDirectory(directory.path())
                            .progress(progress)
                            .build()
                            .start();
                    StatusSocket _ = StatusJson.socket(started)) {
                progress.end();
                Draining.allow(started, session);
                session.shutdown().check();
                watch(started, address);
                Draining.of(started, session);
            }
        }
        err.println("stopped");
        return 0;
    }

    /** False if the process is to end before the gateway is there. */
    private boolean awaitGateway(URI address) throws InterruptedException {
        Duration pause = FIRST_PAUSE;
        try (GatewayClient client = new GatewayClient(address, "none")) {
            while (!client.isReachable()) {
                session.terminal()
                        .err()
                        .println("no gateway at " + address + " yet; tried again in " + pause.toMillis() / 1000.0
                                + " s");
                if (session.shutdown().await(pause)) {
                    return false;
                }
                pause = pause.multipliedBy(2);
                pause = pause.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause;
            }
        }
        return true;
    }

    /** Says when the link comes and goes, until the process is to end. */
    private void watch(Node started, URI address) {
        PrintStream out = session.terminal().out();
        WorkerService worker = started.worker()
                .orElseThrow(() -> new DecentralException(
                        ErrorCode.INVALID_REQUEST,
                        "a worker needs a backend: the configuration's list backends is empty"));
        out.println(ReceiptText.line("worker", worker.account().toString()));
        out.println(ReceiptText.line("ledger", started.ledger().id().toString()));
        out.println(ReceiptText.line("gateway", address.toString()));
        out.println("Stop it with Ctrl-C.");
        boolean linked = false;
        do {
            boolean now = worker.links() > 0;
            if (now != linked) {
                out.println(now ? "linked: jobs may come" : "link lost: dialling again");
                linked = now;
            }
        } while (!session.shutdown().await(LINK_POLL));
    }
}

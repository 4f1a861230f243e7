package org.usedecentral.launcher;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.helidon.config.Config;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.usedecentral.hardware.Machine;
import org.usedecentral.hardware.MachineSource;
import org.usedecentral.models.ArtifactStore;
import org.usedecentral.models.Catalogue;
import org.usedecentral.models.Platform;
import org.usedecentral.models.SharedCache;
import org.usedecentral.node.Node;
import org.usedecentral.node.NodeConfig;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.time.SystemTimers;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Looks at everything a node needs. */
@Command(
        name = "doctor",
        header = "Checks this machine and the configuration.",
        description = "Says of each thing whether it is right and what to do if not. It fetches and changes nothing."
                + " Exit code 1 if something would keep a node from starting.")
final class DoctorCommand implements Callable<Integer> {
    private static final String ENGINE = "llama.cpp";

    private final Session session;

    @Option(names = "--json", description = "Prints one JSON array.")
    private boolean json;

    @Mixin
    final NodeOptions node = new NodeOptions();

    @Mixin
    final CommonOptions common = new CommonOptions();

    DoctorCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws InterruptedException {
        List<Check> checks = new ArrayList<>();
        checks.add(MachineChecks.java());
        checks.add(MachineChecks.cpu());
        checks.add(MachineChecks.memory());
        Machine machine = MachineSource.ofProcess().look();
        checks.addAll(MachineChecks.gpus(machine));
        try {
            addNode(checks, machine);
        } catch (DecentralException e) {
            checks.add(Check.fail("configuration", e.message(), "correct the configuration"));
        }
        print(checks);
        return checks.stream().anyMatch(check -> check.level() == Check.Level.FAIL) ? Commands.FAILED : 0;
    }

    private void addNode(List<Check> checks, Machine machine) throws InterruptedException {
        Config config = node.config(session.surroundings(), Map.of(), Map.of());
        NodeConfig read = Node.create(config).configuration();
        checks.add(Check.ok("configuration", "can be read"));
        Path directory = node.directory(session.surroundings()).toAbsolutePath();
        checks.add(NodeChecks.directory(directory));
        checks.add(MachineChecks.disk("disk", directory));
        Optional<Path> cache = SharedCache.locate();
        cache.ifPresent(folder -> checks.add(MachineChecks.disk("cache", folder)));
        ArtifactStore store = ArtifactStore.open(config.get("catalogue"), directory, cache, (what, done, total) -> {});
        Catalogue catalogue = store.catalogue();
        boolean noEngine =
                catalogue.find(ENGINE).isPresent() && store.locate(ENGINE).isEmpty();
        boolean noModel = read.worker().models().stream()
                .anyMatch(
                        id -> catalogue.find(id).isPresent() && store.locate(id).isEmpty());
        checks.add(MachineChecks.program(
                "npm", List.of("npm", "--version"), noEngine, "install Node.js with npm: engines are fetched with it"));
        checks.add(MachineChecks.program(
                "pip",
                List.of("python3", "-m", "pip", "--version"),
                noModel,
                "install Python 3 with pip: models are fetched with it"));
        if (read.worker().enabled()) {
            checks.add(plan(config, machine));
            checks.addAll(NodeChecks.backends(config.get("backends"), directory, store));
            read.worker().models().forEach(id -> checks.add(NodeChecks.model(id, store)));
            checks.add(NodeChecks.crashes(directory, SystemTimers.CLOCK.instant()));
        }
        checks.add(NodeChecks.port(read, directory));
    }

    /** What a worker that is told of no model would run here; a named one makes a machine too small a warning only. */
    private Check plan(Config config, Machine machine) {
        try {
            return Check.ok(
                    "by memory",
                    new WorkerPlan(() -> machine, Platform.current())
                            .choice(config, machine)
                            .why());
        } catch (DecentralException e) {
            return Check.warn("by memory", e.message(), "name a model that fits in worker.models");
        }
    }

    private void print(List<Check> checks) {
        var out = session.terminal().out();
        if (json) {
            var array = JsonNodeFactory.instance.arrayNode();
            for (Check check : checks) {
                array.addObject()
                        .put("name", check.name())
                        .put("level", check.level().name().toLowerCase(Locale.ROOT))
                        .put("detail", check.detail())
                        .put("remedy", check.remedy());
            }
            out.println(array);
            return;
        }
        for (Check check : checks) {
            String level = check.level().name().toLowerCase(Locale.ROOT);
            out.println(String.format(Locale.ROOT, "%-5s %-14s %s", level, check.name(), check.detail()));
            if (!check.remedy().isEmpty()) {
                out.println("      " + " ".repeat(14) + " -> " + check.remedy());
            }
        }
    }
}

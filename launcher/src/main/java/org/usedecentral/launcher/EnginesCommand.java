package org.usedecentral.launcher;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.usedecentral.models.ArtifactStore;
import org.usedecentral.models.CatalogueEntry;
import org.usedecentral.models.CatalogueEntry.Kind;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Native engines for this platform. */
@Command(
        name = "engines",
        header = "Lists, fetches, checks and removes native engines.",
        description = "Engines that are plain Java libraries come with Decentral and need no fetch.")
final class EnginesCommand {
    @Mixin
    final CommonOptions common = new CommonOptions();

    /** Shows those of this platform. */
    @Command(name = "list", header = "Lists the engines for this platform, and where those lie that were fetched.")
    static final class ListEngines implements Callable<Integer> {
        private final Session session;

        @Option(names = "--json", description = "Prints one JSON array.")
        private boolean json;

        @Mixin
        final StoreOptions options = new StoreOptions();

        @Mixin
        final CommonOptions common = new CommonOptions();

        ListEngines(Session session) {
            this.session = session;
        }

        @Override
        public Integer call() {
            ArtifactStore store = options.open(session, (_, _, _) -> {});
            List<CatalogueEntry> engines = store.catalogue().entries().stream()
                    .filter(entry -> entry.kind() == Kind.ENGINE)
                    .toList();
            PrintStream out = session.terminal().out();
            if (json) {
                var array = JsonNodeFactory.instance.arrayNode();
                engines.forEach(entry -> array.add(ArtifactJson.of(entry, store)));
                out.println(array);
                return 0;
            }
            for (CatalogueEntry entry : engines) {
                out.println(String.format(
                        Locale.ROOT,
                        "%-18s %-12s %-8s %-10s %10s  %-10s %s",
                        entry.id(),
                        entry.platform().map(Object::toString).orElse("-"),
                        Sizes.orDash(entry.device()),
                        Sizes.orDash(entry.version()),
                        Sizes.bytes(entry.sizeBytes()),
                        Sizes.orDash(entry.license()),
                        store.locate(entry.id()).map(Object::toString).orElse("not fetched")));
            }
            if (engines.isEmpty()) {
                session.terminal()
                        .err()
                        .println("the catalogue has no engine for "
                                + store.catalogue().platform()
                                + "; build one and name its folder in the configuration (backends: library)");
            }
            return 0;
        }
    }
}

package org.usedecentral.launcher;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.PrintStream;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.usedecentral.models.ArtifactStore;
import org.usedecentral.models.CatalogueEntry;
import org.usedecentral.models.CatalogueEntry.Kind;
import org.usedecentral.models.StoreContents;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Models of the catalogue, and those on this machine. */
@Command(
        name = "models",
        header = "Finds, fetches, checks and removes models.",
        description = "The catalogue is what ships, what was imported, and the configuration's list 'catalogue'.")
final class ModelsCommand {
    @Mixin
    final CommonOptions common = new CommonOptions();

    /** Looks through the catalogue. */
    @Command(
            name = "search",
            header = "Looks through the catalogue.",
            description =
                    "Memory is for the weights and one sequence of 4096 tokens. Prices are a suggestion to workers,"
                            + " in credits for a million input and output tokens.")
    static final class Search implements Callable<Integer> {
        private final Session session;

        @Parameters(
                paramLabel = "TEXT",
                arity = "0..1",
                description = "Words of the id, family, description, use or licence. Default: everything.")
        private String text = "";

        @Option(names = "--json", description = "Prints one JSON array.")
        private boolean json;

        @Mixin
        final StoreOptions options = new StoreOptions();

        @Mixin
        final CommonOptions common = new CommonOptions();

        Search(Session session) {
            this.session = session;
        }

        @Override
        public Integer call() {
            ArtifactStore store = options.open(session, (_, _, _) -> {});
            List<CatalogueEntry> found = store.catalogue().entries().stream()
                    .filter(entry -> entry.kind() == Kind.MODEL && matches(entry))
                    .toList();
            PrintStream out = session.terminal().out();
            if (json) {
                var array = JsonNodeFactory.instance.arrayNode();
                found.forEach(entry -> array.add(ArtifactJson.of(entry, store)));
                out.println(array);
                return 0;
            }
            if (found.isEmpty()) {
                session.terminal().err().println("the catalogue has no model like '" + text + "'");
                return 0;
            }
            out.println(line("id", "use", "format", "quant", "size", "memory", "context", "price", "licence", "here"));
            for (CatalogueEntry entry : found) {
                out.println(line(
                        entry.id(),
                        ArtifactJson.name(entry.use()),
                        ArtifactJson.name(entry.format()),
                        Sizes.orDash(entry.quantisation()),
                        Sizes.bytes(entry.sizeBytes()),
                        Sizes.bytes(entry.memoryBytes()),
                        Sizes.tokens(entry.contextTokens()),
                        entry.suggestedPrice().map(Sizes::price).orElse("-"),
                        Sizes.orDash(entry.license()),
                        store.locate(entry.id()).isPresent() ? "yes" : "no"));
                if (!entry.description().isEmpty()) {
                    out.println("  " + entry.description());
                }
            }
            return 0;
        }

        private static String line(Object... columns) {
            return String.format(Locale.ROOT, "%-26s %-9s %-5s %-6s %10s %10s %7s %-11s %-11s %s", columns)
                    .stripTrailing();
        }

        private boolean matches(CatalogueEntry entry) {
            String all = String.join(
                            " ",
                            entry.id(),
                            entry.family(),
                            entry.description(),
                            entry.license(),
                            entry.quantisation(),
                            entry.use().name(),
                            entry.format().name())
                    .toLowerCase(Locale.ROOT);
            for (String word : text.toLowerCase(Locale.ROOT).split("\\s+", -1)) {
                if (!all.contains(word)) {
                    return false;
                }
            }
            return true;
        }
    }

    /** Shows what is here. */
    @Command(
            name = "list",
            header = "Lists what is on this machine, with its size, digest and last use.",
            description =
                    "Also downloads that were broken off and files that no entry of the catalogue names any more.")
    static final class ListModels implements Callable<Integer> {
        private static final int DIGEST = 12;

        private final Session session;

        @Option(names = "--json", description = "Prints one JSON array.")
        private boolean json;

        @Mixin
        final StoreOptions options = new StoreOptions();

        @Mixin
        final CommonOptions common = new CommonOptions();

        ListModels(Session session) {
            this.session = session;
        }

        @Override
        public Integer call() {
            ArtifactStore store = options.open(session, (_, _, _) -> {});
            List<StoreContents.Stored> all = store.contents().list().stream()
                    .filter(stored -> stored.kind() == Kind.MODEL)
                    .toList();
            PrintStream out = session.terminal().out();
            if (json) {
                var array = JsonNodeFactory.instance.arrayNode();
                all.forEach(stored -> array.add(ArtifactJson.stored(stored, store)));
                out.println(array);
                return 0;
            }
            for (StoreContents.Stored stored : all) {
                out.println(String.format(
                        Locale.ROOT,
                        "%-26s %-10s %10s  %-12s  %-20s  %s",
                        stored.id(),
                        ArtifactJson.name(stored.state()),
                        Sizes.bytes(stored.amount().bytes()),
                        ArtifactJson.digest(stored, store)
                                .map(hex -> hex.substring(0, DIGEST))
                                .orElse("-"),
                        stored.amount().lastUsed().truncatedTo(ChronoUnit.SECONDS),
                        stored.where().path()));
            }
            if (all.isEmpty()) {
                session.terminal().err().println("there are no models here; 'decentral models pull ID' fetches one");
            }
            return 0;
        }
    }
}

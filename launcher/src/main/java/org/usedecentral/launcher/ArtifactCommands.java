package org.usedecentral.launcher;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.usedecentral.models.ArtifactStore;
import org.usedecentral.models.CatalogueEntry;
import org.usedecentral.models.CatalogueEntry.Kind;
import org.usedecentral.models.StoreContents;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What can be done with models and engines alike. */
final class ArtifactCommands {
    private ArtifactCommands() {}

    /** An entry of that kind; {@code NOT_FOUND} for another's id. */
    private static CatalogueEntry require(ArtifactStore store, Kind kind, String id) {
        CatalogueEntry entry = store.catalogue().require(id);
        if (entry.kind() != kind) {
            throw new DecentralException(
                    ErrorCode.NOT_FOUND,
                    id + " is "
                            + (kind == Kind.MODEL
                                    ? "an engine: see 'decentral engines'"
                                    : "a model: see 'decentral models'"));
        }
        return entry;
    }

    /** Fetches. */
    @Command(
            name = "pull",
            header = "Fetches one, or finishes a download; says where it lies.",
            description =
                    "The SHA-256 is checked before the file gets its name. Without room on the disk nothing is asked for.")
    static final class Pull implements Callable<Integer> {
        private final Session session;
        private final Kind kind;

        @Parameters(paramLabel = "ID", description = "The catalogue's id.")
        private String id = "";

        @Option(names = "--json", description = "Prints one JSON object.")
        private boolean json;

        @Mixin
        final StoreOptions options = new StoreOptions();

        @Mixin
        final CommonOptions common = new CommonOptions();

        Pull(Session session, Kind kind) {
            this.session = session;
            this.kind = kind;
        }

        @Override
        public Integer call() throws InterruptedException {
            ProgressLine progress = new ProgressLine(session.terminal());
            ArtifactStore store = options.open(session, progress);
            CatalogueEntry entry = require(store, kind, id);
            Path path;
            try {
                path = store.fetch(id);
            } finally {
                progress.end();
            }
            PrintStream out = session.terminal().out();
            out.println(json ? ArtifactJson.of(entry, store) : path);
            return 0;
        }
    }

    /** Removes. */
    @Command(
            name = "rm",
            header = "Removes one from the data directory, and with --cache from everywhere.",
            description = "Refused while a node runs that may have it open.")
    static final class Remove implements Callable<Integer> {
        private final Session session;
        private final Kind kind;

        @Parameters(paramLabel = "ID", description = "The id, or the file's name, as the list shows it.")
        private String id = "";

        @Option(
                names = "--cache",
                description = "Also from the cache that all nodes of this user share, where downloads go.")
        private boolean cache;

        @Mixin
        final StoreOptions options = new StoreOptions();

        @Mixin
        final CommonOptions common = new CommonOptions();

        Remove(Session session, Kind kind) {
            this.session = session;
            this.kind = kind;
        }

        @Override
        public Integer call() {
            StoreContents contents = options.open(session, (_, _, _) -> {}).contents();
            options.requireIdle(session);
            for (Path path : contents.remove(id, kind, cache)) {
                session.terminal().out().println("removed " + path);
            }
            return 0;
        }
    }

    /** Reads again. */
    @Command(
            name = "verify",
            header = "Reads files in full and compares their SHA-256 with the catalogue's.",
            description =
                    "Exit code 1 if a file is damaged; with --repair it is fetched again, and 1 only if that fails.")
    static final class Verify implements Callable<Integer> {
        private final Session session;
        private final Kind kind;

        @Parameters(paramLabel = "ID", arity = "0..*", description = "Which ones. Default: all that are here.")
        private List<String> ids = new ArrayList<>();

        @Option(names = "--repair", description = "Removes what is damaged and fetches it again.")
        private boolean repair;

        @Option(names = "--json", description = "Prints one JSON array.")
        private boolean json;

        @Mixin
        final StoreOptions options = new StoreOptions();

        @Mixin
        final CommonOptions common = new CommonOptions();

        Verify(Session session, Kind kind) {
            this.session = session;
            this.kind = kind;
        }

        @Override
        public Integer call() throws InterruptedException {
            ProgressLine progress = new ProgressLine(session.terminal());
            ArtifactStore store = options.open(session, progress);
            var array = JsonNodeFactory.instance.arrayNode();
            boolean wrong = false;
            for (String id : ids.isEmpty() ? ready(store.contents()) : ids) {
                CatalogueEntry entry = require(store, kind, id);
                List<String> damage = store.contents().damage(entry.id());
                boolean repaired = !damage.isEmpty() && repair;
                if (repaired) {
                    options.requireIdle(session);
                    store.contents().removeDamaged(id);
                    Path _ = store.fetch(id);
                    progress.end();
                }
                wrong |= !damage.isEmpty() && !repaired;
                var of = array.addObject()
                        .put("id", id)
                        .put("good", damage.isEmpty())
                        .put("repaired", repaired);
                damage.forEach(of.putArray("damage")::add);
                if (!json) {
                    print(id, damage, repaired);
                }
            }
            if (json) {
                session.terminal().out().println(array);
            }
            return wrong ? Commands.FAILED : 0;
        }

        private List<String> ready(StoreContents contents) {
            return contents.list().stream()
                    .filter(stored -> stored.kind() == kind && stored.state() == StoreContents.State.READY)
                    .map(StoreContents.Stored::id)
                    .distinct()
                    .toList();
        }

        private void print(String id, List<String> damage, boolean repaired) {
            PrintStream out = session.terminal().out();
            out.println((damage.isEmpty() ? "good     " : repaired ? "repaired " : "damaged  ") + id);
            damage.forEach(line -> out.println("         " + line));
            if (!damage.isEmpty() && !repaired) {
                out.println("         -> --repair fetches it again");
            }
        }
    }
}

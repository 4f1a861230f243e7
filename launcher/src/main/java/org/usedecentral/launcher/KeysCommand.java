package org.usedecentral.launcher;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.usedecentral.crypto.KeyFile;
import org.usedecentral.gateway.ApiKey;
import org.usedecentral.gateway.ApiKeys;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.time.SystemTimers;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** API keys of a data directory; a running gateway sees changes at once. */
@Command(
        name = "keys",
        header = "Creates, lists and revokes API keys of a gateway.",
        description = "Works on the data directory, also while the gateway runs: changes take effect at once.")
final class KeysCommand {
    @Mixin
    final CommonOptions common = new CommonOptions();

    private static ApiKeys keys(Path directory) {
        if (!Files.isDirectory(directory)) {
            throw new DecentralException(
                    ErrorCode.NOT_FOUND,
                    "there is no data directory " + directory
                            + ": 'decentral up' makes it, or name another one with --data-dir");
        }
        return ApiKeys.in(directory, SystemTimers.CLOCK, new SecureRandom());
    }

    private static ObjectNode json(ApiKey key) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("id", key.id())
                .put("name", key.name())
                .put("payer", key.payer().toString())
                .put("created", key.created().toString());
    }

    /** Makes one. */
    @Command(
            name = "create",
            header = "Creates a key and prints it; it is shown this once.",
            description = "Jobs of the key are paid by the payer, who must have approved this node.")
    static final class Create implements Callable<Integer> {
        private final Session session;

        @Parameters(paramLabel = "NAME", description = "What you call it.")
        private String name = "";

        @Option(names = "--payer", paramLabel = "ACCOUNT", description = "Who pays. Default: the development payer.")
        private @Nullable Account payer;

        @Option(names = "--json", description = "Prints one JSON object.")
        private boolean json;

        @Mixin
        final NodeOptions node = new NodeOptions();

        @Mixin
        final CommonOptions common = new CommonOptions();

        Create(Session session) {
            this.session = session;
        }

        @Override
        public Integer call() {
            Path directory = node.directory(session.surroundings());
            ApiKeys keys = keys(directory);
            ApiKeys.Created created = keys.create(name, payer != null ? payer : developmentPayer(directory));
            PrintStream out = session.terminal().out();
            out.println(json ? json(created.key()).put("key", created.secret()).toString() : created.secret());
            if (!json) {
                session.terminal()
                        .err()
                        .println(created.key().id() + ", paid by "
                                + created.key().payer() + "; it is not shown again");
            }
            return 0;
        }
    }

    /** The account whose key the first start of 'up' made. */
    static Account developmentPayer(Path directory) {
        Path file = directory.resolve("payer.json");
        if (!Files.exists(file)) {
            throw new DecentralException(
                    ErrorCode.NOT_FOUND,
                    "there is no development payer in " + directory
                            + ": start 'decentral up' once, or name an account");
        }
        return KeyFile.load(file).account();
    }

    /** Shows them. */
    @Command(name = "list", header = "Lists the keys, without their secrets.")
    static final class ListKeys implements Callable<Integer> {
        private final Session session;

        @Option(names = "--json", description = "Prints one JSON array.")
        private boolean json;

        @Mixin
        final NodeOptions node = new NodeOptions();

        @Mixin
        final CommonOptions common = new CommonOptions();

        ListKeys(Session session) {
            this.session = session;
        }

        @Override
        public Integer call() {
            List<ApiKey> all = keys(node.directory(session.surroundings())).list();
            PrintStream out = session.terminal().out();
            if (json) {
                var array = JsonNodeFactory.instance.arrayNode();
                all.forEach(key -> array.add(json(key)));
                out.println(array);
                return 0;
            }
            for (ApiKey key : all) {
                out.println(String.format(
                        Locale.ROOT, "%-18s %-24s %s  %s", key.id(), key.name(), key.created(), key.payer()));
            }
            if (all.isEmpty()) {
                session.terminal().err().println("there are no keys; 'decentral keys create NAME' makes one");
            }
            return 0;
        }
    }

    /** Ends one. */
    @Command(name = "revoke", header = "Ends a key at once.")
    static final class Revoke implements Callable<Integer> {
        private final Session session;

        @Parameters(paramLabel = "ID", description = "The key's id, as 'decentral keys list' shows it.")
        private String id = "";

        @Mixin
        final NodeOptions node = new NodeOptions();

        @Mixin
        final CommonOptions common = new CommonOptions();

        Revoke(Session session) {
            this.session = session;
        }

        @Override
        public Integer call() {
            keys(node.directory(session.surroundings())).revoke(id);
            session.terminal().out().println("revoked " + id);
            return 0;
        }
    }
}

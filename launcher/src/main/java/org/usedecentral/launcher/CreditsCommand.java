package org.usedecentral.launcher;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.usedecentral.crypto.KeyFile;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ledger.Balance;
import org.usedecentral.spi.ledger.CreditAccounts;
import org.usedecentral.spi.ledger.SettlementLedger;
import org.usedecentral.spi.protocol.WriteId;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Credits of payers. */
@Command(
        name = "credits",
        header = "Shows credits; deposits them on an embedded ledger.",
        description =
                "With --base-url or --key it asks a running gateway for the key's payer. Without, it opens the ledger in"
                        + " the data directory, for which the node must be stopped.")
final class CreditsCommand implements Callable<Integer> {
    private static final int REFERENCE_BYTES = 8;

    private final Session session;

    @Mixin
    final ChatOptions gateway = new ChatOptions();

    @Option(names = "--account", paramLabel = "ACCOUNT", description = "Whose. Default: the development payer's.")
    private @Nullable Account account;

    @Option(names = "--json", description = "Prints one JSON object; amounts in base units (1e-6 USDC).")
    private boolean json;

    @Mixin
    final NodeOptions node = new NodeOptions();

    @Mixin
    final CommonOptions common = new CommonOptions();

    CreditsCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws InterruptedException {
        if (gateway.isGiven()) {
            try (GatewayClient client = gateway.client(node, session.surroundings())) {
                print(session, json, client.credits());
            }
            return 0;
        }
        Path directory = node.directory(session.surroundings());
        Account payer = account != null ? account : KeysCommand.developmentPayer(directory);
        print(session, json, OfflineLedger.use(session, node, opened -> json(opened.ledger(), payer)));
        return 0;
    }

    private static ObjectNode json(SettlementLedger ledger, Account payer) {
        Balance balance = ledger.credits().balance(payer);
        return JsonNodeFactory.instance
                .objectNode()
                .put("object", "credits")
                .put("ledger", ledger.id().toString())
                .put("payer", payer.toString())
                .put("free", balance.free())
                .put("locked", balance.locked())
                .put("held", balance.held())
                .put("unit", "1e-6 USDC");
    }

    private static void print(Session session, boolean json, JsonNode credits) {
        var out = session.terminal().out();
        if (json) {
            out.println(credits);
            return;
        }
        out.println(ReceiptText.line("account", credits.path("payer").asText()));
        out.println(ReceiptText.line("free", Money.usdc(credits.path("free").asLong())));
        out.println(ReceiptText.line("locked", Money.usdc(credits.path("locked").asLong())));
        out.println(ReceiptText.line("held", Money.usdc(credits.path("held").asLong())));
        out.println(ReceiptText.line("ledger", credits.path("ledger").asText()));
    }

    /** Credits an account, as the ledger's operator. */
    @Command(
            name = "deposit",
            header = "Credits an account, as the operator of the embedded ledger.",
            description =
                    "Record a payment that you received: the node is the ledger's custodian. The node must be stopped.")
    static final class Deposit implements Callable<Integer> {
        private final Session session;

        @Parameters(paramLabel = "USDC", description = "The amount, such as 5 or 0.25.")
        private Money.Amount amount = new Money.Amount(0);

        @Option(names = "--account", paramLabel = "ACCOUNT", description = "Whose. Default: the development payer's.")
        private @Nullable Account account;

        @Option(
                names = "--reference",
                paramLabel = "TEXT",
                description = "Names the payment outside, once: the same reference is never credited twice.")
        private @Nullable String reference;

        @Option(names = "--json", description = "Prints one JSON object; amounts in base units (1e-6 USDC).")
        private boolean json;

        @Mixin
        final NodeOptions node = new NodeOptions();

        @Mixin
        final CommonOptions common = new CommonOptions();

        Deposit(Session session) {
            this.session = session;
        }

        @Override
        public Integer call() {
            Path directory = node.directory(session.surroundings());
            Account payer = account != null ? account : KeysCommand.developmentPayer(directory);
            print(session, json, OfflineLedger.use(session, node, opened -> {
                SettlementLedger ledger = opened.ledger();
                if (!ledger.type().equals("embedded")) {
                    throw DecentralException.unsupported("depositing on a ledger of type " + ledger.type());
                }
                String named = reference != null ? reference : randomReference();
                var committed = ledger.credits()
                        .deposit(
                                WriteId.derived("deposit", Bytes.utf8(named)),
                                KeyFile.load(directory.resolve("identity.json")),
                                new CreditAccounts.Deposit(payer, amount.baseUnits(), named));
                return json(ledger, payer)
                        .put("deposited", amount.baseUnits())
                        .put("reference", named)
                        .put("transaction", committed.transaction().toString());
            }));
            return 0;
        }

        private static String randomReference() {
            byte[] bytes = new byte[REFERENCE_BYTES];
            new SecureRandom().nextBytes(bytes);
            return "command line " + Bytes.of(bytes).hex();
        }
    }
}

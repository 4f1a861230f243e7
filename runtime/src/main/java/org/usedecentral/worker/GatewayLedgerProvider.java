package org.usedecentral.worker;

import io.helidon.config.Config;
import java.net.URI;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ledger.SettlementLedger;
import org.usedecentral.spi.ledger.SettlementLedgerProvider;

/** Makes ledgers of type {@code gateway}: {@code url} is the gateway's address. */
public final class GatewayLedgerProvider implements SettlementLedgerProvider {
    @Override
    public String configKey() {
        return "gateway";
    }

    @Override
    public SettlementLedger create(Config config, String name) {
        String url = config.get("url")
                .asString()
                .orElseThrow(() -> DecentralException.invalid(
                        config.key() + ".url",
                        "a ledger of type gateway needs the gateway's url, such as http://127.0.0.1:8080"));
        return new GatewayLedger(name, URI.create(url));
    }
}

package org.usedecentral.ledger.embedded;

import io.helidon.config.Config;
import java.util.regex.Pattern;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ledger.SettlementLedger;
import org.usedecentral.spi.ledger.SettlementLedgerProvider;

/** Makes the default ledger, {@code embedded}: an SQLite file in the folder of the plugin's name. */
public final class EmbeddedLedgerProvider implements SettlementLedgerProvider {
    static final String TYPE = "embedded";

    private static final Pattern FOLDER = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");

    @Override
    public String configKey() {
        return TYPE;
    }

    @Override
    public SettlementLedger create(Config config, String name) {
        if (!FOLDER.matcher(name).matches()) {
            throw DecentralException.invalid(
                    "name",
                    "a ledger's name is that of its folder: letters, digits and . _ - only, not '" + name + "'");
        }
        return new EmbeddedLedger(name, EmbeddedLedgerConfig.read(config));
    }
}

package org.usedecentral.spi.ledger;

import org.usedecentral.spi.PluginProvider;

/** Makes settlement ledgers. */
public interface SettlementLedgerProvider extends PluginProvider<SettlementLedger> {}

package org.usedecentral.spi.protocol;

import org.usedecentral.spi.Account;

/** A worker's entry on the ledger: who owns it, the key it works with, and where its earnings go. */
public record Registration(Account owner, Account worker, Account payout) {}

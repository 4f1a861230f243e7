package org.usedecentral.ledger.embedded;

import org.usedecentral.spi.Account;
import org.usedecentral.spi.ledger.Balance;

/** An account as the book has it. Money moves through {@link Entry} only. One thread. */
final class AccountRow {
    final Account account;
    long free;
    long locked;
    long held;
    long sequence;
    boolean changed;

    AccountRow(Account account, Balance balance) {
        this.account = account;
        this.free = balance.free();
        this.locked = balance.locked();
        this.held = balance.held();
        this.sequence = balance.sequence();
    }

    void takeMessage(long messageSequence) {
        sequence = messageSequence;
        changed = true;
    }

    Balance balance() {
        return new Balance(free, locked, held, sequence);
    }
}

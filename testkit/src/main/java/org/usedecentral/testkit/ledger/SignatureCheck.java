package org.usedecentral.testkit.ledger;

import org.usedecentral.spi.Account;
import org.usedecentral.spi.Bytes;

/** Whether a signature is an account's over a message. Thread-safe. */
@FunctionalInterface
interface SignatureCheck {
    boolean verify(Account account, Bytes message, Bytes signature);
}

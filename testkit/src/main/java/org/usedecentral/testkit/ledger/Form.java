package org.usedecentral.testkit.ledger;

import org.usedecentral.crypto.Ed25519;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.protocol.ApprovalTerms;
import org.usedecentral.spi.protocol.LedgerId;
import org.usedecentral.spi.protocol.LedgerOperation;
import org.usedecentral.spi.protocol.LedgerOperation.Approve;
import org.usedecentral.spi.protocol.LedgerOperation.Claim;
import org.usedecentral.spi.protocol.LedgerOperation.Close;
import org.usedecentral.spi.protocol.LedgerOperation.Deposit;
import org.usedecentral.spi.protocol.LedgerOperation.Expire;
import org.usedecentral.spi.protocol.LedgerOperation.Lock;
import org.usedecentral.spi.protocol.LedgerOperation.Refund;
import org.usedecentral.spi.protocol.LedgerOperation.Register;
import org.usedecentral.spi.protocol.LedgerOperation.Retire;
import org.usedecentral.spi.protocol.LedgerOperation.Revoke;
import org.usedecentral.spi.protocol.LedgerOperation.Settle;
import org.usedecentral.spi.protocol.LedgerOperation.Update;
import org.usedecentral.spi.protocol.LedgerOperation.Withdraw;
import org.usedecentral.spi.protocol.PayerMessage;
import org.usedecentral.spi.protocol.Terms;

/** What can be said of an operation without the ledger's state: everything wrong here is {@code INVALID_REQUEST}. Stateless. */
final class Form {
    private static final int MIN_TIMEOUT = 30;
    private static final int MAX_TIMEOUT = 3600;
    private static final int MAX_REFERENCE = 256;

    private Form() {}

    static void check(LedgerOperation operation, LedgerId ledger, int proofScheme) {
        switch (operation) {
            case Deposit(Account account, long amount, String reference) -> {
                account("account", account);
                positive("amount", amount);
                if (reference.isBlank() || Bytes.utf8(reference).length() > MAX_REFERENCE) {
                    throw DecentralException.invalid(
                            "reference", "a deposit needs a reference of 1 to " + MAX_REFERENCE + " bytes");
                }
            }
            case Withdraw(var signed) -> withdrawal(signed.message(), ledger);
            case Approve(var signed) -> {
                message(signed.message(), ledger);
                account("spender", ApprovalTerms.of(signed.message()).spender());
            }
            case Revoke(var signed) -> message(signed.message(), ledger);
            case Lock(Terms terms) -> terms(terms, ledger, proofScheme);
            case Claim(var signed) -> positive("price", signed.voucher().price());
            case Register(var registration) -> {
                account("owner", registration.owner());
                account("worker", registration.worker());
                account("payout", registration.payout());
            }
            case Update(Account worker, Account payout) -> account("payout", payout);
            case Settle settle -> {}
            case Expire expire -> {}
            case Refund refund -> {}
            case Close close -> {}
            case Retire retire -> {}
        }
    }

    private static void withdrawal(PayerMessage message, LedgerId ledger) {
        message(message, ledger);
        positive("amount", message.number("amount"));
        if (message.line("destination").orElse("").isBlank()) {
            throw DecentralException.invalid("destination", "a withdrawal says where the credits go");
        }
    }

    private static void terms(Terms terms, LedgerId ledger, int proofScheme) {
        if (!terms.ledger().equals(ledger)) {
            throw DecentralException.invalid(
                    "ledger", "the terms are for ledger " + terms.ledger() + ", not " + ledger);
        }
        account("payer", terms.payer());
        account("orchestrator", terms.orchestrator());
        account("lockSigner", terms.lockSigner());
        if (terms.timeoutSeconds() < MIN_TIMEOUT || terms.timeoutSeconds() > MAX_TIMEOUT) {
            throw DecentralException.invalid(
                    "timeout", "the timeout lies within " + MIN_TIMEOUT + " to " + MAX_TIMEOUT + " s");
        }
        if (terms.proofScheme() != proofScheme) {
            throw DecentralException.invalid(
                    "proofScheme",
                    "this ledger knows proof scheme " + proofScheme + " only, not " + terms.proofScheme());
        }
    }

    private static void message(PayerMessage message, LedgerId ledger) {
        if (!message.ledger().equals(ledger)) {
            throw DecentralException.invalid("ledger", "the message is for ledger " + message.ledger());
        }
        account("payer", message.payer());
    }

    private static void account(String field, Account account) {
        if (Ed25519.isSmallOrder(account)) {
            throw DecentralException.invalid(field, "the key of small order " + account + " belongs to nobody");
        }
    }

    private static void positive(String field, long value) {
        if (value <= 0) {
            throw DecentralException.invalid(field, "the " + field + " must be above 0, not " + value);
        }
    }
}

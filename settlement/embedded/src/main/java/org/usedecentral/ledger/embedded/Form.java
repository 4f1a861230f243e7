package org.usedecentral.ledger.embedded;

import org.usedecentral.crypto.Ed25519;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.protocol.ApprovalTerms;
import org.usedecentral.spi.protocol.LedgerId;
import org.usedecentral.spi.protocol.LedgerOperation;
import org.usedecentral.spi.protocol.LedgerOperation.Approve;
import org.usedecentral.spi.protocol.LedgerOperation.Claim;
import org.usedecentral.spi.protocol.LedgerOperation.Deposit;
import org.usedecentral.spi.protocol.LedgerOperation.Lock;
import org.usedecentral.spi.protocol.LedgerOperation.Register;
import org.usedecentral.spi.protocol.LedgerOperation.Revoke;
import org.usedecentral.spi.protocol.LedgerOperation.Update;
import org.usedecentral.spi.protocol.LedgerOperation.Withdraw;
import org.usedecentral.spi.protocol.PayerMessage;
import org.usedecentral.spi.protocol.Registration;
import org.usedecentral.spi.protocol.SignedMessage;
import org.usedecentral.spi.protocol.SignedVoucher;
import org.usedecentral.spi.protocol.Terms;

/** What is wrong with an operation on any day: {@code INVALID_REQUEST}, naming the field. Stateless. */
final class Form {
    private static final int LEAST_TIMEOUT = 30;
    private static final int MOST_TIMEOUT = 3_600;
    private static final int LONGEST_REFERENCE = 256;

    private Form() {}

    static void check(LedgerOperation operation, LedgerId ledger, int proofScheme) {
        switch (operation) {
            case Deposit(Account account, long amount, String reference) -> {
                somebody("account", account);
                aboveZero("amount", amount);
                if (reference.isBlank() || Bytes.utf8(reference).length() > LONGEST_REFERENCE) {
                    throw DecentralException.invalid(
                            "reference", "a deposit's reference has 1 to " + LONGEST_REFERENCE + " bytes");
                }
            }
            case Withdraw(SignedMessage message) -> {
                message(operation, message.message(), ledger);
                aboveZero("amount", message.message().number("amount"));
                if (message.message().line("destination").orElse("").isBlank()) {
                    throw DecentralException.invalid("destination", "the message does not say where the credits go");
                }
            }
            case Approve(SignedMessage message) -> {
                message(operation, message.message(), ledger);
                somebody("spender", ApprovalTerms.of(message.message()).spender());
            }
            case Revoke(SignedMessage message) -> {
                message(operation, message.message(), ledger);
                Account ignored = message.message().account("spender");
            }
            case Lock(Terms terms) -> terms(terms, ledger, proofScheme);
            case Claim(SignedVoucher voucher) ->
                aboveZero("price", voucher.voucher().price());
            case Register(Registration registration) -> {
                somebody("owner", registration.owner());
                somebody("worker", registration.worker());
                somebody("payout", registration.payout());
            }
            case Update update -> somebody("payout", update.payout());
            default -> {}
        }
    }

    private static void terms(Terms terms, LedgerId ledger, int proofScheme) {
        if (!terms.ledger().equals(ledger)) {
            throw DecentralException.invalid(
                    "ledger", "the terms are for ledger " + terms.ledger() + ", this is " + ledger);
        }
        somebody("payer", terms.payer());
        somebody("orchestrator", terms.orchestrator());
        somebody("lockSigner", terms.lockSigner());
        if (terms.timeoutSeconds() < LEAST_TIMEOUT || terms.timeoutSeconds() > MOST_TIMEOUT) {
            throw DecentralException.invalid(
                    "timeout",
                    "a job's timeout lies in " + LEAST_TIMEOUT + " to " + MOST_TIMEOUT + " s, not "
                            + terms.timeoutSeconds());
        }
        if (terms.proofScheme() != proofScheme) {
            throw DecentralException.invalid(
                    "proofScheme",
                    "this ledger verifies proof scheme " + proofScheme + ", the terms name " + terms.proofScheme());
        }
    }

    private static void message(LedgerOperation operation, PayerMessage message, LedgerId ledger) {
        if (!message.action().equals(operation.label())) {
            throw DecentralException.invalid(
                    "message", "the message says " + message.action() + ", the operation is " + operation.label());
        }
        if (!message.ledger().equals(ledger)) {
            throw DecentralException.invalid(
                    "ledger", "the message is for ledger " + message.ledger() + ", this is " + ledger);
        }
        somebody("payer", message.payer());
    }

    /** Keys of small order, the empty one among them, belong to nobody: anyone can sign for them. */
    private static void somebody(String field, Account account) {
        if (Ed25519.isSmallOrder(account)) {
            throw DecentralException.invalid(field, "the key " + account + " is of small order and belongs to nobody");
        }
    }

    private static void aboveZero(String field, long value) {
        if (value <= 0) {
            throw DecentralException.invalid(field, "the " + field + " is above zero, not " + value);
        }
    }
}

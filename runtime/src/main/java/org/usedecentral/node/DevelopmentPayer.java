package org.usedecentral.node;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import org.usedecentral.crypto.KeyFile;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.Signer;
import org.usedecentral.spi.ledger.CreditAccounts;
import org.usedecentral.spi.ledger.SettlementLedger;
import org.usedecentral.spi.protocol.ApprovalTerms;
import org.usedecentral.spi.protocol.PayerMessage;
import org.usedecentral.spi.protocol.SignedMessage;
import org.usedecentral.spi.protocol.WriteId;

/** A payer with development credit, so that the first request works on a fresh machine. */
final class DevelopmentPayer {
    private static final long CREDIT = 10_000_000;
    private static final Duration APPROVAL = Duration.ofDays(365);

    private DevelopmentPayer() {}

    static Account open(Assembly assembly) {
        SecureRandom random = assembly.random();
        Signer payer = KeyFile.loadOrCreate(assembly.directory().resolve("payer.json"), random);
        SettlementLedger ledger = assembly.plugins().ledger();
        CreditAccounts credits = ledger.credits();
        Account account = payer.account();
        credits.deposit(
                WriteId.derived("development-credit", account.key()),
                assembly.keys().node(),
                new CreditAccounts.Deposit(account, CREDIT, "development credit of " + account));
        Account spender = assembly.keys().spender().account();
        if (credits.approval(account, spender).isEmpty()) {
            Instant now = ledger.time();
            ApprovalTerms terms = new ApprovalTerms(
                    spender,
                    assembly.keys().node().account(),
                    new ApprovalTerms.Caps(CREDIT, CREDIT * 1000),
                    now.plus(APPROVAL),
                    true);
            PayerMessage message = PayerMessage.approve(
                    new PayerMessage.Origin(ledger.id(), account),
                    credits.balance(account).sequence() + 1,
                    now.plusSeconds(60),
                    terms);
            credits.approve(SignedMessage.of(message, payer));
        }
        return account;
    }
}

package org.usedecentral.testkit.ledger;

import static org.usedecentral.testkit.ledger.Refusals.conflict;
import static org.usedecentral.testkit.ledger.Refusals.forbidden;
import static org.usedecentral.testkit.ledger.Refusals.refuse;

import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.ledger.Approval;
import org.usedecentral.spi.protocol.ApprovalTerms;
import org.usedecentral.spi.protocol.LedgerOperation.Deposit;
import org.usedecentral.spi.protocol.PayerMessage;
import org.usedecentral.spi.protocol.Terms;

/** Free credits, and who may spend them. Every check comes before the first change. Guarded by the ledger's lock. */
final class CreditBook {
    private record Spending(Account payer, Account spender) {}

    private final Set<Rule> off;
    private final Map<Account, Long> free = new HashMap<>();
    private final Map<Account, Long> sequences = new HashMap<>();
    private final Map<Spending, Approval> approvals = new HashMap<>();
    private final Set<String> references = new HashSet<>();
    /** What was deposited and not withdrawn: as it fits a long, every sum of credits does. */
    private long total;

    CreditBook(Set<Rule> off) {
        this.off = off;
    }

    long free(Account account) {
        return free.getOrDefault(account, 0L);
    }

    long sequence(Account account) {
        return sequences.getOrDefault(account, 0L);
    }

    Optional<Approval> approval(Account payer, Account spender) {
        return Optional.ofNullable(approvals.get(new Spending(payer, spender)));
    }

    void add(Account account, long amount) {
        free.merge(account, amount, Long::sum);
    }

    void deposit(Deposit deposit) {
        if (references.contains(deposit.reference())) {
            throw conflict("a deposit with reference " + deposit.reference()
                    + " was credited before; give each payment its own reference");
        }
        if (deposit.amount() > Long.MAX_VALUE - total) {
            throw DecentralException.invalid("amount", "the ledger's credits together would not fit 63 bits");
        }
        references.add(deposit.reference());
        total += deposit.amount();
        add(deposit.account(), deposit.amount());
    }

    void withdraw(PayerMessage message, long now) {
        checkTurn(message, now);
        long amount = message.number("amount");
        requireFree(message.payer(), amount);
        take(message);
        total -= amount;
        add(message.payer(), -amount);
    }

    void approve(PayerMessage message, long now) {
        checkTurn(message, now);
        ApprovalTerms terms = ApprovalTerms.of(message);
        Spending key = new Spending(message.payer(), terms.spender());
        Approval before = approvals.get(key);
        take(message);
        approvals.put(
                key,
                before == null
                        ? new Approval(terms, 1, 0, false)
                        : new Approval(terms, before.generation() + 1, before.spent(), false));
    }

    void revoke(PayerMessage message, long now) {
        checkTurn(message, now);
        Spending key = new Spending(message.payer(), message.account("spender"));
        Approval before = approvals.get(key);
        if (before == null) {
            throw refuse(ErrorCode.NOT_FOUND, "payer " + key.payer() + " has not approved " + key.spender());
        }
        take(message);
        approvals.put(key, new Approval(before.terms(), before.generation() + 1, before.spent(), true));
    }

    /** Moves what the terms lock out of the payer's free credits. */
    void lock(Terms terms, long now) {
        requireFree(terms.payer(), terms.locked());
        Approval approval = approvalFor(terms, now);
        if (approval != null) {
            spend(terms, approval, terms.locked());
        }
        add(terms.payer(), -terms.locked());
    }

    /** Gives an amount back to a job's payer, and to what its spender may spend. */
    void giveBack(Terms terms, long amount) {
        add(terms.payer(), amount);
        Approval approval = approvals.get(new Spending(terms.payer(), terms.lockSigner()));
        if (approval != null && !terms.lockSigner().equals(terms.payer()) && !off.contains(Rule.RETURN_UNSPENDS)) {
            spend(terms, approval, -amount);
        }
    }

    private void spend(Terms terms, Approval approval, long amount) {
        approvals.put(
                new Spending(terms.payer(), terms.lockSigner()),
                new Approval(approval.terms(), approval.generation(), approval.spent() + amount, approval.revoked()));
    }

    /** The approval a spender locks under; null when the payer locks itself. */
    private @Nullable Approval approvalFor(Terms terms, long now) {
        if (terms.lockSigner().equals(terms.payer())) {
            return null;
        }
        Approval approval = approvals.get(new Spending(terms.payer(), terms.lockSigner()));
        if (approval == null || approval.revoked()) {
            throw forbidden("payer " + terms.payer() + " does not approve spender " + terms.lockSigner());
        }
        ApprovalTerms approved = approval.terms();
        if (Instant.ofEpochSecond(now).isAfter(approved.expires())) {
            throw forbidden("the approval expired at " + approved.expires() + "; the payer must approve again");
        }
        if (!approved.orchestrator().equals(Account.NONE)
                && !approved.orchestrator().equals(terms.orchestrator())) {
            throw forbidden("the approval is for orchestrator " + approved.orchestrator() + " only");
        }
        if (terms.locked() > approved.caps().job()) {
            throw forbidden("the job locks " + terms.locked() + ", the approval allows "
                    + approved.caps().job() + " a job");
        }
        if (terms.locked() > approved.caps().total() - approval.spent()) {
            throw forbidden("the job locks " + terms.locked() + " and " + approval.spent() + " of the approved "
                    + approved.caps().total() + " are spent");
        }
        return approval;
    }

    private void requireFree(Account account, long amount) {
        if (amount > free(account)) {
            throw refuse(
                    ErrorCode.INSUFFICIENT_CREDITS,
                    "account " + account + " has " + free(account) + " free base units, " + amount
                            + " are needed; deposit more");
        }
    }

    private void checkTurn(PayerMessage message, long now) {
        if (Instant.ofEpochSecond(now).isAfter(message.expires())) {
            throw refuse(
                    ErrorCode.DEADLINE_EXCEEDED, "the message expired at " + message.expires() + "; sign a new one");
        }
        long next = sequence(message.payer()) + 1;
        if (message.sequence() != next && !off.contains(Rule.SEQUENCE)) {
            throw conflict("the payer's next message carries sequence " + next + ", not " + message.sequence());
        }
    }

    private void take(PayerMessage message) {
        sequences.put(message.payer(), message.sequence());
    }
}

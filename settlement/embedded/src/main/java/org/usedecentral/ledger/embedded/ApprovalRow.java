package org.usedecentral.ledger.embedded;

import org.usedecentral.spi.Account;
import org.usedecentral.spi.ledger.Approval;
import org.usedecentral.spi.protocol.ApprovalTerms;

/** A payer's approval of a spender as the book has it. One thread. */
final class ApprovalRow {
    private final Account payer;
    private Approval approval;
    private boolean changed;

    ApprovalRow(Account payer, Approval approval) {
        this.payer = payer;
        this.approval = approval;
    }

    Account payer() {
        return payer;
    }

    Approval approval() {
        return approval;
    }

    boolean changed() {
        return changed;
    }

    void saved() {
        changed = false;
    }

    /** New terms; what was spent stays spent. */
    void renew(ApprovalTerms terms) {
        set(new Approval(terms, approval.generation() + 1, approval.spent(), false));
    }

    void revoke() {
        set(new Approval(approval.terms(), approval.generation() + 1, approval.spent(), true));
    }

    /** More was spent, or less if negative. */
    void spend(long amount) {
        set(new Approval(
                approval.terms(), approval.generation(), Math.addExact(approval.spent(), amount), approval.revoked()));
    }

    private void set(Approval value) {
        approval = value;
        changed = true;
    }

    /** Whose approval of whom. */
    record Key(Account payer, Account spender) {}
}

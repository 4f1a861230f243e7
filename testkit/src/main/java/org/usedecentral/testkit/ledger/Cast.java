package org.usedecentral.testkit.ledger;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.Signer;

/**
 * Who takes part in a schedule: payer P, its spender S, orchestrator O, stranger X, workers A to E with two payouts each, and the operator.
 * One thread.
 */
final class Cast {
    static final List<String> WORKERS = List.of("A", "B", "C", "D", "E");
    static final String OPERATOR = "operator";

    private final Map<String, Signer> signers = new LinkedHashMap<>();
    private final Map<Account, String> names = new LinkedHashMap<>();
    private final Account treasury;

    Cast(LedgerFixture fixture) {
        this.treasury = fixture.treasury();
        for (String name : List.of("P", "S", "O", "X")) {
            add(name, fixture.signer("schedule " + name));
        }
        for (String worker : WORKERS) {
            add(worker, fixture.signer("schedule " + worker));
            add("payout of " + worker, fixture.signer("schedule payout of " + worker));
            add("other payout of " + worker, fixture.signer("schedule other payout of " + worker));
        }
        add(OPERATOR, fixture.operator());
    }

    private void add(String name, Signer signer) {
        signers.put(name, signer);
        names.put(signer.account(), name);
    }

    Signer signer(String name) {
        Signer signer = signers.get(name);
        if (signer == null) {
            throw new IllegalArgumentException("nobody is called " + name);
        }
        return signer;
    }

    Account account(String name) {
        return signer(name).account();
    }

    /** Where a worker's earnings go at first, and where its owner may move them. */
    List<Account> payouts(String worker) {
        return List.of(account("payout of " + worker), account("other payout of " + worker));
    }

    String name(Account account) {
        return names.getOrDefault(account, account.toString());
    }

    /** Every account that can have credits. */
    List<Account> accounts() {
        List<Account> all = new ArrayList<>(names.keySet());
        if (!all.contains(treasury)) {
            all.add(treasury);
        }
        return all;
    }
}

package org.usedecentral.testkit.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.usedecentral.spi.ErrorCode.CONFLICT;
import static org.usedecentral.spi.ErrorCode.FORBIDDEN;
import static org.usedecentral.spi.ErrorCode.INVALID_REQUEST;
import static org.usedecentral.spi.ErrorCode.NOT_FOUND;

import org.junit.jupiter.api.Test;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.Signer;
import org.usedecentral.spi.ledger.WorkerAccount;
import org.usedecentral.spi.protocol.Registration;

/** Who owns a worker key and where its earnings go. */
interface WorkerContract {
    @Test
    default void aWorkerIsRegisteredByOwnerAndKey(LedgerStage stage) {
        Signer key = stage.party("A");
        assertThat(stage.ledger.workers().find(key.account())).isEmpty();
        Registration registration = registration(stage, key);
        stage.register(registration, stage.owner(key), key);
        assertThat(stage.ledger.workers().find(key.account()))
                .contains(new WorkerAccount(registration, false, WorkerAccount.Stake.NONE, 5_000));
        assertThat(stage.ledger.workers().find(registration.owner())).isEmpty();
    }

    @Test
    default void ownerAndKeyBothSign(LedgerStage stage) {
        Signer key = stage.party("A");
        Registration registration = registration(stage, key);
        for (Signer[] pair : new Signer[][] {
            {stage.owner(key), stage.stranger},
            {stage.stranger, key},
            {key, key},
            {stage.owner(key), stage.owner(key)}
        }) {
            stage.refused(FORBIDDEN, () -> stage.register(registration, pair[0], pair[1]));
        }
        assertThat(stage.ledger.workers().find(key.account())).isEmpty();
    }

    @Test
    default void oneKeyMayBeOwnerWorkerAndPayout(LedgerStage stage) {
        Signer key = stage.party("A");
        Registration registration = new Registration(key.account(), key.account(), key.account());
        stage.register(registration, key, key);
        assertThat(found(stage, key).registration()).isEqualTo(registration);
        stage.deposit(stage.payer, 1000);
        stage.claim(stage.locked(400), key, 200);
        assertThat(stage.free(key)).isEqualTo(150);
    }

    @Test
    default void aKeyBelongsToOneOwner(LedgerStage stage) {
        Signer key = stage.worker("A");
        Registration taken = new Registration(stage.stranger.account(), key.account(), stage.payout(key));
        stage.refused(CONFLICT, () -> stage.register(taken, stage.stranger, key));
        assertThat(found(stage, key).registration()).isEqualTo(registration(stage, key));
    }

    @Test
    default void itsOwnerMayRegisterAKeyAgain(LedgerStage stage) {
        Signer key = stage.worker("A");
        stage.deposit(stage.payer, 10_000);
        stage.settle(stage.locked(5_000), key, 1_000);
        Registration elsewhere = new Registration(stage.owner(key).account(), key.account(), stage.stranger.account());
        stage.register(elsewhere, stage.owner(key), key);
        assertThat(found(stage, key)).isEqualTo(new WorkerAccount(elsewhere, false, WorkerAccount.Stake.NONE, 5_078));
    }

    @Test
    default void anOwnerMayHaveManyKeys(LedgerStage stage) {
        Signer owner = stage.party("owner");
        for (String name : new String[] {"A", "B"}) {
            Signer key = stage.party(name);
            stage.register(new Registration(owner.account(), key.account(), owner.account()), owner, key);
            assertThat(found(stage, key).registration().owner()).isEqualTo(owner.account());
        }
    }

    @Test
    default void keysOfSmallOrderAreNoPayout(LedgerStage stage) {
        Signer key = stage.party("A");
        for (Account small : LedgerStage.SMALL_ORDER) {
            Registration registration = new Registration(stage.owner(key).account(), key.account(), small);
            stage.refused(INVALID_REQUEST, () -> stage.register(registration, stage.owner(key), key));
        }
        stage.register(key);
        for (Account small : LedgerStage.SMALL_ORDER) {
            stage.refused(INVALID_REQUEST, () -> stage.update(key, small, stage.owner(key)));
        }
    }

    @Test
    default void theOwnerAloneChangesThePayout(LedgerStage stage) {
        Signer key = stage.worker("A");
        Account elsewhere = stage.stranger.account();
        for (Signer signer : new Signer[] {key, stage.stranger, stage.payoutOf(key), stage.operator}) {
            stage.refused(FORBIDDEN, () -> stage.update(key, elsewhere, signer));
        }
        stage.update(key, elsewhere, stage.owner(key));
        assertThat(found(stage, key).registration())
                .isEqualTo(new Registration(stage.owner(key).account(), key.account(), elsewhere));
    }

    @Test
    default void theOwnerAloneRetires(LedgerStage stage) {
        Signer key = stage.worker("A");
        for (Signer signer : new Signer[] {key, stage.stranger, stage.payoutOf(key), stage.operator}) {
            stage.refused(FORBIDDEN, () -> stage.ledger.workers().retire(stage.write(), key.account(), signer));
        }
        stage.retire(key);
        assertThat(found(stage, key).retired()).isTrue();
        assertThat(found(stage, key).registration()).isEqualTo(registration(stage, key));
    }

    @Test
    default void aRetiredKeyStaysRetired(LedgerStage stage) {
        Signer key = stage.worker("A");
        stage.retire(key);
        stage.refused(CONFLICT, () -> stage.retire(key));
        stage.refused(CONFLICT, () -> stage.register(key));
        stage.refused(CONFLICT, () -> stage.update(key, stage.stranger.account(), stage.owner(key)));
        Registration taken = new Registration(stage.stranger.account(), key.account(), stage.payout(key));
        stage.refused(CONFLICT, () -> stage.register(taken, stage.stranger, key));
    }

    @Test
    default void whoIsNotRegisteredIsNotFound(LedgerStage stage) {
        stage.refused(NOT_FOUND, () -> stage.update(stage.stranger, stage.stranger.account(), stage.stranger));
        stage.refused(
                NOT_FOUND,
                () -> stage.ledger.workers().retire(stage.write(), stage.stranger.account(), stage.stranger));
    }

    private static Registration registration(LedgerStage stage, Signer key) {
        return new Registration(stage.owner(key).account(), key.account(), stage.payout(key));
    }

    private static WorkerAccount found(LedgerStage stage, Signer key) {
        return stage.ledger.workers().find(key.account()).orElseThrow();
    }
}

package org.usedecentral.spi.ledger;

import java.time.Duration;
import java.util.Optional;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.Signer;
import org.usedecentral.spi.protocol.Registration;
import org.usedecentral.spi.protocol.WriteId;

/** Workers: who owns them, what they staked, how they did. */
public interface WorkerAccounts {
    /** Registers a worker key; {@code CONFLICT} if it belongs to somebody else already or was retired. */
    Committed register(WriteId write, Registration registration, Signer owner, Signer worker);

    /** Changes where earnings of later jobs go. */
    Committed update(WriteId write, Account worker, Account payout, Signer owner);

    /** Ends a worker key: no new jobs; what it has earned is still paid. */
    Committed retire(WriteId write, Account worker, Signer owner);

    /** Bonds stake tokens for a lock period. */
    default Committed stake(WriteId write, Account worker, long amount, Duration lock, Signer owner) {
        throw DecentralException.unsupported("stake");
    }

    /** Begins the seven days after which stake can be withdrawn. */
    default Committed beginUnstake(WriteId write, Account worker, Signer owner) {
        throw DecentralException.unsupported("begin-unstake");
    }

    /** Takes unstaked tokens out. */
    default Committed withdrawStake(WriteId write, Account worker, Signer owner) {
        throw DecentralException.unsupported("withdraw-stake");
    }

    Optional<WorkerAccount> find(Account worker);
}

package org.usedecentral.ledger.embedded;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.ledger.Parameters;

/**
 * What the operator configured and the journal records: a job keeps those it was locked under.
 *
 * @param parameters with windows of whole seconds
 * @param treasury an ordinary account: its share of every job is free credits at once
 */
record Settings(Parameters parameters, Account treasury) {
    static final int LENGTH = Account.LENGTH + 4 * 4 + 6 * 8;

    /** treasury ‖ u32 worker, staked worker, orchestrator, slash bps ‖ u64 grace, dispute, disclose, rule s, minimum stake, bond floor. */
    void encode(ByteBuffer out) {
        treasury.key().writeTo(out);
        Parameters.Shares shares = parameters.shares();
        out.putInt(shares.worker()).putInt(shares.stakedWorker()).putInt(shares.orchestrator());
        out.putInt(parameters.slashBps());
        Parameters.Windows windows = parameters.windows();
        out.putLong(windows.grace().toSeconds()).putLong(windows.dispute().toSeconds());
        out.putLong(windows.disclose().toSeconds()).putLong(windows.rule().toSeconds());
        out.putLong(parameters.minimumStake()).putLong(parameters.bondFloor());
    }

    static Settings decode(Bytes encoded) {
        ByteBuffer in = encoded.asBuffer().order(ByteOrder.LITTLE_ENDIAN);
        Account treasury = new Account(encoded.slice(0, Account.LENGTH));
        in.position(Account.LENGTH);
        Parameters.Shares shares = new Parameters.Shares(in.getInt(), in.getInt(), in.getInt());
        int slash = in.getInt();
        Parameters.Windows windows = new Parameters.Windows(seconds(in), seconds(in), seconds(in), seconds(in));
        return new Settings(new Parameters(shares, windows, in.getLong(), in.getLong(), slash), treasury);
    }

    private static Duration seconds(ByteBuffer in) {
        return Duration.ofSeconds(in.getLong());
    }
}

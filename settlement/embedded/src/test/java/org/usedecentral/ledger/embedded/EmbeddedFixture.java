package org.usedecentral.ledger.embedded;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.Signer;
import org.usedecentral.spi.ledger.Parameters;
import org.usedecentral.spi.ledger.SettlementLedger;
import org.usedecentral.testkit.TurnableClock;
import org.usedecentral.testkit.ledger.LedgerContext;
import org.usedecentral.testkit.ledger.LedgerFixture;

/** An embedded ledger in a temporary folder, for the contract; audited when the test is over. One thread. */
final class EmbeddedFixture implements LedgerFixture {
    private final Path folder;
    private @Nullable SettlementLedger open;

    EmbeddedFixture() {
        try {
            folder = Files.createTempDirectory("embedded-ledger");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public SettlementLedger open(TurnableClock clock) {
        SettlementLedger ledger = new EmbeddedLedger(
                "embedded", new EmbeddedLedgerConfig(treasury(), Parameters.DEFAULT, new Writer.Limits(64, 16)));
        open = ledger;
        ledger.start(new LedgerContext(clock, folder, proofScheme(), operator()));
        return ledger;
    }

    @Override
    public SettlementLedger restart(SettlementLedger ledger, TurnableClock clock, Duration downtime) {
        ledger.close();
        clock.advance(downtime);
        return open(clock);
    }

    @Override
    public Signer operator() {
        return signer("operator");
    }

    @Override
    public Account treasury() {
        return signer("treasury").account();
    }

    @Override
    public void close() {
        SettlementLedger ledger = open;
        if (ledger != null) {
            ledger.close();
            JournalAudit.Report ignored = JournalAudit.verify(folder.resolve("embedded"), proofScheme());
        }
        try (Stream<Path> files = Files.walk(folder)) {
            List<Path> deepestFirst = files.sorted(Comparator.reverseOrder()).toList();
            for (Path file : deepestFirst) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

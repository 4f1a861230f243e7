package org.usedecentral.ledger.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.usedecentral.spi.ledger.Balance;
import org.usedecentral.spi.ledger.Committed;
import org.usedecentral.spi.ledger.EscrowedJob;
import org.usedecentral.spi.ledger.LedgerEvent;
import org.usedecentral.spi.ledger.LedgerEvents;
import org.usedecentral.spi.protocol.TransactionId;

/** 10,000 operations of 64 callers in a process that is killed five times: what was confirmed is there, once. */
final class KilledProcessTest {
    private static final int CALLERS = 64;
    private static final int OPERATIONS = Script.FIRST_JOB + 39 * Script.STEPS;
    private static final int TOTAL = CALLERS * OPERATIONS;
    private static final int KILLS = 5;

    /** What was confirmed, and where. */
    private record Write(int caller, int index) {}

    private record Place(long position, TransactionId transaction) {}

    @TempDir
    private Path folder;

    private final Map<Write, Place> confirmed = new HashMap<>();

    @Test
    void noConfirmedWriteIsLostOrDoubled() throws IOException, InterruptedException {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        assertThat(TOTAL).isGreaterThan(10_000);
        for (int kill = 0; kill < KILLS; kill++) {
            int atLeast = confirmed.size() + 200 + random.nextInt(TOTAL / (KILLS + 1) - 200);
            boolean killed = run(atLeast);
            assertThat(killed)
                    .as("killed after " + atLeast + " writes, seed " + seed)
                    .isTrue();
        }
        assertThat(run(Integer.MAX_VALUE)).isFalse();
        assertThat(confirmed).as("seed " + seed).hasSize(TOTAL);
        verify(seed);
    }

    /** Runs the process until that many writes are confirmed, then kills it; false if it came to its end before. */
    private boolean run(int killAfter) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-Xmx512m",
                "-cp",
                System.getProperty("java.class.path"),
                DoomedNode.class.getName(),
                folder.toString(),
                Integer.toString(OPERATIONS)));
        for (int caller = 0; caller < CALLERS; caller++) {
            int next = 0;
            while (confirmed.containsKey(new Write(caller, next))) {
                next++;
            }
            command.add(Integer.toString(next));
        }
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        boolean killed = false;
        try (BufferedReader lines = process.inputReader()) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                read(line);
                if (confirmed.size() >= killAfter && !killed) {
                    // By its handle, which unlike the process leaves open what was written before.
                    killed = process.toHandle().destroyForcibly();
                }
            }
        } finally {
            Process ignored = process.destroyForcibly();
        }
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as("exit status").isEqualTo(killed ? 137 : 0);
        return killed;
    }

    private void read(String line) {
        String[] words = line.split(" ", -1);
        if (words.length != 5 || !words[4].equals(".")) {
            // The last line of a killed process may be cut off.
            return;
        }
        Place place = new Place(Long.parseLong(words[2]), TransactionId.parse(words[3]));
        Place before = confirmed.put(new Write(Integer.parseInt(words[0]), Integer.parseInt(words[1])), place);
        assertThat(before)
                .as("a write confirmed before was written again: " + line)
                .isNull();
    }

    private void verify(long seed) throws InterruptedException {
        try (Scene scene = new Scene(folder).start();
                LedgerEvents events = scene.ledger().events(-1)) {
            Set<Place> written = new HashSet<>();
            for (int i = 0; i < TOTAL; i++) {
                LedgerEvent event = events.next();
                written.add(new Place(event.position(), event.transaction()));
            }
            assertThat(events.poll())
                    .as("a write that nobody made, seed " + seed)
                    .isNull();
            assertThat(written).as("seed " + seed).isEqualTo(Set.copyOf(confirmed.values()));
            for (int caller = 0; caller < CALLERS; caller++) {
                Script script = new Script(scene.ledger().id(), caller);
                Committed again = scene.ledger().submit(script.operation(OPERATIONS - 1));
                assertThat(new Place(again.position(), again.transaction()))
                        .as("the last write of caller " + caller + ", seed " + seed)
                        .isEqualTo(confirmed.get(new Write(caller, OPERATIONS - 1)));
                verify(scene, script);
            }
            // The operations and the entry that began the ledger; a clock that stands still leaves nothing to extend.
            assertThat(scene.audit().entries()).as("entries, seed " + seed).isEqualTo(TOTAL + 1);
        }
    }

    private static void verify(Scene scene, Script script) {
        int jobs = (OPERATIONS - Script.FIRST_JOB) / Script.STEPS;
        long left = Script.LOCKED - Script.CLAIMED - Script.SETTLED;
        Balance payer = scene.ledger().credits().balance(script.payer());
        assertThat(payer).isEqualTo(new Balance(Script.DEPOSIT - jobs * Script.LOCKED, jobs * left, 0, 0));
        assertThat(scene.ledger().credits().balance(script.claimingWorker()).free())
                .isEqualTo(jobs * (Script.CLAIMED * 75 / 100));
        for (int i = 0; i < jobs; i++) {
            EscrowedJob job = scene.ledger().escrows().find(script.job(i)).orElseThrow();
            assertThat(job.funds())
                    .isEqualTo(new EscrowedJob.Funds(
                            left, Script.SETTLED * 75 / 100, Map.of(script.claimingWorker(), Script.CLAIMED)));
            assertThat(job.status().state()).isEqualTo(EscrowedJob.State.SETTLED);
        }
    }
}

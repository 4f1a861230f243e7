package org.usedecentral.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.usedecentral.crypto.Ed25519;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.protocol.JobId;
import org.usedecentral.spi.protocol.SignedStatement;
import org.usedecentral.spi.protocol.SignedVoucher;
import org.usedecentral.spi.protocol.Statement;
import org.usedecentral.spi.protocol.Voucher;

final class WorkerJournalTest {
    private static final Instant NOW = Instant.parse("2030-01-31T12:00:00Z");
    private static final Ed25519.KeyPair WORKER = Ed25519.fromSeed(filled(2));

    @TempDir
    Path folder;

    private static Bytes filled(int value) {
        byte[] bytes = new byte[32];
        Arrays.fill(bytes, (byte) value);
        return Bytes.of(bytes);
    }

    private static WorkerJournal.Key key(int job) {
        return new WorkerJournal.Key(new JobId(filled(job)), job % 3);
    }

    private static SignedVoucher voucher(WorkerJournal.Key key, int tokens) {
        Voucher voucher = Voucher.of(key.job(), WORKER.account(), key.attempt(), tokens, tokens * 2L);
        return new SignedVoucher(voucher, WORKER.sign(voucher.encoded()));
    }

    private static SignedStatement statement(WorkerJournal.Key key, int tokens) {
        Statement statement = Statement.builder(key.job(), WORKER.account(), key.attempt())
                .requestCommitment(filled(4))
                .modelDigest(filled(5))
                .outputDigest(filled(6))
                .tokens(1, tokens)
                .price(tokens)
                .build();
        return new SignedStatement(statement, WORKER.sign(statement.encoded()));
    }

    private WorkerJournal open() {
        return new WorkerJournal(folder, NOW);
    }

    private Path file() {
        return folder.resolve("worker.journal");
    }

    private List<String> lines() throws IOException {
        return Files.readAllLines(file());
    }

    private static void assertConflict(Runnable action) {
        assertThatThrownBy(action::run)
                .isInstanceOfSatisfying(
                        DecentralException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFLICT));
    }

    @Test
    void anAttemptIsTakenOnceForEver() {
        try (WorkerJournal journal = open()) {
            journal.begin(key(1), NOW);
            journal.begin(key(2), NOW);
            assertConflict(() -> journal.begin(key(1), NOW));
            journal.begin(new WorkerJournal.Key(key(1).job(), 9), NOW);
        }
        try (WorkerJournal journal = open()) {
            assertConflict(() -> journal.begin(key(1), NOW));
            assertConflict(() -> journal.begin(key(2), NOW));
            journal.begin(key(3), NOW);
        }
    }

    @Test
    void oneStatementIsMadeAboutAnAttempt() {
        try (WorkerJournal journal = open()) {
            journal.begin(key(1), NOW);
            journal.stated(key(1), statement(key(1), 7));
            assertConflict(() -> journal.stated(key(1), statement(key(1), 8)));
        }
        try (WorkerJournal journal = open()) {
            assertConflict(() -> journal.stated(key(1), statement(key(1), 8)));
        }
    }

    @Test
    void theNewestVouchersOutliveARestart() {
        try (WorkerJournal journal = open()) {
            journal.begin(key(1), NOW);
            journal.begin(key(2), NOW);
            journal.begin(key(3), NOW);
            journal.vouched(key(1), voucher(key(1), 8));
            journal.vouched(key(2), voucher(key(2), 8));
            journal.vouched(key(1), voucher(key(1), 16));
            journal.stated(key(1), statement(key(1), 20));
        }
        try (WorkerJournal journal = open()) {
            assertThat(journal.vouchers()).containsExactly(voucher(key(1), 16), voucher(key(2), 8));
        }
    }

    @Test
    void whatIsOlderThanAnyJobIsForgotten() throws IOException {
        try (WorkerJournal journal = open()) {
            journal.begin(key(1), NOW);
            journal.begin(key(2), NOW.plusSeconds(1));
        }
        try (WorkerJournal journal =
                new WorkerJournal(folder, NOW.plus(Duration.ofHours(2)).plusMillis(500))) {
            assertThat(lines()).hasSize(1);
            assertConflict(() -> journal.begin(key(2), NOW));
        }
    }

    /** Cut anywhere, also behind a brace in the middle of a line, the journal opens and knows every line before the cut. */
    @Test
    void aLastLineThatACrashCutOffIsPassedOverWhereverItWasCut() throws IOException {
        try (WorkerJournal journal = open()) {
            journal.begin(key(1), NOW);
            journal.begin(key(2), NOW);
            journal.vouched(key(2), voucher(key(2), 8));
        }
        byte[] whole = Files.readAllBytes(file());
        int lastLine = new String(whole, StandardCharsets.US_ASCII).lastIndexOf('\n', whole.length - 2) + 1;
        for (int length = lastLine; length < whole.length - 1; length++) {
            Files.write(file(), Arrays.copyOf(whole, length));
            try (WorkerJournal journal = open()) {
                assertThat(journal.vouchers()).as("cut at %s", length).isEmpty();
                assertConflict(() -> journal.begin(key(1), NOW));
                assertConflict(() -> journal.begin(key(2), NOW));
            }
        }
        Files.write(file(), Arrays.copyOf(whole, whole.length - 1));
        try (WorkerJournal journal = open()) {
            assertThat(journal.vouchers()).as("only the line feed is missing").hasSize(1);
        }
    }

    @Test
    void aDamagedLineInTheMiddleHidesNoOther() throws IOException {
        try (WorkerJournal journal = open()) {
            journal.begin(key(1), NOW);
        }
        Files.writeString(file(), "{\"job\":\"cut o\n\n\0\0\0\0\nnull\n", StandardOpenOption.APPEND);
        Files.write(file(), lines().subList(0, 1), StandardOpenOption.APPEND);
        try (WorkerJournal journal = open()) {
            assertConflict(() -> journal.begin(key(1), NOW));
            assertThat(lines()).as("shortened to what is known").hasSize(1);
        }
    }

    @Test
    void aLeftoverOfShorteningIsNoHindrance() throws IOException {
        try (WorkerJournal journal = open()) {
            journal.begin(key(1), NOW);
        }
        Files.writeString(folder.resolve("worker.journal.tmp"), "half a fi");
        try (WorkerJournal journal = open()) {
            assertConflict(() -> journal.begin(key(1), NOW));
        }
    }

    @Test
    void theFileIsShortenedWhileItIsOpen() throws IOException {
        try (WorkerJournal journal = new WorkerJournal(folder, NOW, new WorkerJournal.Limits(100, 4_000))) {
            journal.begin(key(1), NOW);
            long longest = 0;
            for (int tokens = 1; tokens <= 500; tokens++) {
                journal.vouched(key(1), voucher(key(1), tokens));
                longest = Math.max(longest, Files.size(file()));
            }
            assertThat(longest).isLessThan(6_000);
            assertThat(journal.vouchers()).containsExactly(voucher(key(1), 500));
        }
        try (WorkerJournal journal = open()) {
            assertThat(journal.vouchers()).containsExactly(voucher(key(1), 500));
            assertConflict(() -> journal.begin(key(1), NOW));
        }
    }

    @Test
    void noMoreAttemptsAreTakenThanCanBeRemembered() {
        try (WorkerJournal journal = new WorkerJournal(folder, NOW, new WorkerJournal.Limits(2, 4_000))) {
            journal.begin(key(1), NOW);
            journal.begin(key(2), NOW.plusSeconds(1));
            assertThatThrownBy(() -> journal.begin(key(3), NOW.plusSeconds(2)))
                    .isInstanceOfSatisfying(
                            DecentralException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.OVERLOADED));
            assertConflict(() -> journal.begin(key(1), NOW));
            journal.begin(key(3), NOW.plus(Duration.ofHours(2)).plusMillis(500));
            assertConflict(() -> journal.begin(key(2), NOW));
        }
    }

    @Test
    void whatWasNotTakenCannotBeStated() {
        try (WorkerJournal journal = open()) {
            assertThatThrownBy(() -> journal.stated(key(1), statement(key(1), 1)))
                    .isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void aJournalThatCannotBeWrittenTakesNothing() {
        WorkerJournal journal = open();
        journal.close();
        assertThatThrownBy(() -> journal.begin(key(1), NOW))
                .isInstanceOfSatisfying(
                        DecentralException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNAVAILABLE));
        assertConflict(() -> journal.begin(key(1), NOW));
    }
}

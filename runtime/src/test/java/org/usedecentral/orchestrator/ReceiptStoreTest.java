package org.usedecentral.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.usedecentral.receipt.SignedReceipt;
import org.usedecentral.spi.protocol.JobId;

final class ReceiptStoreTest {
    private final Path folder;
    private final Stage stage;
    private final SignedReceipt receipt;
    private final JobId job;

    ReceiptStoreTest(@TempDir Path folder) {
        this.folder = folder;
        stage = new Stage(folder);
        receipt = stage.proved(stage.terms(1));
        job = receipt.receipt().job();
    }

    private ReceiptStore store() {
        return new ReceiptStore(folder);
    }

    private Path outboxFile() {
        return folder.resolve("outbox").resolve(job + ".json");
    }

    private Path doneFile() {
        return folder.resolve("receipts")
                .resolve(job.toString().substring(0, 2))
                .resolve(job + ".json");
    }

    private List<String> files() throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile)
                    .map(file -> folder.relativize(file).toString())
                    .toList();
        }
    }

    @Test
    void aReceiptIsInTheOutboxUntilItIsFinished() throws IOException {
        ReceiptStore store = store();
        assertThat(store.find(job)).isEmpty();
        store.begin(receipt);
        assertThat(store.pending()).containsExactly(receipt);
        assertThat(store.find(job)).contains(receipt);
        store.finish(receipt);
        assertThat(store.pending()).isEmpty();
        assertThat(store.find(job)).contains(receipt);
        assertThat(files()).containsExactly(folder.relativize(doneFile()).toString());
    }

    @Test
    void aRestartFindsWhatWasLeft() {
        store().begin(receipt);
        SignedReceipt other = stage.unproved(stage.terms(2));
        store().begin(other);
        assertThat(store().pending()).containsExactlyInAnyOrder(receipt, other);
    }

    /** Killed while it wrote: the name that counts was not given yet. */
    @Test
    void aHalfWrittenFileIsNoReceipt() throws IOException {
        ReceiptStore store = store();
        Files.writeString(folder.resolve("outbox").resolve(job + ".json.tmp"), "{\"version\":1,");
        assertThat(store.pending()).isEmpty();
        assertThat(store.find(job)).isEmpty();
        store.begin(receipt);
        assertThat(store.pending()).containsExactly(receipt);
        assertThat(files()).containsExactly(folder.relativize(outboxFile()).toString());
    }

    /** Killed between filing a receipt and taking it out of the outbox. */
    @Test
    void aReceiptInBothPlacesIsDoneOnceMoreAndFinal() throws IOException {
        ReceiptStore store = store();
        store.begin(receipt);
        Files.createDirectories(doneFile().getParent());
        Files.copy(outboxFile(), doneFile());
        assertThat(store.pending()).containsExactly(receipt);
        store.finish(receipt);
        assertThat(store.pending()).isEmpty();
        assertThat(store.find(job)).contains(receipt);
    }

    @Test
    void aDamagedFileInTheOutboxDoesNotHideTheOthers() throws IOException {
        ReceiptStore store = store();
        store.begin(receipt);
        for (String damage : List.of("", "{\"version\":1}", "\0\0\0\0")) {
            Files.writeString(folder.resolve("outbox").resolve("damaged.json"), damage);
            assertThat(store.pending()).containsExactly(receipt);
            assertThat(files()).contains("outbox/damaged.json.damaged").doesNotContain("outbox/damaged.json");
        }
    }

    @Test
    void aDamagedFinalReceiptIsReplacedByThePendingOne() throws IOException {
        ReceiptStore store = store();
        store.begin(receipt);
        Files.createDirectories(doneFile().getParent());
        Files.writeString(doneFile(), "");
        assertThat(store.find(job)).contains(receipt);
        store.finish(receipt);
        assertThat(store.find(job)).contains(receipt);
    }
}

package org.usedecentral.process;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code decentral verify} on the receipt of a real job, and on what others might make of it. */
@Timeout(300)
final class VerifyIT {
    private static final Duration LIMIT = Duration.ofMinutes(3);
    private static final String OTHER_ID = "11111111111111111111111111111112";

    @TempDir
    private static Path folder;

    private static Path receipt;
    private static Path output;
    private static JsonNode good;

    @BeforeAll
    static void earnAReceipt() throws Exception {
        receipt = folder.resolve("receipt.json");
        output = folder.resolve("output.txt");
        List<String> words = List.of("demo", "--receipt", receipt.toString(), "--output-file", output.toString());
        try (Launched demo = Built.decentral("demo", words, Map.of())) {
            assertThat(demo.awaitExit(LIMIT)).as(demo.toString()).isZero();
        }
        good = new JsonMapper().readTree(receipt.toFile());
    }

    private static JsonNode verify(int code, Path file, String... options) throws Exception {
        List<String> words = new ArrayList<>(List.of("verify", file.toString(), "--json"));
        words.addAll(List.of(options));
        try (Launched verify = Built.decentral("verify", words, Map.of())) {
            assertThat(verify.awaitExit(LIMIT)).as(verify.toString()).isEqualTo(code);
            assertThat(verify.standardError()).isEmpty();
            return new JsonMapper().readTree(verify.standardOutput());
        }
    }

    private static Path written(String name, JsonNode content) throws Exception {
        return Files.writeString(folder.resolve(name), content.toString());
    }

    private static void assertRejected(Path file, String reason, String... options) throws Exception {
        JsonNode said = verify(1, file, options);
        assertThat(said.path("verified").asBoolean(true)).isFalse();
        assertThat(said.path("reason").asText()).contains(reason);
    }

    @Test
    void theReceiptIsRightAndSaysWhatWasNotChecked() throws Exception {
        JsonNode alone = verify(0, receipt);
        assertThat(alone.path("verified").asBoolean()).isTrue();
        assertThat(alone.path("unchecked").toString()).contains("--output", "--ledger-id", "no ledger");

        JsonNode full = verify(
                0,
                receipt,
                "--output",
                output.toString(),
                "--job",
                good.path("job").asText(),
                "--ledger-id",
                good.path("ledger").asText());
        assertThat(full.path("unchecked")).hasSize(1);
        assertThat(full.path("checked").toString()).contains("output is the one");
    }

    @Test
    void aChangedSummaryStatementOrSettlementIsNoticed() throws Exception {
        ObjectNode cheaper = good.deepCopy();
        ((ObjectNode) cheaper.path("summary"))
                .put("price", good.path("summary").path("price").asLong() - 1);
        assertRejected(written("cheaper.json", cheaper), "signature");

        ObjectNode renamed = good.deepCopy();
        ((ObjectNode) renamed.path("summary")).put("model", "a-better-model");
        assertRejected(written("renamed.json", renamed), "signature");

        ObjectNode stripped = good.deepCopy();
        stripped.putArray("statements");
        assertRejected(written("stripped.json", stripped), "");

        Path cut = Files.writeString(folder.resolve("cut.json"), good.toString().substring(0, 200));
        assertRejected(cut, "not JSON");
    }

    @Test
    void anotherOutputIsNoticed() throws Exception {
        Path other = Files.writeString(folder.resolve("other.txt"), Files.readString(output) + "!");
        assertRejected(receipt, "not the one that the worker signed for", "--output", other.toString());
        Path line = Files.writeString(folder.resolve("line.txt"), Files.readString(output) + "\n");
        assertRejected(receipt, "line break", "--output", line.toString());
    }

    @Test
    void anotherJobOrLedgerIsNoticed() throws Exception {
        assertRejected(receipt, good.path("job").asText(), "--job", OTHER_ID);
        assertRejected(receipt, good.path("ledger").asText(), "--ledger-id", OTHER_ID);
    }
}

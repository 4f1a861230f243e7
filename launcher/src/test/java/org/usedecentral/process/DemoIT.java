package org.usedecentral.process;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code decentral demo}, as a person runs it after the build has fetched engine and model. */
@Timeout(300)
final class DemoIT {
    private static final Duration LIMIT = Duration.ofMinutes(3);
    private static final String BASE58 = "[1-9A-HJ-NP-Za-km-z]";

    @TempDir
    Path folder;

    private Path temporary;
    private Path fetched;

    @BeforeEach
    void refuseToFetch() throws IOException {
        temporary = Files.createDirectory(folder.resolve("tmp"));
        fetched = folder.resolve("fetched");
        Path programs = Files.createDirectory(folder.resolve("bin"));
        for (String program : List.of("npm", "python3", "pip")) {
            Path stub = Files.writeString(
                    programs.resolve(program), "#!/bin/sh\necho \"$0 $@\" >>'" + fetched + "'\nexit 1\n");
            Files.setPosixFilePermissions(stub, PosixFilePermissions.fromString("rwx------"));
        }
    }

    /** Fetching programs that only note that they were called, and a place for temporary files of this test alone. */
    private Map<String, String> environment() {
        return Map.of(
                "DECENTRAL_BUILD",
                "no",
                "PATH",
                folder.resolve("bin") + ":" + System.getenv("PATH"),
                "DECENTRAL_JAVA_OPTIONS",
                "-Xmx320m -Djava.io.tmpdir=" + temporary);
    }

    private static Path script() {
        return Path.of(System.getProperty("basedir", ""))
                .toAbsolutePath()
                .resolve("../decentral")
                .normalize();
    }

    private Launched demo(String... options) throws IOException {
        List<String> words = new ArrayList<>(List.of("demo"));
        words.addAll(List.of(options));
        return Built.decentral("demo", words, environment());
    }

    private static List<String> leftBehind(Path temporary) throws IOException {
        try (Stream<Path> entries = Files.list(temporary)) {
            return entries.map(entry -> entry.getFileName().toString())
                    .filter(name -> name.startsWith("decentral"))
                    .toList();
        }
    }

    @Test
    void theDemoPrintsTheAnswerThePaymentTheProofAndAVerifiedReceipt() throws Exception {
        try (Launched demo = demo()) {
            assertThat(demo.awaitExit(LIMIT)).as(demo.toString()).isZero();
            String out = demo.standardOutput();
            assertThat(out).contains("Question:  Name the capital of France.");
            assertThat(out).containsPattern("(?m)^Answer: .*Paris");
            assertThat(out).containsPattern("(?m)^escrow +transaction +" + BASE58 + "{32,88}$");
            assertThat(out).containsPattern("(?m)^proof +worker +" + BASE58 + "{32,44}$");
            assertThat(out).containsPattern("(?m)^ +output digest +[0-9a-f]{64}$");
            assertThat(out).containsPattern("(?m)^ +signature +" + BASE58 + "{64,88}$");
            assertThat(out).containsPattern("(?m)^ +tokens +[1-9][0-9]* in, [1-9][0-9]* out$");
            assertThat(out).containsPattern("(?m)^price +0\\.[0-9]{6} USDC of 0\\.[0-9]{6} USDC locked");
            assertThat(out).containsPattern("(?m)^split +worker +0\\.[0-9]{6} USDC, held until 20[0-9T:.-]+Z$");
            assertThat(out).containsPattern("(?m)^ +orchestrator +0\\.(?!000000)[0-9]{6} USDC$");
            assertThat(out).containsPattern("(?m)^ +treasury +0\\.(?!000000)[0-9]{6} USDC$");
            assertThat(out).containsPattern("(?m)^settled +transaction +" + BASE58 + "{32,88}$");
            assertThat(out.lines().toList()).last().isEqualTo("receipt verified");
            assertThat(demo.standardError()).isEmpty();
        }
        assertThat(fetched).as("nothing is fetched again").doesNotExist();
        assertThat(leftBehind(temporary)).isEmpty();
    }

    @Test
    void aScriptGetsOneObjectAndCanVerifyWhatWasSaved() throws Exception {
        Path receipt = folder.resolve("receipt.json");
        Path output = folder.resolve("output.txt");
        JsonNode said;
        try (Launched demo = demo("--json", "--receipt", receipt.toString(), "--output-file", output.toString())) {
            assertThat(demo.awaitExit(LIMIT)).as(demo.toString()).isZero();
            said = new JsonMapper().readTree(demo.standardOutput());
        }
        assertThat(said.path("answer").asText()).contains("Paris").isEqualTo(Files.readString(output));
        assertThat(said.path("receipt").path("settlement").asText()).isEqualTo("settled");
        List<String> verify = List.of(
                "verify",
                receipt.toString(),
                "--output",
                output.toString(),
                "--job",
                said.path("job").asText(),
                "--ledger-id",
                said.path("receipt").path("ledger").asText());
        try (Launched verified = Built.decentral("verify", verify, environment())) {
            assertThat(verified.awaitExit(LIMIT)).as(verified.toString()).isZero();
            assertThat(verified.standardOutput())
                    .contains("ok   output is the one")
                    .endsWith("receipt verified\n");
        }
    }

    @Test
    void aDemoThatCannotRunSaysWhyInOneLineAndFails() throws Exception {
        try (Launched demo = demo("--set", "backends.0.library=" + folder.resolve("nowhere"))) {
            assertThat(demo.awaitExit(LIMIT)).isEqualTo(1);
            assertThat(demo.standardError().lines().toList()).hasSize(2);
            assertThat(demo.standardError())
                    .startsWith("decentral: ")
                    .contains(folder.resolve("nowhere").toString());
            assertThat(demo.standardOutput()).doesNotContain("receipt verified");
        }
        assertThat(leftBehind(temporary)).isEmpty();
    }

    @Test
    void aDemoThatIsStoppedCleansUp() throws Exception {
        try (Launched demo = demo()) {
            demo.awaitLine(Pattern.compile("^Starting"), LIMIT);
            assertThat(demo.stop()).as("as every program that SIGTERM ends").isEqualTo(143);
            assertThat(demo.standardOutput()).doesNotContain("receipt verified");
        }
        assertThat(leftBehind(temporary)).isEmpty();
    }

    @Test
    void itRunsThroughALinkFromAnyFolder() throws Exception {
        Path hop = Files.createSymbolicLink(folder.resolve("hop"), script());
        Path link = Files.createSymbolicLink(folder.resolve("decentral"), hop.getFileName());
        var command = new Launched.Command("version", List.of(link.toString(), "version"), temporary, environment());
        try (Launched version = Launched.start(command)) {
            assertThat(version.awaitExit(LIMIT)).as(version.toString()).isZero();
            assertThat(version.standardOutput()).containsPattern("(?m)^decentral +[0-9]+\\.[0-9]+\\.[0-9]+$");
        } finally {
            // JUnit warns of links that lead out of the folder it deletes.
            Files.delete(link);
            Files.delete(hop);
        }
    }
}

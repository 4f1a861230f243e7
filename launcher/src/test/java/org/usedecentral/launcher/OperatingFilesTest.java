package org.usedecentral.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.usedecentral.node.NodeConfig;

/** The files of docs/operating say what the executable does. */
final class OperatingFilesTest {
    private static final Path ROOT = Path.of(System.getProperty("basedir", ""))
            .toAbsolutePath()
            .resolve("..")
            .normalize();

    private static String read(String name) throws Exception {
        return Files.readString(ROOT.resolve("docs/operating").resolve(name));
    }

    @Test
    void theUnitWaitsLongerThanAWorkerDrainsAndKnowsItsExitCode() throws Exception {
        String unit = read("decentral-worker.service");
        Matcher stop = Pattern.compile("(?m)^TimeoutStopSec=(\\d+)$").matcher(unit);
        assertThat(stop.find()).isTrue();
        Duration drain = NodeConfig.create().worker().drainTimeout();
        assertThat(Duration.ofSeconds(Long.parseLong(stop.group(1)))).isGreaterThan(drain.plusSeconds(30));
        assertThat(unit)
                .containsPattern("(?m)^SuccessExitStatus=143$")
                .containsPattern("(?m)^ExecStart=/opt/decentral/decentral worker --gateway ")
                .containsPattern("(?m)^Environment=DECENTRAL_BUILD=no$");
    }

    @Test
    void whatTheContainerFileCopiesIsWhatTheStartScriptReads() throws Exception {
        String script = Files.readString(ROOT.resolve("decentral"));
        String container = read("Containerfile");
        assertThat(script).contains("$root/launcher/target/decentral/lib", "$root/build/find-jdk.sh");
        assertThat(container)
                .contains(
                        "/src/launcher/target/decentral/lib /opt/decentral/launcher/target/decentral/lib",
                        "/src/build/find-jdk.sh /opt/decentral/build/find-jdk.sh",
                        "/src/decentral /opt/decentral/decentral");
        assertThat(ROOT.resolve("build/find-jdk.sh")).exists();
    }
}

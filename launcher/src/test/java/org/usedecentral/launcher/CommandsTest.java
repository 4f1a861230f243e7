package org.usedecentral.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

@Timeout(60)
final class CommandsTest {
    @TempDir
    Path home;

    private Ran run(String... arguments) {
        return Ran.command(Ran.Setting.of(home), arguments);
    }

    static Stream<CommandLine> commands() {
        Session session =
                new Session(Terminal.ofProcess(), Shutdown.never(), new Surroundings(Map.of(), Map.of(), Path.of("")));
        CommandLine root = Commands.commandLine(session);
        return Stream.concat(
                Stream.of(root),
                root.getSubcommands().values().stream()
                        .flatMap(command ->
                                Stream.concat(Stream.of(command), command.getSubcommands().values().stream())));
    }

    @ParameterizedTest
    @MethodSource("commands")
    void everyCommandExplainsItselfAndEachOption(CommandLine command) {
        assertThat(command.getCommandSpec().usageMessage().header()).isNotEmpty();
        for (OptionSpec option : command.getCommandSpec().options()) {
            assertThat(option.description()).as(option.longestName()).isNotEmpty();
        }
        Ran help = run((command.getCommandSpec().qualifiedName() + " --help")
                .substring("decentral ".length())
                .split(" "));
        assertThat(help.code()).isZero();
        assertThat(help.out()).contains("Usage: " + command.getCommandSpec().qualifiedName());
        assertThat(help.err()).isEmpty();
    }

    @Test
    void theHelpShowsEveryCommandInItsGroup() {
        Ran help = run("--help");
        assertThat(help.code()).isZero();
        assertThat(help.out()).contains("Start here:", "Run a part of the network:", "Use it:", "Look after it:");
        Commands.commandLine(
                        new Session(Terminal.ofProcess(), Shutdown.never(), new Surroundings(Map.of(), Map.of(), home)))
                .getSubcommands()
                .keySet()
                .forEach(name -> assertThat(help.out()).contains("  " + name + " "));
    }

    @ParameterizedTest
    @MethodSource("wrongCommandLines")
    void aWrongCommandLineIsOneLineAndCodeTwo(String commandLine) {
        Ran ran = run(commandLine.split(" "));
        assertThat(ran.code()).isEqualTo(2);
        assertThat(ran.out()).isEmpty();
        assertThat(ran.errors()).hasSize(2);
        assertThat(ran.errors().getFirst()).startsWith("decentral: ");
        assertThat(ran.errors().getLast()).startsWith("Try 'decentral");
    }

    static Stream<String> wrongCommandLines() {
        return Stream.of(
                "fly",
                "up --prt 1",
                "up --port many",
                "up --set gateway.port",
                "worker",
                "worker --gateway http://127.0.0.1:1 --orchestrator-account zzz",
                "verify",
                "verify a.json --job 0OIl",
                "verify a.json --ledger-id 1",
                "credits deposit five",
                "credits deposit -1",
                "credits deposit 0.0000001",
                "keys create");
    }

    @Test
    void aCommandThatOnlyHasCommandsShowsThemAndFails() {
        assertThat(run().code()).isEqualTo(2);
        Ran keys = run("keys");
        assertThat(keys.code()).isEqualTo(2);
        assertThat(keys.err()).contains("create", "list", "revoke");
    }

    @Test
    void anErrorIsALineWithItsRemedyAndCodeOneAndATraceOnlyWhenAskedFor() {
        Ran ran = run("verify", home.resolve("none.json").toString());
        assertThat(ran.code()).isEqualTo(1);
        assertThat(ran.errors()).hasSize(2);
        assertThat(ran.errors().getLast()).startsWith("INVALID_REQUEST: ");
        assertThat(ran.err()).startsWith("decentral: there is no file").doesNotContain("\tat ");

        assertThat(run("verify", home.resolve("none.json").toString(), "--verbose")
                        .err())
                .contains("\tat org.usedecentral.launcher");
    }

    @Test
    void commandsThatNeedANodeSayWhichDirectoryHasNone() {
        assertThat(run("keys", "list").err())
                .contains(home.resolve(".decentral").toString());
        assertThat(run("credits").err()).contains("decentral up");
        assertThat(run("credits", "deposit", "1").code()).isEqualTo(1);
        assertThat(run("chat", "hello").err()).contains("DECENTRAL_API_KEY");
    }

    @Test
    void aGatewayThatDoesNotAnswerIsNamed() {
        Ran ran = run("chat", "--key", "dk-x", "--base-url", "http://127.0.0.1:1", "hello");
        assertThat(ran.code()).isEqualTo(1);
        assertThat(ran.err())
                .contains("no gateway answers at http://127.0.0.1:1/v1")
                .doesNotContain("dk-x");
        assertThat(run("chat", "--key", "x", "--base-url", "ftp://a", "hello").code())
                .isEqualTo(1);
    }

    @Test
    void aTakenPortIsSaidBeforeAnythingIsLoaded() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Ran ran = run("up", "--port", Integer.toString(taken.getLocalPort()));
            assertThat(ran.code()).isEqualTo(1);
            assertThat(ran.err()).contains("127.0.0.1:" + taken.getLocalPort(), "--port");
        }
    }

    @Test
    void theDataDirectoryOfTheEnvironmentIsUsed() {
        Path other = home.resolve("other");
        Ran ran =
                Ran.command(new Ran.Setting(home, Map.of("DECENTRAL_DATA_DIR", other.toString()), ""), "keys", "list");
        assertThat(ran.err()).contains(other.toString());
    }

    @Test
    void theConfigurationInTheDataDirectoryIsRead() throws Exception {
        Path directory = Files.createDirectories(home.resolve(".decentral"));
        Files.writeString(directory.resolve("decentral.yaml"), "gatewy: {port: 1}\n");
        Ran ran = run("up");
        assertThat(ran.code()).isEqualTo(1);
        assertThat(ran.err()).contains("gatewy");
    }

    @Test
    void versionIsJsonWhereAsked() {
        assertThat(GatewayClient.parse(run("version", "--json").out().getBytes(java.nio.charset.StandardCharsets.UTF_8))
                        .path("plugin_api")
                        .isInt())
                .isTrue();
    }

    @Test
    void keysAreMadeListedAndRevoked() throws Exception {
        Files.createDirectories(home.resolve(".decentral"));
        String payer = "11111111111111111111111111111112";
        Ran made = run("keys", "create", "mine", "--payer", payer);
        assertThat(made.code()).isZero();
        String secret = made.out().strip();
        assertThat(secret).matches("dk-[A-Za-z0-9_-]{43}");
        assertThat(made.err()).doesNotContain(secret);

        Ran listed = run("keys", "list");
        assertThat(listed.out()).contains("mine", payer).doesNotContain(secret);
        String id = listed.out().split(" ", 2)[0];

        assertThat(run("keys", "revoke", id).code()).isZero();
        assertThat(run("keys", "list").out()).isEmpty();
        assertThat(run("keys", "revoke", id).err()).contains(id);
    }
}

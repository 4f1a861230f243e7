package org.usedecentral.launcher;

import java.util.List;
import java.util.Locale;
import org.usedecentral.models.CatalogueEntry.Kind;
import picocli.CommandLine;
import picocli.CommandLine.Model.UsageMessageSpec;

/** The commands by what a person wants, in the order of the help. Stateless. */
final class CommandGroups {
    private CommandGroups() {}

    private record Group(String title, List<CommandLine> commands) {}

    private static List<Group> groups(Session session) {
        CommandLine keys = new CommandLine(new KeysCommand())
                .addSubcommand(new KeysCommand.Create(session))
                .addSubcommand(new KeysCommand.ListKeys(session))
                .addSubcommand(new KeysCommand.Revoke(session));
        CommandLine credits =
                new CommandLine(new CreditsCommand(session)).addSubcommand(new CreditsCommand.Deposit(session));
        CommandLine models = new CommandLine(new ModelsCommand())
                .addSubcommand(new ModelsCommand.Search(session))
                .addSubcommand(new ArtifactCommands.Pull(session, Kind.MODEL))
                .addSubcommand(new ModelsCommand.ListModels(session))
                .addSubcommand(new ArtifactCommands.Remove(session, Kind.MODEL))
                .addSubcommand(new ArtifactCommands.Verify(session, Kind.MODEL))
                .addSubcommand(new ImportCommand(session));
        CommandLine engines = new CommandLine(new EnginesCommand())
                .addSubcommand(new EnginesCommand.ListEngines(session))
                .addSubcommand(new ArtifactCommands.Pull(session, Kind.ENGINE))
                .addSubcommand(new ArtifactCommands.Remove(session, Kind.ENGINE))
                .addSubcommand(new ArtifactCommands.Verify(session, Kind.ENGINE));
        CommandLine worker =
                new CommandLine(new WorkerCommand(session)).addSubcommand(new WorkerStatusCommand(session));
        return List.of(
                new Group(
                        "Start here:",
                        List.of(
                                new CommandLine(new DemoCommand(session)),
                                new CommandLine(new DoctorCommand(session)))),
                new Group(
                        "Run a part of the network:",
                        List.of(
                                new CommandLine(new UpCommand(session)),
                                new CommandLine(new GatewayCommand(session)),
                                worker,
                                new CommandLine(new BenchCommand(session)))),
                new Group(
                        "Use it:",
                        List.of(
                                new CommandLine(new ChatCommand(session)),
                                new CommandLine(new VerifyCommand(session)))),
                new Group(
                        "Look after it:",
                        List.of(
                                models,
                                engines,
                                keys,
                                credits,
                                new CommandLine(new ExplainCommand(session)),
                                new CommandLine(new VersionCommand(session)))));
    }

    static void addTo(CommandLine root, Session session) {
        List<Group> groups = groups(session);
        for (Group group : groups) {
            group.commands().forEach(root::addSubcommand);
        }
        root.getHelpSectionMap().put(UsageMessageSpec.SECTION_KEY_COMMAND_LIST_HEADING, help -> "");
        root.getHelpSectionMap().put(UsageMessageSpec.SECTION_KEY_COMMAND_LIST, help -> list(groups));
    }

    private static String list(List<Group> groups) {
        StringBuilder text = new StringBuilder();
        for (Group group : groups) {
            text.append(String.format(Locale.ROOT, "%n%s%n", group.title()));
            for (CommandLine command : group.commands()) {
                String header = command.getCommandSpec().usageMessage().header()[0];
                text.append(String.format(Locale.ROOT, "  %-9s %s%n", command.getCommandName(), header));
            }
        }
        return text.append(String.format(Locale.ROOT, "%n'decentral COMMAND --help' says more.%n"))
                .toString();
    }
}

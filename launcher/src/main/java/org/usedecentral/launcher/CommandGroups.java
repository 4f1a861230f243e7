package org.usedecentral.launcher;

import java.util.List;
import picocli.CommandLine;

/** The commands by what a person wants, in the order of the help. Stateless. */
final class CommandGroups {
    private CommandGroups() {}

    private record Group(String title, List<Object> commands) {}

    private static List<Group> groups(Session session) {
        return List.of(new Group("Start here:", List.of(new DemoCommand(session))));
    }

    static void addTo(CommandLine root, Session session) {
        for (Group group : groups(session)) {
            for (Object command : group.commands()) {
                root.addSubcommand(command);
            }
        }
    }
}

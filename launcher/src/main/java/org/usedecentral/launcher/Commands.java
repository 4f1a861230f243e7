package org.usedecentral.launcher;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.protocol.JobId;
import org.usedecentral.spi.protocol.LedgerId;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.ParseResult;

/** The commands, and what becomes of their errors: one line, and an exit code that says whose fault it was. Stateless. */
final class Commands {
    /** A wrong command line. */
    static final int USAGE = 2;

    static final int FAILED = 1;

    /** What a shell expects of a command that Ctrl-C ended. */
    static final int INTERRUPTED = 130;

    private Commands() {}

    /** The root, which only shows help. */
    @Command(
            name = "decentral",
            header = "A network in which anyone sells LLM inference and anyone buys it.",
            synopsisSubcommandLabel = "COMMAND",
            description = "Every job is escrowed, proved and settled; the receipt can be checked offline.")
    static final class Root {
        @Mixin
        final CommonOptions common = new CommonOptions();
    }

    /** Runs what the arguments say; the exit code. */
    static int execute(Session session, String... arguments) {
        return commandLine(session).execute(arguments);
    }

    static CommandLine commandLine(Session session) {
        CommandLine root = new CommandLine(new Root());
        CommandGroups.addTo(root, session);
        root.setOut(writer(session.terminal().out()));
        root.setErr(writer(session.terminal().err()));
        root.setColorScheme(CommandLine.Help.defaultColorScheme(
                session.terminal().interactive().out() ? CommandLine.Help.Ansi.AUTO : CommandLine.Help.Ansi.OFF));
        root.setUsageHelpAutoWidth(true);
        root.registerConverter(Account.class, text -> read("an account", text, Account::parse));
        root.registerConverter(JobId.class, text -> read("a job's id", text, JobId::parse));
        root.registerConverter(LedgerId.class, text -> read("a ledger's id", text, LedgerId::parse));
        root.registerConverter(Money.Amount.class, text -> read("an amount", text, Money.Amount::parse));
        root.registerConverter(BackendSpec.class, text -> read("a backend", text, BackendSpec::parse));
        root.setCaseInsensitiveEnumValuesAllowed(true);
        root.setExecutionStrategy(parsed -> {
            ParseResult last = parsed;
            while (last.hasSubcommand()) {
                last = last.subcommand();
            }
            Logging.configure(detail(last));
            if (CommandLine.printHelpIfRequested(parsed)) {
                return 0;
            }
            if (!(last.commandSpec().userObject() instanceof Callable)) {
                last.commandSpec().commandLine().usage(session.terminal().err());
                return USAGE;
            }
            return new CommandLine.RunLast().execute(parsed);
        });
        root.setParameterExceptionHandler((e, args) -> usage(session, e));
        root.setExecutionExceptionHandler((e, command, parsed) -> failed(session, e));
        return root;
    }

    private static <T> T read(String what, String text, Function<String, T> parser) {
        try {
            return parser.apply(text);
        } catch (IllegalArgumentException e) {
            throw new CommandLine.TypeConversionException("'" + text + "' is not " + what + ": " + e.getMessage());
        }
    }

    private static PrintWriter writer(java.io.PrintStream stream) {
        return new PrintWriter(stream, true, StandardCharsets.UTF_8);
    }

    private static Logging.Detail detail(ParseResult command) {
        if (command.hasMatchedOption("--verbose")) {
            return Logging.Detail.VERBOSE;
        }
        return command.commandSpec().userObject() instanceof RunsNode ? Logging.Detail.NORMAL : Logging.Detail.QUIET;
    }

    private static int usage(Session session, CommandLine.ParameterException e) {
        CommandLine command = e.getCommandLine();
        session.terminal().err().println("decentral: " + oneLine(String.valueOf(e.getMessage())));
        session.terminal().err().println("Try '" + command.getCommandSpec().qualifiedName() + " --help'.");
        return USAGE;
    }

    private static int failed(Session session, Exception e) {
        var err = session.terminal().err();
        if (session.shutdown().requested()) {
            err.println("decentral: stopped");
            return INTERRUPTED;
        }
        if (e instanceof DecentralException known) {
            err.println("decentral: " + oneLine(known.message()));
            err.println(known.code() + ": " + Remedies.of(known.code()).whatToDo());
        } else {
            err.println("decentral: this should not happen: " + oneLine(String.valueOf(e))
                    + (Logging.detail() == Logging.Detail.VERBOSE ? "" : "; --verbose shows where"));
        }
        if (Logging.detail() == Logging.Detail.VERBOSE) {
            e.printStackTrace(err);
        }
        return FAILED;
    }

    private static String oneLine(String message) {
        return message.replaceAll("\\s*[\\r\\n]+\\s*", " ").strip();
    }
}

package org.usedecentral.launcher;

import picocli.CommandLine.Option;

/** Options of every command. */
final class CommonOptions {
    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            order = 90,
            description = "Shows this help.")
    boolean help;

    @Option(
            names = {"-v", "--verbose"},
            order = 91,
            description = "Logs more, and shows stack traces.")
    boolean verbose;
}

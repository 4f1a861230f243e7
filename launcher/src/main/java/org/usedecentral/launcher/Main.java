package org.usedecentral.launcher;

/** Where the process begins. */
public final class Main {
    private Main() {}

    /** Runs one command and ends the process with its exit code. */
    public static void main(String[] arguments) {
        Shutdown shutdown = Shutdown.install();
        Session session = new Session(Terminal.ofProcess(), shutdown, Surroundings.ofProcess());
        int code = Commands.execute(session, arguments);
        shutdown.finished();
        System.exit(shutdown.exitCode(code));
    }
}

package org.usedecentral.launcher;

/** What one run of the executable has around it. */
record Session(Terminal terminal, Shutdown shutdown, Surroundings surroundings) {
    /** The same, where what is printed for people goes nowhere: a command that prints JSON prints nothing else. */
    Session silent() {
        return new Session(terminal.silent(), shutdown, surroundings);
    }
}

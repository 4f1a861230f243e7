package org.usedecentral.launcher;

import org.usedecentral.measure.Comparison;
import org.usedecentral.measure.Contender;
import org.usedecentral.measure.Workload;

/** Says what is measured now: one line that changes where a person looks, else one a round. One thread. */
final class BenchProgress implements Comparison.Listener {
    private static final int WIDTH = 78;

    private final Terminal terminal;
    private final int rounds;
    private int said = -1;
    private boolean open;

    BenchProgress(Terminal terminal, int rounds) {
        this.terminal = terminal;
        this.rounds = rounds;
    }

    @Override
    public void next(int round, Contender contender, Workload workload) {
        String phase = round == 0 ? "warming up" : "round " + round + " of " + rounds;
        if (terminal.interactive().err()) {
            String text = phase + ": " + contender.name() + ", " + streams(workload);
            terminal.err().print("\r" + text + " ".repeat(Math.max(0, WIDTH - text.length())));
            terminal.err().flush();
            open = true;
        } else if (round != said) {
            terminal.err().println(phase);
        }
        said = round;
    }

    static String streams(Workload workload) {
        return workload.streams() + (workload.streams() == 1 ? " stream" : " streams");
    }

    /** Leaves the line that changes. */
    void end() {
        if (open) {
            terminal.err().print("\r" + " ".repeat(WIDTH) + "\r");
            terminal.err().flush();
        }
    }
}

package org.usedecentral.launcher;

import java.time.Duration;
import org.usedecentral.node.Node;

/** Lets a node's jobs finish before it is closed. */
final class Draining {
    private Draining() {}

    /** How long a node of this configuration may take, told before it can be stopped. */
    static void allow(Node node, Session session) {
        session.shutdown().allow(limit(node));
    }

    private static Duration limit(Node node) {
        return node.configuration().worker().drainTimeout();
    }

    /** Waits for what runs, so long as the configuration allows and no second signal comes; says what it waits for. */
    static void of(Node node, Session session) {
        var err = session.terminal().err();
        err.println("stopping…");
        session.shutdown().drain(() -> {
            int running = node.runningJobs();
            if (running > 0) {
                err.println("waiting up to " + limit(node).toSeconds() + " s for " + running
                        + (running == 1 ? " job" : " jobs") + "; Ctrl-C or SIGTERM again ends "
                        + (running == 1 ? "it" : "them"));
            }
            if (!node.drain(limit(node))) {
                err.println("ending " + node.runningJobs() + " jobs that still run");
            }
        });
    }
}

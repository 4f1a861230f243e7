package org.usedecentral.child;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A process and those it started. Stateless. */
public final class ProcessTree {
    private static final Duration GRACE = Duration.ofSeconds(2);

    private ProcessTree() {}

    /** Ends them: asks first, and forces what is still there two seconds later. Does nothing where all have ended; an interrupt waits until it is done. */
    public static void end(Process process) {
        List<ProcessHandle> family = process.descendants().toList();
        if (!process.isAlive() && family.isEmpty()) {
            return;
        }
        family.forEach(ProcessHandle::destroy);
        process.destroy();
        boolean interrupted = Thread.interrupted();
        try {
            if (!process.waitFor(GRACE.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            interrupted = true;
        } finally {
            family.stream().filter(ProcessHandle::isAlive).forEach(ProcessHandle::destroyForcibly);
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}

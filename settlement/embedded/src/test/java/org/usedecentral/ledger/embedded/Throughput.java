package org.usedecentral.ledger.embedded;

import io.helidon.config.Config;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.usedecentral.spi.protocol.LedgerOperation;
import org.usedecentral.spi.protocol.SignedOperation;
import org.usedecentral.testkit.TurnableClock;

/**
 * Measures writes a second; run by hand. Arguments: an empty folder, callers, operations of each, and {@code verified} to leave the
 * signatures out of the measurement, so that what remains is the writer.
 */
final class Throughput {
    private Throughput() {}

    public static void main(String[] arguments) throws Exception {
        int callers = Integer.parseInt(arguments[1]);
        int operations = Integer.parseInt(arguments[2]);
        boolean verified = arguments.length > 3 && arguments[3].equals("verified");
        Path folder = Path.of(arguments[0]);
        long started = System.nanoTime();
        try (Scene scene = new Scene(folder, new TurnableClock(), EmbeddedLedgerConfig.read(Config.empty())).start()) {
            System.out.printf(Locale.ROOT, "started in %.2f s%n", seconds(started));
            List<List<SignedOperation>> scripts = new ArrayList<>();
            for (int caller = 0; caller < callers; caller++) {
                Script script = new Script(scene.ledger().id(), caller);
                scripts.add(IntStream.range(0, operations)
                        .mapToObj(script::operation)
                        .toList());
            }
            measure(scene, scripts, verified);
        }
        started = System.nanoTime();
        new Scene(folder).start().close();
        System.out.printf(Locale.ROOT, "checked and started again in %.2f s%n", seconds(started));
        started = System.nanoTime();
        JournalAudit.Report report = new Scene(folder).audit();
        System.out.printf(
                Locale.ROOT,
                "audited %d entries of %d commits in %.2f s%n",
                report.entries(),
                report.commits(),
                seconds(started));
    }

    private static void measure(Scene scene, List<List<SignedOperation>> scripts, boolean verified) throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Duration cpu = cpu();
            long started = System.nanoTime();
            List<Callable<Integer>> callers = scripts.stream()
                    .<Callable<Integer>>map(script -> () -> {
                        for (SignedOperation operation : script) {
                            var committed = verified
                                    ? scene.ledger().write(unchecked(operation))
                                    : scene.ledger().submit(operation);
                            if (committed.position() < 0) {
                                throw new IllegalStateException("not written");
                            }
                        }
                        return script.size();
                    })
                    .toList();
            int total = 0;
            for (Future<Integer> done : threads.invokeAll(callers)) {
                total += done.get();
            }
            System.out.printf(
                    Locale.ROOT,
                    "%d callers, %d writes%s: %.0f a second, %d us of CPU each%n",
                    scripts.size(),
                    total,
                    verified ? " without signatures" : "",
                    total / seconds(started),
                    cpu().minus(cpu).toNanos() / 1_000 / total);
        }
    }

    /** As if its signatures had been checked. */
    private static Verified unchecked(SignedOperation operation) {
        return Verified.of(
                operation,
                LedgerOperation.decode(operation.body()),
                operation.signatures().getFirst().account());
    }

    /** What the process used, which says more than the wall clock of a busy machine. */
    private static Duration cpu() {
        return ProcessHandle.current().info().totalCpuDuration().orElse(Duration.ZERO);
    }

    private static double seconds(long since) {
        return (System.nanoTime() - since) / (double) TimeUnit.SECONDS.toNanos(1);
    }
}

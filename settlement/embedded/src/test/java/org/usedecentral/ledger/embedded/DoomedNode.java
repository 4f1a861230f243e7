package org.usedecentral.ledger.embedded;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.usedecentral.spi.ledger.Committed;

/**
 * A process that writes with many callers until it is killed. Arguments: the folder, the operations of each caller, and for each caller
 * the first of its operations that was never confirmed. It says every confirmed write: {@code caller index position transaction .}
 */
final class DoomedNode {
    private DoomedNode() {}

    public static void main(String[] arguments) throws Exception {
        int operations = Integer.parseInt(arguments[1]);
        int callers = arguments.length - 2;
        try (Scene scene = new Scene(Path.of(arguments[0])).start();
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Callable<Void>> scripts = IntStream.range(0, callers)
                    .<Callable<Void>>mapToObj(caller -> () -> {
                        write(scene, caller, Integer.parseInt(arguments[caller + 2]), operations);
                        return null;
                    })
                    .toList();
            for (Future<Void> done : threads.invokeAll(scripts)) {
                done.get();
            }
        }
    }

    private static void write(Scene scene, int caller, int from, int to) {
        Script script = new Script(scene.ledger().id(), caller);
        for (int i = from; i < to; i++) {
            Committed committed = scene.ledger().submit(script.operation(i));
            String line = caller + " " + i + " " + committed.position() + " " + committed.transaction() + " .\n";
            synchronized (System.out) {
                System.out.print(line);
                System.out.flush();
            }
        }
    }
}

package org.usedecentral.testkit.engine;

import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import org.usedecentral.engine.EngineLimits;
import org.usedecentral.engine.EngineProcess;
import org.usedecentral.time.SystemTimers;

/** A process that starts an engine host, says its process id and waits to be killed. */
final class LonelyWorker {
    private LonelyWorker() {}

    public static void main(String[] arguments) throws InterruptedException {
        Path directory = Path.of(arguments[0]);
        SystemTimers timers = new SystemTimers(SystemTimers.CLOCK);
        EngineProcess engine = TestHost.create(TestHost.parts(timers, directory, EngineLimits.DEFAULT));
        engine.start(TestHost.context(directory));
        System.out.println(engine.pid().orElseThrow());
        new CountDownLatch(1).await();
    }
}

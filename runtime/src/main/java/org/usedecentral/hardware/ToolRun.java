package org.usedecentral.hardware;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.usedecentral.child.ProcessTree;

/** Runs a driver's tool: for a limited time, and reading a limited output. Thread-safe. */
final class ToolRun implements DriverTools.Tool {
    private static final Duration LIMIT = Duration.ofSeconds(10);
    private static final int MOST_BYTES = 1 << 20;
    private static final int MOST_WORDS = 200;

    private final Duration limit;

    ToolRun() {
        this(LIMIT);
    }

    ToolRun(Duration limit) {
        this.limit = limit;
    }

    @Override
    public DriverTools.Output run(List<String> command) throws InterruptedException {
        Process process;
        try {
            process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
        } catch (IOException e) {
            return DriverTools.Output.MISSING;
        }
        try {
            // So that a tool which asks a question gets an end of file, not silence.
            process.getOutputStream().close();
            FutureTask<byte[]> output = new FutureTask<>(() -> read(process.getInputStream()));
            Thread.ofVirtual().name("decentral-tool-output").start(output);
            byte[] bytes = output.get(limit.toNanos(), TimeUnit.NANOSECONDS);
            if (bytes.length > MOST_BYTES) {
                return DriverTools.Output.failed("prints more than " + (MOST_BYTES >> 10) + " KiB");
            }
            if (!process.waitFor(limit.toNanos(), TimeUnit.NANOSECONDS)) {
                return DriverTools.Output.failed("does not end within " + limit.toSeconds() + " s");
            }
            String text = new String(bytes, StandardCharsets.UTF_8);
            return process.exitValue() == 0
                    ? new DriverTools.Output(text, "")
                    : DriverTools.Output.failed("ends with " + process.exitValue() + ": " + words(text));
        } catch (TimeoutException e) {
            return DriverTools.Output.failed("does not answer within " + limit.toSeconds() + " s");
        } catch (IOException | ExecutionException e) {
            return DriverTools.Output.failed("cannot be read: " + e.getMessage());
        } finally {
            ProcessTree.end(process);
        }
    }

    private static byte[] read(InputStream stream) throws IOException {
        return stream.readNBytes(MOST_BYTES + 1);
    }

    private static String words(String text) {
        String line = text.strip().replaceAll("\\s+", " ");
        return line.substring(0, Math.min(line.length(), MOST_WORDS));
    }
}

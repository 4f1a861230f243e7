package org.usedecentral.engine;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.Plugin;
import org.usedecentral.spi.PluginContext;
import org.usedecentral.spi.Signer;
import org.usedecentral.time.SystemTimers;

/** What the engine host lends the backend: artifacts are the worker's, who fetches them and shows progress; keys are not for engines. Thread-safe. */
final class HostContext implements PluginContext {
    private final FrameWriter writer;
    private final Executor aside = FrameWriter.aside();
    private final AtomicInteger asked = new AtomicInteger();
    private final Map<Integer, CompletableFuture<String>> questions = new ConcurrentHashMap<>();
    private volatile @Nullable Path directory;

    HostContext(FrameWriter writer) {
        this.writer = writer;
    }

    void use(Path dataDirectory) {
        directory = dataDirectory;
    }

    @Override
    public Clock clock() {
        return SystemTimers.CLOCK;
    }

    @Override
    public Path dataDirectory() {
        Path known = directory;
        if (known == null) {
            throw new IllegalStateException("the backend is not configured yet");
        }
        return known;
    }

    @Override
    public <P extends Plugin> List<P> plugins(Class<P> contract) {
        throw DecentralException.unsupported("using other plugins from an engine host (set isolation: none)");
    }

    @Override
    public Path artifact(String id) throws InterruptedException {
        return Path.of(ask(FrameType.ARTIFACT, id));
    }

    /** The worker remembers what it found, over restarts too. */
    @Override
    public Bytes sha256(Path file) throws InterruptedException {
        return Bytes.fromHex(ask(FrameType.DIGEST, file.toAbsolutePath().toString()));
    }

    private String ask(FrameType type, String what) throws InterruptedException {
        int question = asked.incrementAndGet();
        CompletableFuture<String> answer = new CompletableFuture<>();
        questions.put(question, answer);
        try {
            writer.send(FrameOut.of(type, question).putText(what), aside);
            return answer.get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof DecentralException why
                    ? why
                    : new DecentralException(ErrorCode.INTERNAL, what + ": " + e.getCause(), e);
        } finally {
            questions.remove(question);
        }
    }

    /** The worker's answer. */
    void answer(FrameIn frame) throws IOException {
        CompletableFuture<String> question = questions.get(frame.id());
        if (question == null) {
            return;
        }
        if (frame.type() == FrameType.ANSWER) {
            question.complete(frame.getText());
        } else {
            question.completeExceptionally(frame.getError());
        }
    }

    @Override
    public Signer signer() {
        throw new DecentralException(ErrorCode.FORBIDDEN, "only meshes and ledgers may use the node's key");
    }
}

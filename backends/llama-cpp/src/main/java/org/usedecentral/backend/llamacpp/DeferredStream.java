package org.usedecentral.backend.llamacpp;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.inference.GenerationEvent;
import org.usedecentral.spi.inference.GenerationRequest;
import org.usedecentral.spi.inference.TokenStream;

/**
 * The stream of a request whose model is being loaded: the reader waits for that in {@link #next}, and what an admission
 * can say it hears there too.
 */
final class DeferredStream implements TokenStream {
    private final CompletableFuture<ResidentModel> loading;
    private final GenerationRequest request;
    private final Runnable onAdmission;
    private @Nullable TokenStream admitted;
    private boolean settled;
    private boolean closed;

    /** {@code onAdmission} runs once: when the request was admitted or will never be. */
    DeferredStream(CompletableFuture<ResidentModel> loading, GenerationRequest request, Runnable onAdmission) {
        // Its own, so that closing wakes this reader and no other.
        this.loading = loading.copy();
        this.request = request;
        this.onAdmission = onAdmission;
    }

    @Override
    public GenerationEvent next() throws InterruptedException {
        TokenStream stream = stream();
        if (stream == null) {
            try {
                ResidentModel _ = loading.get();
            } catch (ExecutionException e) {
                settle();
                throw reason(e);
            }
            stream = admit();
        }
        return stream.next();
    }

    @Override
    public @Nullable GenerationEvent poll() {
        TokenStream stream = stream();
        if (stream == null && !loading.isDone()) {
            return null;
        }
        return (stream == null ? admit() : stream).poll();
    }

    private synchronized @Nullable TokenStream stream() {
        if (closed && admitted == null) {
            throw cancelled();
        }
        return admitted;
    }

    private synchronized TokenStream admit() {
        if (closed) {
            throw cancelled();
        }
        try {
            admitted = loading.join().generate(request);
            return admitted;
        } catch (java.util.concurrent.CompletionException e) {
            throw reason(e);
        } finally {
            settle();
        }
    }

    private static DecentralException cancelled() {
        return new DecentralException(ErrorCode.CANCELLED, "the generation was cancelled");
    }

    private synchronized void settle() {
        if (!settled) {
            settled = true;
            onAdmission.run();
        }
    }

    /** What a load failed with. */
    static DecentralException reason(Exception e) {
        return e.getCause() instanceof DecentralException cause
                ? cause
                : new DecentralException(ErrorCode.INTERNAL, "loading the model failed", e);
    }

    @Override
    public synchronized int inputTokens() {
        return admitted == null ? 0 : admitted.inputTokens();
    }

    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        if (admitted != null) {
            admitted.close();
            return;
        }
        loading.completeExceptionally(cancelled());
        settle();
    }
}

package org.usedecentral.models;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/**
 * Writes a response's body into a file, from an offset, never past the file's size. Called by the HTTP client's threads, one after the
 * other; {@link Guard#close} ends the writing from any thread.
 */
final class BodyWriter implements HttpResponse.BodySubscriber<Optional<String>> {
    private final PartialFile file;
    private final Guard guard;
    private final CompletableFuture<Optional<String>> body = new CompletableFuture<>();

    private long position;
    private Flow.@Nullable Subscription subscription;

    BodyWriter(PartialFile file, long offset, Guard guard) {
        this.file = file;
        this.position = offset;
        this.guard = guard;
    }

    /** A subscriber that reads nothing and says why. */
    static HttpResponse.BodySubscriber<Optional<String>> refuse(String why) {
        return new Refusal(why);
    }

    @Override
    public CompletionStage<Optional<String>> getBody() {
        return body;
    }

    @Override
    public void onSubscribe(Flow.Subscription subscription) {
        this.subscription = subscription;
        try {
            guard.open(file, position);
            subscription.request(1);
        } catch (IOException e) {
            fail(e);
        }
    }

    @Override
    public void onNext(List<ByteBuffer> buffers) {
        try {
            for (ByteBuffer buffer : buffers) {
                if (buffer.remaining() > file.size() - position) {
                    stop();
                    body.complete(
                            Optional.of("the server sends more than the " + file.size() + " bytes of the catalogue"));
                    return;
                }
                position += buffer.remaining();
                guard.write(buffer);
            }
            file.bytes().accept(position);
            Flow.Subscription source = subscription;
            if (source != null) {
                source.request(1);
            }
        } catch (IOException e) {
            fail(e);
        }
    }

    @Override
    public void onError(Throwable failure) {
        guard.close();
        body.completeExceptionally(failure);
    }

    @Override
    public void onComplete() {
        guard.close();
        body.complete(Optional.empty());
    }

    private void fail(IOException e) {
        stop();
        body.completeExceptionally(new WriteFailure(e));
    }

    /** The disk's fault and not the network's: another attempt would end in the same way. */
    static final class WriteFailure extends IOException {
        private static final long serialVersionUID = 1L;

        WriteFailure(IOException cause) {
            super(cause.getMessage(), cause);
        }
    }

    private void stop() {
        guard.close();
        Flow.Subscription source = subscription;
        if (source != null) {
            source.cancel();
        }
    }

    /** The open file; once closed nothing is written any more, whatever the client's threads still deliver. Thread-safe. */
    static final class Guard implements AutoCloseable {
        private @Nullable FileChannel channel;
        private boolean closed;

        synchronized void open(PartialFile file, long offset) throws IOException {
            if (closed) {
                throw new IOException("the download was given up");
            }
            FileChannel opened = FileChannel.open(file.path(), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            channel = opened;
            opened.truncate(offset);
            opened.position(offset);
        }

        synchronized void write(ByteBuffer buffer) throws IOException {
            FileChannel open = channel;
            if (closed || open == null) {
                throw new IOException("the download was given up");
            }
            while (buffer.hasRemaining()) {
                open.write(buffer);
            }
        }

        @Override
        public synchronized void close() {
            closed = true;
            FileChannel open = channel;
            channel = null;
            if (open != null) {
                try {
                    open.close();
                } catch (IOException e) {
                    // Nothing is lost that the digest would not show.
                    closed = true;
                }
            }
        }
    }

    private static final class Refusal implements HttpResponse.BodySubscriber<Optional<String>> {
        private final String why;

        Refusal(String why) {
            this.why = why;
        }

        @Override
        public CompletionStage<Optional<String>> getBody() {
            return CompletableFuture.completedFuture(Optional.of(why));
        }

        @Override
        public void onSubscribe(Flow.Subscription subscription) {
            subscription.cancel();
        }

        @Override
        public void onNext(List<ByteBuffer> buffers) {}

        @Override
        public void onError(Throwable failure) {}

        @Override
        public void onComplete() {}
    }
}

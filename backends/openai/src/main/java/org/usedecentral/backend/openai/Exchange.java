package org.usedecentral.backend.openai;

import java.net.ConnectException;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpResponse;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;

/** One request and its answer. One thread waits; {@link #close} may come from any thread, at any time, and drops the connection. */
final class Exchange implements AutoCloseable {
    private final CompletableFuture<HttpResponse<ByteFlow>> answer;

    Exchange(CompletableFuture<HttpResponse<ByteFlow>> answer) {
        this.answer = answer;
    }

    /**
     * Waits until the answer begins. The limit is kept here and not by the request's own timeout, which from JDK 26 on would cut the body too.
     *
     * @throws DecentralException {@code UNAVAILABLE} saying what to look at, {@code CANCELLED} after close
     */
    HttpResponse<ByteFlow> await(Duration limit) throws InterruptedException {
        try {
            return answer.get(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            close();
            throw ByteFlow.stalled();
        } catch (CancellationException e) {
            throw new DecentralException(ErrorCode.CANCELLED, "the generation was cancelled", e);
        } catch (ExecutionException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new DecentralException(ErrorCode.UNAVAILABLE, why(cause), cause);
        }
    }

    private static String why(Throwable cause) {
        if (cause instanceof HttpConnectTimeoutException
                || cause instanceof ConnectException
                || cause instanceof UnresolvedAddressException) {
            return "the upstream server cannot be reached: is it running, and is url right?";
        }
        if (cause instanceof SSLException) {
            return "the upstream server's certificate or TLS is not accepted: is url right?";
        }
        return "the connection to the upstream server broke";
    }

    @Override
    public void close() {
        if (!answer.cancel(true)) {
            // Completed already: with a body, which must not keep its connection, or with a failure.
            var _ = answer.whenComplete((response, failure) -> {
                if (response != null) {
                    response.body().close();
                }
            });
        }
    }
}

package org.usedecentral.network;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.usedecentral.orchestrator.JobStream;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.inference.GenerationEvent;

/**
 * What a client saw of a job.
 *
 * @param finished null if it ended with {@code error}
 */
record Answers(
        String text,
        GenerationEvent.@Nullable Finished finished,
        @Nullable DecentralException error) {
    /** Reads a stream to its end. */
    static Answers of(JobStream stream) throws InterruptedException {
        StringBuilder text = new StringBuilder();
        try {
            while (true) {
                GenerationEvent event = stream.next();
                if (event instanceof GenerationEvent.TextDelta delta) {
                    text.append(delta.text());
                } else if (event instanceof GenerationEvent.Finished finished) {
                    return new Answers(text.toString(), finished, null);
                }
            }
        } catch (DecentralException e) {
            return new Answers(text.toString(), null, e);
        }
    }

    Optional<ErrorCode> code() {
        return Optional.ofNullable(error).map(DecentralException::code);
    }
}

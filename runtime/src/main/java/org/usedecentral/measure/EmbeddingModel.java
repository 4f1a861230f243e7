package org.usedecentral.measure;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.inference.EmbeddingRequest;
import org.usedecentral.spi.inference.Embeddings;
import org.usedecentral.spi.inference.InferenceBackend;
import org.usedecentral.spi.inference.ModelCard;

/** A model that embeds. In a round each of so many callers makes some calls with some texts. */
final class EmbeddingModel implements Contender {
    private static final int CALLS = 4;
    private static final int TEXTS = 8;

    private final String name;
    private final InferenceBackend backend;
    private final ModelCard card;
    private final StreamGroup.Sources sources;
    private final Prompts passages;

    EmbeddingModel(String name, InferenceBackend backend, ModelCard card, StreamGroup.Sources sources) {
        this.name = name;
        this.backend = backend;
        this.card = card;
        this.sources = sources;
        this.passages = Prompts.passages(card.id());
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String model() {
        return card.id().toString();
    }

    @Override
    public String refusal(Workload workload) {
        int slots = backend.load().slots();
        return workload.streams() > slots ? "it has " + slots + " slots" : "";
    }

    @Override
    public Round run(Workload workload) throws InterruptedException {
        // A word may be several tokens; half of the context is room enough.
        int length = Math.min(workload.promptTokens(), card.limits().contextTokens() / 2);
        List<Caller> callers = Stream.generate(() -> new Caller(requests(length)))
                .limit(workload.streams())
                .toList();
        CountDownLatch done = new CountDownLatch(callers.size());
        GroupTrace.Mark from = sources.mark();
        List<Thread> threads = new ArrayList<>();
        for (Caller caller : callers) {
            threads.add(Thread.ofVirtual().name("decentral-measure").start(() -> {
                try {
                    caller.call();
                } finally {
                    done.countDown();
                }
            }));
        }
        try {
            if (!done.await(sources.limit().toNanos(), TimeUnit.NANOSECONDS)) {
                throw new DecentralException(
                        ErrorCode.DEADLINE_EXCEEDED,
                        "embedding did not end within " + sources.limit().toSeconds() + " s");
            }
        } finally {
            threads.forEach(Thread::interrupt);
        }
        return round(callers, from, sources.mark());
    }

    private List<EmbeddingRequest> requests(int length) {
        return Stream.generate(() -> EmbeddingRequest.of(
                        card.id(),
                        Stream.generate(() -> passages.passage(length))
                                .limit(TEXTS)
                                .toList()))
                .limit(CALLS)
                .toList();
    }

    private static Round round(List<Caller> callers, GroupTrace.Mark from, GroupTrace.Mark to) {
        double[] calls = new double[callers.size() * CALLS];
        long tokens = 0;
        for (int i = 0; i < callers.size(); i++) {
            Caller caller = callers.get(i);
            RuntimeException failed = caller.failure.get();
            if (failed != null) {
                throw failed;
            }
            tokens += caller.tokens;
            System.arraycopy(caller.seconds, 0, calls, i * CALLS, CALLS);
        }
        double seconds = (to.nanos() - from.nanos()) / 1e9;
        double cpu = GroupTrace.cpuSeconds(from.use(), to.use());
        return new Round.Embedding(
                new Stretch((double) calls.length * TEXTS, seconds, cpu),
                new Stretch(tokens, seconds, cpu),
                Percentiles.of(calls),
                to.use());
    }

    /** One thread's calls, one after the other. */
    private final class Caller {
        private final List<EmbeddingRequest> requests;
        private final double[] seconds = new double[CALLS];
        private final AtomicReference<@Nullable RuntimeException> failure = new AtomicReference<>();
        private long tokens;

        Caller(List<EmbeddingRequest> requests) {
            this.requests = requests;
        }

        void call() {
            try {
                for (int i = 0; i < CALLS; i++) {
                    long start = sources.nanoTime().getAsLong();
                    Embeddings made = backend.embed(requests.get(i));
                    seconds[i] = (sources.nanoTime().getAsLong() - start) / 1e9;
                    tokens += made.usage().inputTokens();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                failure.set(new DecentralException(ErrorCode.CANCELLED, "embedding was interrupted", e));
            } catch (RuntimeException e) {
                failure.set(e);
            }
        }
    }
}

package org.usedecentral.measure;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ModelId;
import org.usedecentral.spi.inference.BackendLoad;
import org.usedecentral.spi.inference.Device;
import org.usedecentral.spi.inference.EmbeddingRequest;
import org.usedecentral.spi.inference.Embeddings;
import org.usedecentral.spi.inference.Feature;
import org.usedecentral.spi.inference.FinishReason;
import org.usedecentral.spi.inference.GenerationEvent;
import org.usedecentral.spi.inference.GenerationRequest;
import org.usedecentral.spi.inference.InferenceBackend;
import org.usedecentral.spi.inference.Message;
import org.usedecentral.spi.inference.ModelCard;
import org.usedecentral.spi.inference.ModelLimits;
import org.usedecentral.spi.inference.PartKind;
import org.usedecentral.spi.inference.TokenStream;
import org.usedecentral.spi.inference.Usage;

/** An engine whose work turns the clock it is timed by: a character of the prompt and a token of the output take what they are told to. For one stream at a time. */
final class ClockedBackend implements InferenceBackend {
    private final String name;
    private final Set<Feature> features;
    private final List<GenerationRequest> requests = new ArrayList<>();
    private long now = 1_000;
    private long used = 7_000;

    Duration prefill = Duration.ofMillis(100);
    Duration token = Duration.ofMillis(10);
    String text = "a";

    @Nullable RuntimeException failure;

    ClockedBackend(String name, Feature... features) {
        this.name = name;
        this.features = Set.of(features);
    }

    synchronized long nanoTime() {
        return now;
    }

    LongSupplier clock() {
        return this::nanoTime;
    }

    /** Half of the time is processor time. */
    ProcessMeter meter() {
        return () -> new ProcessMeter.Use(cpu(), 300, 400);
    }

    private synchronized long cpu() {
        return used;
    }

    private synchronized void work(Duration time) {
        now += time.toNanos();
        used += time.toNanos() / 2;
    }

    List<GenerationRequest> requests() {
        return requests;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String type() {
        return "clocked";
    }

    @Override
    public List<Device> devices() {
        return List.of(new Device(Device.Kind.CPU, "clocked", 0));
    }

    @Override
    public List<ModelCard> models() {
        return List.of(new ModelCard(new ModelId("clock"), null, new ModelLimits(2048, 1024, 16), "", features));
    }

    @Override
    public BackendLoad load() {
        return new BackendLoad(2, 0, 0, 0);
    }

    @Override
    public int countInputTokens(GenerationRequest request) {
        return request.messages().stream()
                .map(Message::text)
                .mapToInt(said -> said.split(" ").length)
                .sum();
    }

    @Override
    public TokenStream generate(GenerationRequest request) {
        requests.add(request);
        RuntimeException failing = failure;
        if (failing != null) {
            throw failing;
        }
        return new Clocked(countInputTokens(request), request.maxOutputTokens());
    }

    @Override
    public Embeddings embed(EmbeddingRequest request) {
        RuntimeException failing = failure;
        if (failing != null) {
            throw failing;
        }
        work(prefill);
        return new Embeddings(
                request.inputs().stream()
                        .map(input -> new Embeddings.Vector(text.length(), 0))
                        .toList(),
                new Usage(request.inputs().size() * 10, 0));
    }

    private final class Clocked implements TokenStream {
        private final int input;
        private final int most;
        private int sent;
        private boolean ended;

        Clocked(int input, int most) {
            this.input = input;
            this.most = most;
        }

        @Override
        public GenerationEvent next() {
            if (ended) {
                throw new IllegalStateException("ended");
            }
            if (sent == most) {
                ended = true;
                return new GenerationEvent.Finished(List.of(FinishReason.LENGTH), new Usage(input, sent));
            }
            work(sent++ == 0 ? prefill : token);
            return new GenerationEvent.TextDelta(0, PartKind.TEXT, text, 1, List.of());
        }

        @Override
        public @Nullable GenerationEvent poll() {
            throw DecentralException.unsupported("polling");
        }

        @Override
        public int inputTokens() {
            return input;
        }

        @Override
        public void close() {}
    }
}

package org.usedecentral.measure;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import org.usedecentral.spi.inference.Feature;
import org.usedecentral.spi.inference.InferenceBackend;
import org.usedecentral.spi.inference.ModelCard;

/** Makes contenders of backends. Immutable. */
public final class Contenders {
    private final LongSupplier nanoTime;
    private final Duration limit;

    /**
     * Contenders whose rounds are timed by {@code nanoTime} and given up after {@code limit} of real time.
     *
     * @param nanoTime a clock that only goes on, in nanoseconds
     */
    public Contenders(LongSupplier nanoTime, Duration limit) {
        this.nanoTime = nanoTime;
        this.limit = limit;
    }

    /** One for each model of a started backend that generates, and one for each that embeds. */
    public List<Contender> of(InferenceBackend backend, ProcessMeter meter) {
        StreamGroup.Sources sources = new StreamGroup.Sources(nanoTime, meter, limit);
        List<Contender> contenders = new ArrayList<>();
        for (ModelCard card : backend.models()) {
            boolean generates = card.features().contains(Feature.GENERATE);
            if (generates) {
                contenders.add(new GeneratingModel(backend.name(), backend, card, sources));
            }
            if (card.features().contains(Feature.EMBED)) {
                String name = generates ? backend.name() + " (embeddings)" : backend.name();
                contenders.add(new EmbeddingModel(name, backend, card, sources));
            }
        }
        return contenders;
    }

    /** One that is a command of its own; see {@link MeasuredCommand}. */
    public Contender command(String name, List<String> words) {
        return new MeasuredCommand(name, words, limit);
    }
}

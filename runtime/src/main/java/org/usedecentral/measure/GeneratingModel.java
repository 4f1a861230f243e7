package org.usedecentral.measure;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntUnaryOperator;
import org.jspecify.annotations.Nullable;
import org.usedecentral.spi.inference.GenerationRequest;
import org.usedecentral.spi.inference.InferenceBackend;
import org.usedecentral.spi.inference.ModelCard;

/** A model that generates text. A round has two parts: one token a stream, which is prefill alone, then many tokens a stream. */
final class GeneratingModel implements Contender {
    private final String name;
    private final InferenceBackend backend;
    private final ModelCard card;
    private final StreamGroup.Sources sources;
    private @Nullable Prompts prompts;

    GeneratingModel(String name, InferenceBackend backend, ModelCard card, StreamGroup.Sources sources) {
        this.name = name;
        this.backend = backend;
        this.card = card;
        this.sources = sources;
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
        if (workload.streams() > slots) {
            return "it has " + slots + " slots";
        }
        int context = card.limits().contextTokens();
        if (workload.promptTokens() + workload.outputTokens() > context) {
            return "its context has " + context + " tokens";
        }
        return workload.outputTokens() > card.limits().maxOutputTokens()
                ? "it gives at most " + card.limits().maxOutputTokens() + " tokens"
                : "";
    }

    @Override
    public Round run(Workload workload) throws InterruptedException {
        GroupTrace prefill = group(workload, stream -> 1);
        GroupTrace decode = group(workload, workload::outputTokens);
        return new Round.Generation(
                prefill.prefill(),
                decode.decode(),
                decode.timesToFirst(),
                decode.gaps(),
                decode.outputTokens(),
                sources.meter().read());
    }

    private GroupTrace group(Workload workload, IntUnaryOperator outputTokens) throws InterruptedException {
        Prompts known = prompts;
        if (known == null) {
            known = Prompts.of(backend, card.id());
            prompts = known;
        }
        List<GenerationRequest> requests = new ArrayList<>();
        for (int stream = 0; stream < workload.streams(); stream++) {
            requests.add(known.next(workload.promptTokens(stream), outputTokens.applyAsInt(stream)));
        }
        return new StreamGroup(backend, requests, sources).run();
    }
}

package org.usedecentral.samples.backend;

import java.util.List;
import java.util.stream.Stream;
import org.usedecentral.spi.inference.BackendLoad;
import org.usedecentral.spi.inference.Device;
import org.usedecentral.spi.inference.GenerationRequest;
import org.usedecentral.spi.inference.InferenceBackend;
import org.usedecentral.spi.inference.ModelCard;
import org.usedecentral.spi.inference.Slots;
import org.usedecentral.spi.inference.TokenStream;

/** Says the words of the prompt again and again, as long as it may. A word is a token. */
record ParrotBackend(String name, String type, List<Device> devices, List<ModelCard> models, Slots slots)
        implements InferenceBackend {
    @Override
    public BackendLoad load() {
        return slots.load();
    }

    @Override
    public int countInputTokens(GenerationRequest request) {
        ModelCard _ = request.cardAmong(models);
        return words(request).size();
    }

    @Override
    public TokenStream generate(GenerationRequest request) {
        ModelCard card = request.cardAmong(models);
        List<String> words = words(request);
        var tokens = Stream.generate(() -> words).flatMap(List::stream).iterator();
        return slots.generate(request, card.limits(), words.size(), tokens);
    }

    private static List<String> words(GenerationRequest request) {
        return request.messages().stream()
                .flatMap(message -> Stream.of(message.text().strip().split("\\s+")))
                .map(word -> word + " ")
                .toList();
    }
}

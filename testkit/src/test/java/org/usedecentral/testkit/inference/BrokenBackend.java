package org.usedecentral.testkit.inference;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicInteger;
import org.usedecentral.spi.ModelId;
import org.usedecentral.spi.inference.BackendLoad;
import org.usedecentral.spi.inference.Device;
import org.usedecentral.spi.inference.EmbeddingRequest;
import org.usedecentral.spi.inference.Embeddings;
import org.usedecentral.spi.inference.Feature;
import org.usedecentral.spi.inference.GenerationRequest;
import org.usedecentral.spi.inference.InferenceBackend;
import org.usedecentral.spi.inference.Message;
import org.usedecentral.spi.inference.ModelCard;
import org.usedecentral.spi.inference.ResponseFormat;
import org.usedecentral.spi.inference.Sampling;
import org.usedecentral.spi.inference.TokenStream;
import org.usedecentral.spi.inference.ToolChoice;
import org.usedecentral.spi.inference.Usage;

/** A scripted backend that keeps every rule but one. */
final class BrokenBackend implements InferenceBackend {
    static final ModelId MODEL = new ModelId("broken");
    private static final ModelId CAPABLE = new ModelId("capable");

    private final Defect defect;
    private final ScriptedBackend sound;
    private final AtomicInteger kept = new AtomicInteger();
    private final AtomicInteger asked = new AtomicInteger();

    BrokenBackend(Defect defect) {
        this.defect = defect;
        ModelCard card = defect == Defect.GENERATES_UNLISTED
                ? ScriptedBackend.embeddingCard(MODEL.value())
                : ScriptedBackend.card(MODEL.value(), defect.listed());
        this.sound = ScriptedBackend.builder()
                .model(card)
                .model(ScriptedBackend.card(CAPABLE.value(), Feature.values()))
                .slots(defect == Defect.ADMITS_WITHOUT_END ? 100 : 3)
                .build();
        ScriptedBackendTest.unhurried(sound);
        if (defect == Defect.CALLS_ANYWAY) {
            sound.answer(request -> Script.silent().call(0, "call_1", "weather", "{}"));
        } else if (defect == Defect.REASONS_UNLISTED) {
            sound.answer(request -> Script.silent().reasoning("Hm").withWords(200));
        } else if (defect == Defect.NEVER_REASONS) {
            sound.answer(request -> Script.words(200));
        }
    }

    @Override
    public String name() {
        return "broken";
    }

    @Override
    public String type() {
        return "broken";
    }

    @Override
    public List<Device> devices() {
        return sound.devices();
    }

    @Override
    public List<ModelCard> models() {
        List<ModelCard> cards = new ArrayList<>(sound.models());
        cards.removeIf(card -> card.id().equals(CAPABLE));
        if (defect == Defect.LISTS_A_MODEL_TWICE) {
            cards.add(cards.getFirst());
        }
        return cards;
    }

    @Override
    public BackendLoad load() {
        BackendLoad load = sound.load();
        int slots = defect == Defect.ADMITS_WITHOUT_END ? 3 : load.slots();
        int running = Math.min(slots, load.running() + kept.get());
        return new BackendLoad(slots, running, 0, 0);
    }

    @Override
    public int countInputTokens(GenerationRequest request) {
        return sound.countInputTokens(request) + (defect == Defect.COUNTS_PROMPTS_WRONGLY ? 1 : 0);
    }

    @Override
    public TokenStream generate(GenerationRequest request) {
        if (defect == Defect.REFUSES_WHAT_IT_LISTS) {
            request.requireFeaturesOf(ScriptedBackend.card(MODEL.value()));
        }
        if (defect == Defect.NEVER_FREES_SLOTS) {
            kept.incrementAndGet();
        }
        return new BrokenStream(sound.generate(bent(request)), request, defect);
    }

    /** The request as the defect reads it. */
    private GenerationRequest bent(GenerationRequest request) {
        GenerationRequest.Builder bent = request.toBuilder();
        Sampling sampling = request.sampling();
        return switch (defect) {
            case IGNORES_LOGPROBS -> bent.topLogprobs(OptionalInt.empty()).build();
            case MORE_ALTERNATIVES ->
                request.topLogprobs().isPresent()
                        ? bent.topLogprobs(OptionalInt.of(5)).build()
                        : request;
            case IGNORES_CHOICES -> bent.choices(1).build();
            case IGNORES_SCHEMA, IGNORES_GRAMMAR ->
                bent.format(ResponseFormat.TEXT).build();
            case TAKES_ANY_SCHEMA ->
                request.format().kind() == ResponseFormat.Kind.JSON_SCHEMA
                        ? bent.format(new ResponseFormat(ResponseFormat.Kind.JSON_OBJECT, ""))
                                .build()
                        : request;
            case TAKES_ANY_GRAMMAR ->
                bent.format(new ResponseFormat(request.format().kind(), "root ::= \"a\""))
                        .build();
            case IGNORES_TOOLS -> bent.tools(List.of(), ToolChoice.AUTO).build();
            case CALLS_ANYWAY ->
                request.tools().isEmpty()
                        ? request
                        : bent.tools(request.tools(), ToolChoice.REQUIRED).build();
            case IGNORES_BIAS ->
                bent.sampling(Sampling.builder().temperature(0).build()).build();
            case IGNORES_PENALTIES ->
                bent.sampling(Sampling.builder()
                                .temperature(sampling.temperature())
                                .logitBias(Map.of())
                                .build())
                        .build();
            case IGNORES_RESUME -> bent.resumeFrom("").build();
            case IGNORES_STOP -> bent.stop(List.of()).build();
            case IGNORES_LIMIT ->
                bent.maxOutputTokens(request.maxOutputTokens() + 1).build();
            case KNOWS_EVERY_MODEL, REFUSES_NOTHING, GENERATES_UNLISTED -> moved(request, request.messages());
            case TAKES_ANY_LENGTH -> moved(request, List.of(Message.of(Message.Role.USER, "short")));
            case DIFFERS_EACH_TIME ->
                moved(request, List.of(Message.of(Message.Role.USER, "Say: answer " + asked.incrementAndGet())));
            default -> request;
        };
    }

    /** The same request to a model that can do everything. */
    private static GenerationRequest moved(GenerationRequest request, List<Message> messages) {
        return GenerationRequest.builder(CAPABLE, messages)
                .maxOutputTokens(request.maxOutputTokens())
                .choices(request.choices())
                .build();
    }

    @Override
    public Embeddings embed(EmbeddingRequest request) {
        Embeddings right = sound.embed(request);
        List<Embeddings.Vector> vectors = new ArrayList<>(right.vectors());
        if (defect == Defect.ONE_EMBEDDING_FOR_ALL) {
            vectors.replaceAll(vector -> new Embeddings.Vector(1, 2, 3));
        } else if (defect == Defect.LOSES_AN_EMBEDDING) {
            vectors.removeLast();
        }
        Usage usage = defect == Defect.WRONG_EMBEDDING_USAGE ? new Usage(7, 0) : right.usage();
        return new Embeddings(vectors, usage);
    }

    @Override
    public void close() {
        sound.close();
    }
}

package org.usedecentral.testkit.inference;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.usedecentral.spi.inference.Feature;
import org.usedecentral.spi.inference.FinishReason;
import org.usedecentral.spi.inference.GenerationRequest;
import org.usedecentral.spi.inference.Tool;
import org.usedecentral.spi.inference.ToolChoice;

/** What a {@link ScriptedBackend} says when no test told it what: an answer of the form that the request asks for, always the same. */
final class ScriptedAnswers {
    private static final String ECHO = "Say: ";
    private static final int PIECE = 4;

    private ScriptedAnswers() {}

    static Script to(GenerationRequest request, Set<Feature> features) {
        Script begun =
                features.contains(Feature.REASONING) && request.resumeFrom().isEmpty()
                        ? Script.silent().reasoning("Let", " me", " think", ".")
                        : Script.silent();
        ToolChoice.Kind choice = request.toolChoice().kind();
        if (!request.tools().isEmpty() && (choice == ToolChoice.Kind.FUNCTION || choice == ToolChoice.Kind.REQUIRED)) {
            Tool tool = called(request);
            return begun.call(0, "call_1", tool.name(), SchemaSample.of(tool.parametersSchema()));
        }
        return switch (request.format().kind()) {
            case JSON_SCHEMA -> said(begun, SchemaSample.of(request.format().definition()));
            case JSON_OBJECT -> said(begun, "{\"answer\": \"yes\"}");
            case GRAMMAR -> said(begun, GrammarSample.of(request.format().definition()));
            case TEXT -> text(begun, request);
        };
    }

    private static Tool called(GenerationRequest request) {
        String name = request.toolChoice().function();
        return request.tools().stream()
                .filter(tool -> tool.name().equals(name))
                .findFirst()
                .orElseGet(() -> request.tools().getFirst());
    }

    private static Script text(Script begun, GenerationRequest request) {
        String prompt = request.messages().getLast().text();
        if (!prompt.startsWith(ECHO)) {
            return begun.withWords(Script.WORDS);
        }
        List<String> words = new ArrayList<>();
        for (String word : prompt.substring(ECHO.length()).split(" ", -1)) {
            words.add(words.isEmpty() ? word : " " + word);
        }
        return begun.tokens(words.toArray(String[]::new));
    }

    private static Script said(Script begun, String text) {
        List<String> pieces = new ArrayList<>();
        for (int at = 0; at < text.length(); ) {
            int end = text.offsetByCodePoints(at, Math.min(PIECE, text.codePointCount(at, text.length())));
            pieces.add(text.substring(at, end));
            at = end;
        }
        return begun.tokens(pieces.toArray(String[]::new)).finish(FinishReason.STOP);
    }
}

package org.usedecentral.testkit.engine;

import io.helidon.config.Config;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.ModelId;
import org.usedecentral.spi.PluginContext;
import org.usedecentral.spi.inference.BackendLoad;
import org.usedecentral.spi.inference.Device;
import org.usedecentral.spi.inference.EmbeddingRequest;
import org.usedecentral.spi.inference.Embeddings;
import org.usedecentral.spi.inference.Feature;
import org.usedecentral.spi.inference.GenerationRequest;
import org.usedecentral.spi.inference.InferenceBackend;
import org.usedecentral.spi.inference.InferenceBackendProvider;
import org.usedecentral.spi.inference.ModelCard;
import org.usedecentral.spi.inference.TokenStream;
import org.usedecentral.spi.models.ModelArtifact;
import org.usedecentral.testkit.inference.Script;
import org.usedecentral.testkit.inference.ScriptedBackend;

/** A scripted backend as a plugin, for engine hosts of tests. Its configuration says how it starts, the prompt what it answers. */
public final class ScriptedEngine implements InferenceBackendProvider {
    static final String TYPE = "scripted-engine";
    static final ModelId MODEL = new ModelId("m");

    /** How it starts. */
    enum Start {
        WELL,
        /** Refuses, as for a wrong key. */
        REFUSED,
        /** Ends the process. */
        EXIT,
        /** Fetches {@code engine}. */
        ARTIFACT,
        SIGNER,
        PLUGINS,
        /** Asks for the digest of a file. */
        DIGEST,
        /** Prints and logs. */
        TALK
    }

    @Override
    public String configKey() {
        return TYPE;
    }

    @Override
    public boolean isNative() {
        return true;
    }

    @Override
    public InferenceBackend create(Config config, String name) {
        return new Engine(
                name,
                Start.valueOf(config.get("start").asString().orElse(Start.WELL.name())),
                config.get("features").asString().orElse("all").equals("all") ? Feature.values() : new Feature[0]);
    }

    /** The backend; everything it is asked goes to a scripted one. */
    private static final class Engine implements InferenceBackend {
        private final String name;
        private final Start how;
        private final ScriptedBackend scripted;
        private final List<ModelCard> loaded = new CopyOnWriteArrayList<>();

        Engine(String name, Start how, Feature... features) {
            this.name = name;
            this.how = how;
            this.scripted = ScriptedBackend.builder()
                    .model(ScriptedBackend.card(MODEL.value(), features))
                    .slots(4)
                    .build();
            scripted.answer(this::script);
        }

        /** {@code flood N}, {@code say TEXT N}: unpaced; {@code fail}, {@code break}; everything else as an engine that takes its time. */
        private Script script(GenerationRequest request) {
            String[] words = request.messages().getLast().text().split(" ", -1);
            return switch (words[0]) {
                case "flood" -> Script.words(Integer.parseInt(words[1]));
                case "wide" -> Script.of("x".repeat(100_000), "y".repeat(100_000), "z".repeat(100_000));
                case "fail" ->
                    Script.words(2).fail(DecentralException.invalid("temperature", "too hot: choose less than this"));
                case "break" -> Script.words(2).fail(new IllegalStateException("a broken part"));
                case "silent" -> Script.silent().pause(Duration.ofMinutes(1));
                default ->
                    request.maxOutputTokens() == 0
                            ? Script.words(2000).paced(Duration.ofMillis(1))
                            : scripted.usual(request);
            };
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public String type() {
            return TYPE;
        }

        @Override
        public void start(PluginContext context) {
            switch (how) {
                case WELL -> {}
                case REFUSED -> throw DecentralException.invalid("key", "the key 'x' is wrong: correct it");
                case EXIT -> Runtime.getRuntime().halt(7);
                case ARTIFACT -> fetch(context);
                case DIGEST -> digest(context);
                case SIGNER -> context.signer();
                case PLUGINS -> context.plugins(InferenceBackend.class);
                case TALK -> talk();
            }
        }

        private static void fetch(PluginContext context) {
            try {
                Path path = context.artifact("engine");
                if (!context.dataDirectory().isAbsolute()) {
                    throw new DecentralException(ErrorCode.INTERNAL, "no data directory");
                }
                throw new DecentralException(ErrorCode.CONFLICT, "fetched " + path.getFileName());
            } catch (InterruptedException e) {
                throw new DecentralException(ErrorCode.CANCELLED, "interrupted", e);
            }
        }

        private static void digest(PluginContext context) {
            try {
                Path file = context.dataDirectory().resolve("weights");
                throw new DecentralException(
                        ErrorCode.CONFLICT, "digest " + context.sha256(file).hex());
            } catch (InterruptedException e) {
                throw new DecentralException(ErrorCode.CANCELLED, "interrupted", e);
            }
        }

        private static void talk() {
            System.out.println("printed by native code");
            System.getLogger("org.usedecentral.talk").log(System.Logger.Level.WARNING, "logged\nin two lines");
            for (int i = 0; i < 500; i++) {
                System.err.println("line " + i);
            }
        }

        @Override
        public List<Device> devices() {
            return scripted.devices();
        }

        @Override
        public List<ModelCard> models() {
            List<ModelCard> all = new ArrayList<>(scripted.models());
            all.addAll(loaded);
            return all;
        }

        @Override
        public BackendLoad load() {
            return scripted.load();
        }

        @Override
        public void load(ModelArtifact model, Path weights) throws InterruptedException {
            if (model.id().equals("slow")) {
                new java.util.concurrent.CountDownLatch(1).await();
            }
            if (!weights.isAbsolute()) {
                throw DecentralException.invalid("weights", "a relative path");
            }
            ModelCard like = scripted.models().getFirst();
            loaded.add(new ModelCard(
                    new ModelId(model.id()), model.sha256(), like.limits(), model.quantisation(), Set.of()));
        }

        @Override
        public TokenStream generate(GenerationRequest request) {
            return scripted.generate(request);
        }

        @Override
        public int countInputTokens(GenerationRequest request) {
            return scripted.countInputTokens(request);
        }

        @Override
        public Embeddings embed(EmbeddingRequest request) throws InterruptedException {
            if (request.inputs().getFirst().equals("wait")) {
                new java.util.concurrent.CountDownLatch(1).await();
            }
            return scripted.embed(request);
        }

        @Override
        public void close() {
            scripted.close();
        }
    }

    static ModelArtifact artifact(String id) {
        return new ModelArtifact(id, Bytes.zeros(32), 1, "Q4", "MIT");
    }
}

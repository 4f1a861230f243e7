package org.usedecentral.node;

import io.helidon.config.Config;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.usedecentral.engine.EngineParts;
import org.usedecentral.engine.EngineProcess;
import org.usedecentral.engine.EngineSpec;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.PluginProvider;
import org.usedecentral.spi.inference.InferenceBackend;
import org.usedecentral.spi.inference.InferenceBackendProvider;
import org.usedecentral.spi.models.Artifacts;
import org.usedecentral.spi.models.ModelArtifact;

/**
 * A node's backends: those its builder gave, in this process, then those of the configuration, each in this process or in an engine host, with the models it
 * is started with.
 */
record NodeBackends(List<Configured> configured) {
    private static final String ISOLATION = "isolation";
    private static final String PROCESS = "process";
    private static final String NONE = "none";

    /**
     * One backend.
     *
     * @param models ids of the catalogue
     */
    record Configured(InferenceBackend backend, List<String> models) {
        Configured {
            models = List.copyOf(models);
        }
    }

    NodeBackends {
        configured = List.copyOf(configured);
    }

    /** Creates those of {@code config}; no process is started. */
    static NodeBackends create(Config config, List<InferenceBackend> given, EngineParts parts) {
        List<Configured> backends = new ArrayList<>();
        given.forEach(backend -> backends.add(new Configured(backend, List.of())));
        PluginProviders<InferenceBackend> providers = PluginProviders.find("backend", InferenceBackendProvider.class);
        for (Config item : providers.items(config)) {
            InferenceBackend backend = providers.create(item);
            PluginProvider<InferenceBackend> provider = providers.provider(item);
            if (provider instanceof InferenceBackendProvider maker && isHosted(item, maker)) {
                // What was made has shown that its configuration is right; it is made again in its host.
                backend = hosted(item, EngineSpec.of(maker, item, backend.name()), parts);
            }
            backends.add(new Configured(backend, models(item)));
        }
        return new NodeBackends(backends);
    }

    private static boolean isHosted(Config item, InferenceBackendProvider provider) {
        String isolation = item.get(ISOLATION).asString().orElse(provider.isNative() ? PROCESS : NONE);
        if (!isolation.equals(PROCESS) && !isolation.equals(NONE)) {
            String key = item.get(ISOLATION).key().toString();
            throw DecentralException.invalid(
                    key, key + " must be process (an engine host of its own) or none, not '" + isolation + "'");
        }
        return isolation.equals(PROCESS);
    }

    private static EngineProcess hosted(Config item, EngineSpec spec, EngineParts parts) {
        try {
            return EngineProcess.create(spec, parts);
        } catch (DecentralException e) {
            throw new DecentralException(e.code(), item.key() + ": backend '" + spec.name() + "': " + e.message(), e);
        }
    }

    private static List<String> models(Config item) {
        Config models = item.get("models");
        if (!models.exists()) {
            return List.of();
        }
        List<String> ids = new ArrayList<>();
        for (Config model :
                models.isLeaf() ? List.<Config>of() : models.asNodeList().orElse(List.of())) {
            model.asString().ifPresent(ids::add);
        }
        if (ids.isEmpty()) {
            throw DecentralException.invalid(
                    models.key().toString(), models.key() + " must be a list of ids of the catalogue's models");
        }
        return ids;
    }

    List<InferenceBackend> all() {
        return configured.stream().map(Configured::backend).toList();
    }

    /** Those in engine hosts. */
    List<EngineProcess> hosted() {
        return all().stream()
                .filter(EngineProcess.class::isInstance)
                .map(EngineProcess.class::cast)
                .toList();
    }

    /**
     * Fetches the models of every started backend, and those of {@code first} into the first one, and loads them.
     *
     * @param first {@code worker.models}
     */
    void load(List<String> first, Artifacts artifacts) throws InterruptedException {
        if (configured.isEmpty() && !first.isEmpty()) {
            throw new DecentralException(
                    ErrorCode.INVALID_REQUEST,
                    "worker.models names " + first.getFirst() + ", but no backend is configured");
        }
        for (String model : first) {
            load(model, configured.getFirst().backend(), artifacts);
        }
        for (Configured one : configured) {
            for (String model : one.models()) {
                load(model, one.backend(), artifacts);
            }
        }
    }

    private static void load(String model, InferenceBackend into, Artifacts artifacts) throws InterruptedException {
        Path weights = artifacts.fetch(model);
        ModelArtifact artifact = artifacts
                .find(model)
                .orElseThrow(() -> new DecentralException(ErrorCode.NOT_FOUND, "no catalogue entry " + model));
        into.load(artifact, weights);
    }
}

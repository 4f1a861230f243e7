package org.usedecentral.launcher;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A backend as it is written on a command line: {@code type=llama-cpp,slots=8,models=smollm2-135m-instruct}. Several models stand with a plus between them.
 *
 * @param keys of its configuration, {@code type} among them
 */
record BackendSpec(Map<String, String> keys) {
    private static final String MODELS = "models";

    /** What an engine runs that is told of no model. */
    private static final Map<String, String> USUAL_MODELS = Map.of(
            "llama-cpp", NodeConfiguration.DEFAULT_MODEL,
            "java-llama", NodeConfiguration.DEFAULT_MODEL,
            "djl", "all-minilm-l6-v2");

    BackendSpec {
        keys = Map.copyOf(keys);
    }

    /**
     * Reads one.
     *
     * @throws IllegalArgumentException saying what is wrong with it
     */
    static BackendSpec parse(String text) {
        Map<String, String> keys = new LinkedHashMap<>();
        for (String pair : text.split(",", -1)) {
            int equals = pair.indexOf('=');
            if (equals < 1 || equals == pair.length() - 1) {
                throw new IllegalArgumentException("'" + pair + "' is not KEY=VALUE");
            }
            if (keys.put(
                            pair.substring(0, equals).strip(),
                            pair.substring(equals + 1).strip())
                    != null) {
                throw new IllegalArgumentException("'" + pair.substring(0, equals) + "' is there twice");
            }
        }
        String type = keys.get("type");
        if (type == null) {
            throw new IllegalArgumentException("it has no type, such as type=llama-cpp");
        }
        String usual = USUAL_MODELS.get(type);
        if (usual != null && !keys.containsKey(MODELS) && !keys.containsKey("model")) {
            keys.put(MODELS, usual);
        }
        return new BackendSpec(keys);
    }

    /** Adds its keys as those of the {@code index}th backend of a configuration. */
    void addTo(Map<String, String> configuration, int index) {
        String prefix = "backends." + index + ".";
        keys.forEach((key, value) -> {
            if (key.equals(MODELS)) {
                String[] models = value.split("\\+", -1);
                for (int i = 0; i < models.length; i++) {
                    configuration.put(prefix + key + "." + i, models[i]);
                }
            } else {
                configuration.put(prefix + key, value);
            }
        });
    }
}

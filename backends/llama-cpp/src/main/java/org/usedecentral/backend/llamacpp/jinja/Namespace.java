package org.usedecentral.backend.llamacpp.jinja;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What {@code namespace()} makes: attributes that a loop can set for what comes after it. */
record Namespace(Map<String, @Nullable Object> attributes) {
    Namespace(Map<String, @Nullable Object> attributes) {
        this.attributes = new HashMap<>(attributes);
    }
}

package org.usedecentral.backend.djl;

import java.nio.file.Path;

/** DJL reads what it may do from system properties of the process. Stateless. */
final class Offline {
    private Offline() {}

    /** Keeps DJL from the network, and what it unpacks in {@code cache}; what somebody set before stays. */
    static void prepare(Path cache) {
        set("ai.djl.offline", "true");
        set("OPT_OUT_TRACKING", "true");
        set("DJL_CACHE_DIR", cache.toString());
        set("ENGINE_CACHE_DIR", cache.toString());
    }

    private static void set(String property, String value) {
        if (System.getProperty(property) == null) {
            System.setProperty(property, value);
        }
    }
}

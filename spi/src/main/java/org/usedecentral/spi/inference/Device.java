package org.usedecentral.spi.inference;

/**
 * A device an engine computes on.
 *
 * @param memoryBytes its memory; 0 when unknown
 */
public record Device(Kind kind, String name, long memoryBytes) {
    /** The programming interface through which a device is used. */
    public enum Kind {
        CPU,
        CUDA,
        METAL,
        ROCM,
        VULKAN,
        /** Somewhere behind an HTTP API. */
        REMOTE
    }
}

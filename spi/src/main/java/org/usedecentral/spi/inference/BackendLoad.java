package org.usedecentral.spi.inference;

/**
 * How busy an engine is.
 *
 * @param slots requests it runs at once
 * @param kvCacheUse 0 … 1
 */
public record BackendLoad(int slots, int running, int waiting, double kvCacheUse) {}

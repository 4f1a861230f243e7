package org.usedecentral.spi.routing;

/**
 * Why a worker was left out: a constant, counted and shown to the worker's operator.
 *
 * @param reason lower-case words with dashes, such as {@code price-above-ceiling}
 */
public record Refusal(String reason) {}

package org.usedecentral.node;

import io.helidon.builder.api.Option;
import io.helidon.builder.api.Prototype;

/** The price of one model, base units (1e-6 USDC) per million tokens. */
@Prototype.Blueprint
@Prototype.Configured
interface ModelPriceConfigBlueprint {
    /** The model's id. */
    @Option.Configured
    @Option.Required
    String model();

    /** A million input tokens. */
    @Option.Configured
    @Option.Required
    long input();

    /** A million output tokens. */
    @Option.Configured
    @Option.Required
    long output();
}

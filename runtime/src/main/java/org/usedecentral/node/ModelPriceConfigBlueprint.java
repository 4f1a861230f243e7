package org.usedecentral.node;

import io.helidon.builder.api.Option;
import io.helidon.builder.api.Prototype;
import java.util.Optional;

/** The price of one model, base units (1e-6 USDC) per million tokens. */
@Prototype.Blueprint
@Prototype.Configured
interface ModelPriceConfigBlueprint {
    /** The model's id. */
    @Option.Configured
    @Option.Required
    String model();

    /** SHA-256 of the weights that a worker's price is for, hexadecimal; a worker that loads others under this id does not start. */
    @Option.Configured
    Optional<String> digest();

    /** A million input tokens. */
    @Option.Configured
    @Option.Required
    long input();

    /** A million output tokens. */
    @Option.Configured
    @Option.Required
    long output();
}

package org.usedecentral.spi.inference;

/**
 * A function the model may call.
 *
 * @param parametersSchema JSON schema of its arguments
 * @param strict arguments must satisfy the schema
 */
public record Tool(String name, String description, String parametersSchema, boolean strict) {}

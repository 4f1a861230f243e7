package org.usedecentral.gateway;

import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.inference.GenerationRequest;

/**
 * A chat completion that a client asks for.
 *
 * @param stream as events while it is generated, rather than whole
 * @param includeUsage whether a stream ends with the token counts
 * @param bodySha256 of the bytes the client sent
 */
record ChatRequest(GenerationRequest generation, boolean stream, boolean includeUsage, Bytes bodySha256) {}

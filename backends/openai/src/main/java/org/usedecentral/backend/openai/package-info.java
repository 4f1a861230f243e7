/**
 * Inference by any server that speaks OpenAI's API. A request goes {@code RequestWriter} → {@code Upstream} → {@code ByteFlow}; its answer
 * {@code SseReader} → {@code ChunkReader} → {@code UpstreamStream}. {@code InputCounter} learns what the prompt has, before the first event.
 */
@NullMarked
package org.usedecentral.backend.openai;

import org.jspecify.annotations.NullMarked;

/**
 * Embeddings with ONNX models: DJL's ONNX Runtime engine runs the network, its Hugging Face tokenizer cuts the text, and pooling is
 * ours. Nothing is looked up or fetched by DJL itself.
 */
@NullMarked
package org.usedecentral.backend.djl;

import org.jspecify.annotations.NullMarked;

/**
 * Runs GGUF models in this process: libllama through the JDK's Foreign Function &amp; Memory API.
 * One native thread batches all running sequences; everything native is confined to it or guarded by its lease.
 */
@NullMarked
package org.usedecentral.backend.llamacpp;

import org.jspecify.annotations.NullMarked;

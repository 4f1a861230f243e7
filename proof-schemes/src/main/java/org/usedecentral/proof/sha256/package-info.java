/** Proof scheme {@code sha256-ed25519}: the worker signs the SHA-256 of what it delivered. */
@NullMarked
package org.usedecentral.proof.sha256;

import org.jspecify.annotations.NullMarked;

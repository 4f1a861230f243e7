/** Keys: Ed25519 signatures, key files and HPKE, on BouncyCastle. */
@NullMarked
package org.usedecentral.crypto;

import org.jspecify.annotations.NullMarked;

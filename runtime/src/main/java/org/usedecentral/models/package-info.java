/**
 * The catalogue of weights and engine libraries, and the store that fetches and verifies them.
 *
 * <p>A node opens nothing that it did not verify: every download lands in a {@code partial} folder, its SHA-256 is compared with the
 * catalogue's, and only then it gets the name under which others look for it, in one atomic step. Downloads are kept in a cache that
 * every node of this user shares ({@link org.usedecentral.models.SharedCache}); a data directory may hold artifacts of its own, which
 * win.
 */
@NullMarked
package org.usedecentral.models;

import org.jspecify.annotations.NullMarked;

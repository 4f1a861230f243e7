/**
 * The ledger in a local SQLite database. A call's path: {@link EmbeddedLedger} → {@link Verifier} (the caller's thread) →
 * {@link Writer} (the one that writes) → {@link Bookkeeper} → {@link Rules} → {@link Store}.
 */
@NullMarked
package org.usedecentral.ledger.embedded;

import org.jspecify.annotations.NullMarked;

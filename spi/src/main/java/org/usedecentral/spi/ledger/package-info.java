/** Settlement ledgers: credits, escrows, workers, events. */
@NullMarked
package org.usedecentral.spi.ledger;

import org.jspecify.annotations.NullMarked;

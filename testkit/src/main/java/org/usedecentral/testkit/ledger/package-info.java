/** The contract of settlement ledgers as tests, and a ledger in memory that keeps it. */
@NullMarked
package org.usedecentral.testkit.ledger;

import org.jspecify.annotations.NullMarked;

/** Receipts: a job's evidence, signed by its gateway, and how anyone checks one without asking anyone (docs/protocol.md, section 5). */
@NullMarked
package org.usedecentral.receipt;

import org.jspecify.annotations.NullMarked;

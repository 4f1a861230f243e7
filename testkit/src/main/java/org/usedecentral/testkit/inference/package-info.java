/** What every inference backend must do, and a backend whose answers a test writes. */
@NullMarked
package org.usedecentral.testkit.inference;

import org.jspecify.annotations.NullMarked;

/** What every routing policy must do, and workers made up for its tests. */
@NullMarked
package org.usedecentral.testkit.routing;

import org.jspecify.annotations.NullMarked;

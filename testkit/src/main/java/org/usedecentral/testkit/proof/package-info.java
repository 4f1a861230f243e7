/** What every proof scheme must do. */
@NullMarked
package org.usedecentral.testkit.proof;

import org.jspecify.annotations.NullMarked;

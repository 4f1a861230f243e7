/** The executable: commands, and the default plugins on its class path. */
@NullMarked
package org.usedecentral.launcher;

import org.jspecify.annotations.NullMarked;

@NullMarked
package org.usedecentral.launcher;

import org.jspecify.annotations.NullMarked;

/** A backend of your own: an engine that repeats what it hears. */
@NullMarked
package org.usedecentral.samples.backend;

import org.jspecify.annotations.NullMarked;

/** Engines in processes of their own: the worker's end, which is a backend like any other, and the engine host. */
@NullMarked
package org.usedecentral.engine;

import org.jspecify.annotations.NullMarked;

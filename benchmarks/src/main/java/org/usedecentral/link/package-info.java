/** Benchmarks of the link's own layouts, in its package to reach them. */
@NullMarked
package org.usedecentral.link;

import org.jspecify.annotations.NullMarked;

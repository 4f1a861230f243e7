/** Assembles a node from configuration and plugins. */
@NullMarked
package org.usedecentral.node;

import org.jspecify.annotations.NullMarked;

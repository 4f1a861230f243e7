/** Where model weights and engine libraries come from. */
@NullMarked
package org.usedecentral.spi.models;

import org.jspecify.annotations.NullMarked;

/**
 * The part of Jinja that chat templates are written in, with Python's meaning of it. Templates come from model files and
 * are not trusted: they reach nothing but the values given to them, and their steps, depth and output are bounded.
 */
@NullMarked
package org.usedecentral.backend.llamacpp.jinja;

import org.jspecify.annotations.NullMarked;

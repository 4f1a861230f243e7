/** Measuring engines: time, processor time and memory of any backend, a self-test, and what the speed may earn. */
@NullMarked
package org.usedecentral.measure;

import org.jspecify.annotations.NullMarked;

package org.usedecentral.models;

import org.jspecify.annotations.Nullable;

/** Why one source did not deliver: a clause for the message that lists all sources. */
final class FetchFailure extends Exception {
    private static final long serialVersionUID = 1L;

    private final String why;

    FetchFailure(String why) {
        this(why, null);
    }

    FetchFailure(String why, @Nullable Throwable cause) {
        super(why, cause);
        this.why = why;
    }

    String why() {
        return why;
    }
}

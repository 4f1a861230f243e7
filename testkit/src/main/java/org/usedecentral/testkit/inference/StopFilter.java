package org.usedecentral.testkit.inference;

import java.util.List;

/** Cuts text before the first of the stop texts, holding back only what may yet become one. One thread. */
final class StopFilter {
    private final List<String> stops;
    private final StringBuilder held = new StringBuilder();
    private boolean stopped;

    StopFilter(List<String> stops) {
        this.stops = stops;
    }

    /** What of the text so far may be shown now. */
    String accept(String text) {
        held.append(text);
        int first = -1;
        for (String stop : stops) {
            int at = held.indexOf(stop);
            if (at >= 0 && (first < 0 || at < first)) {
                first = at;
            }
        }
        if (first >= 0) {
            stopped = true;
            return take(first);
        }
        int keep = 0;
        for (String stop : stops) {
            for (int length = Math.min(stop.length() - 1, held.length()); length > keep; length--) {
                if (stop.startsWith(held.substring(held.length() - length))) {
                    keep = length;
                }
            }
        }
        return take(held.length() - keep);
    }

    /** What was held back, when no more text follows. */
    String rest() {
        return take(held.length());
    }

    boolean stopped() {
        return stopped;
    }

    private String take(int length) {
        String taken = held.substring(0, length);
        held.delete(0, length);
        return taken;
    }
}

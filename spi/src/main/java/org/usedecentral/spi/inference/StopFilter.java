package org.usedecentral.spi.inference;

import java.util.List;

/** Cuts text before the first of the stop texts, holding back only what may yet become one. One thread. */
public final class StopFilter {
    private final List<String> stops;
    private final StringBuilder held = new StringBuilder();
    private boolean stopped;

    /** Nothing has come yet. */
    public StopFilter(List<String> stops) {
        this.stops = List.copyOf(stops);
    }

    /** What of the text so far may be shown now. */
    public String accept(String text) {
        if (stopped) {
            return "";
        }
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
    public String rest() {
        return stopped ? "" : take(held.length());
    }

    /** Whether a stop text has come: nothing after it is shown. */
    public boolean stopped() {
        return stopped;
    }

    private String take(int length) {
        String taken = held.substring(0, length);
        held.delete(0, length);
        return taken;
    }
}

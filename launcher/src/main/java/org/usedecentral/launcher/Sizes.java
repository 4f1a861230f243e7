package org.usedecentral.launcher;

import java.util.Locale;
import org.usedecentral.spi.protocol.TokenPrices;

/** Bytes, tokens and prices as tables show them. Stateless. */
final class Sizes {
    private static final long MIB = 1 << 20;
    private static final long GIB = 1 << 30;

    private Sizes() {}

    /** {@code -} where nothing is known. */
    static String bytes(long bytes) {
        if (bytes <= 0) {
            return "-";
        }
        return bytes >= GIB
                ? String.format(Locale.ROOT, "%.1f GiB", (double) bytes / GIB)
                : String.format(Locale.ROOT, "%.1f MiB", (double) bytes / MIB);
    }

    static String tokens(int tokens) {
        return tokens == 0 ? "-" : Integer.toString(tokens);
    }

    /** Credits of a million input and output tokens. */
    static String price(TokenPrices prices) {
        return String.format(Locale.ROOT, "%.2f/%.2f", prices.input() / 1e6, prices.output() / 1e6);
    }

    static String orDash(String text) {
        return text.isEmpty() ? "-" : text;
    }
}

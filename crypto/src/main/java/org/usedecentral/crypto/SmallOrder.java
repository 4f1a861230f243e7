package org.usedecentral.crypto;

import java.util.Set;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.Bytes;

/**
 * The points of order 1, 2, 4 and 8 in every encoding: keys that verify signatures nobody made. The list is that of the paper "Taming the
 * many EdDSAs" (Chalkias, Garillot, Nikolaenko 2020), table 1, and its non-canonical encodings.
 */
final class SmallOrder {
    private static final Set<Bytes> POINTS = Set.of(
            Bytes.fromHex("0100000000000000000000000000000000000000000000000000000000000000"),
            Bytes.fromHex("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
            Bytes.fromHex("0000000000000000000000000000000000000000000000000000000000000080"),
            Bytes.fromHex("0000000000000000000000000000000000000000000000000000000000000000"),
            Bytes.fromHex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"),
            Bytes.fromHex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa"),
            Bytes.fromHex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
            Bytes.fromHex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85"),
            Bytes.fromHex("0100000000000000000000000000000000000000000000000000000000000080"),
            Bytes.fromHex("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"),
            Bytes.fromHex("eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
            Bytes.fromHex("eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"),
            Bytes.fromHex("edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
            Bytes.fromHex("edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"));

    private SmallOrder() {}

    static boolean contains(Account account) {
        return POINTS.contains(account.key());
    }
}

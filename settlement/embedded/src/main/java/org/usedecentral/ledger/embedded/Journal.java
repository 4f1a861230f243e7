package org.usedecentral.ledger.embedded;

import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.protocol.LedgerId;
import org.usedecentral.spi.protocol.Signed;

/** The hash chain of docs/protocol.md, section 6: each entry's hash covers the one before it. Stateless. */
final class Journal {
    private Journal() {}

    /**
     * The last entry.
     *
     * @param index counts from 0; -1 before the first
     * @param hash zeros before the first
     * @param time Unix seconds
     */
    record Head(long index, Bytes hash, long time) {
        static final Head NONE = new Head(-1, Bytes.zeros(32), 0);
    }

    /** The head after one more entry. */
    static Head append(LedgerId ledger, Head head, long time, Bytes body) {
        long index = head.index() + 1;
        return new Head(
                index, Signed.journalEntry(ledger, new Signed.JournalPosition(index, head.hash(), time), body), time);
    }

    /** What the node signs when a commit ends with this head. */
    static Bytes signed(LedgerId ledger, Head head) {
        return Signed.journalHead(ledger, head.index(), head.hash());
    }
}

package org.usedecentral.spi.protocol;

import org.usedecentral.spi.Bytes;

/** The 16 ASCII bytes that begin every signed or hashed structure, so that none can be taken for another. */
public enum Tag {
    LEDGER("DECENTRAL-LEDGR1"),
    JOB("DECENTRAL-JOBID1"),
    REQUEST("DECENTRAL-REQST1"),
    OUTPUT("DECENTRAL-OUTPT1"),
    VOUCHER("DECENTRAL-VOUCH1"),
    PROOF("DECENTRAL-PROOF1"),
    RECEIPT("DECENTRAL-RECPT1"),
    LEDGER_OPERATION("DECENTRAL-LEDOP1"),
    JOURNAL("DECENTRAL-JOURN1"),
    JOURNAL_HEAD("DECENTRAL-JHEAD1"),
    ADVERT("DECENTRAL-ADVRT1"),
    LINK("DECENTRAL-LINK-1");

    public static final int LENGTH = 16;

    private final String ascii;

    Tag(String ascii) {
        this.ascii = ascii;
    }

    public Bytes bytes() {
        return Bytes.utf8(ascii);
    }
}

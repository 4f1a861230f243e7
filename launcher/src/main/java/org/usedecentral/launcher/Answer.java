package org.usedecentral.launcher;

import java.util.List;
import org.usedecentral.receipt.Expectations;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.inference.PartKind;

/**
 * A streamed answer, complete.
 *
 * @param lockTransaction what the gateway said in the header {@code x-decentral-escrow-signature}
 * @param receipt as it came in the stream, mostly before the ledger settled
 */
record Answer(String job, String lockTransaction, List<Expectations.Piece> pieces, String finishReason, Bytes receipt) {
    Answer {
        pieces = List.copyOf(pieces);
    }

    String text() {
        StringBuilder text = new StringBuilder();
        for (Expectations.Piece piece : pieces) {
            if (piece.part().kind() == PartKind.TEXT) {
                text.append(piece.bytes().utf8());
            }
        }
        return text.toString();
    }

    /** Everything received, for comparing with a receipt. */
    Expectations.Output output() {
        return new Expectations.Output(1, pieces);
    }
}

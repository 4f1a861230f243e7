package org.usedecentral.receipt;

import java.util.List;
import java.util.Optional;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.inference.Part;
import org.usedecentral.spi.protocol.JobId;
import org.usedecentral.spi.protocol.LedgerId;

/**
 * What somebody knows about a job beside its receipt; what is absent is not compared.
 *
 * @param output what the client received; needs the payer's copy
 */
public record Expectations(Optional<Output> output, Optional<JobId> job, Optional<LedgerId> ledger) {
    /** Nothing beside the receipt. */
    public static final Expectations NONE = new Expectations(Optional.empty(), Optional.empty(), Optional.empty());

    /** The same, and the whole text received as the one answer. */
    public Expectations text(Bytes utf8) {
        return output(new Output(1, List.of(new Piece(Part.TEXT, utf8))));
    }

    public Expectations output(Output value) {
        return new Expectations(Optional.of(value), job, ledger);
    }

    public Expectations job(JobId value) {
        return new Expectations(output, Optional.of(value), ledger);
    }

    public Expectations ledger(LedgerId value) {
        return new Expectations(output, job, Optional.of(value));
    }

    /**
     * Everything a client received, in any chunks.
     *
     * @param choices how many answers it asked for
     */
    public record Output(int choices, List<Piece> pieces) {
        public Output {
            pieces = List.copyOf(pieces);
            if (choices < 1 || choices > 128) {
                throw new IllegalArgumentException("a job has 1 to 128 choices, not " + choices);
            }
        }
    }

    /** A part of the output, whole or a chunk of it. */
    public record Piece(Part part, Bytes bytes) {}
}

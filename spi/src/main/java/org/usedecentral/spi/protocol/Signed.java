package org.usedecentral.spi.protocol;

import java.util.List;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.Bytes;

/** The bytes that are signed or hashed outside of jobs: adverts, links, ledger operations, receipts, the journal (docs/protocol.md, sections 5, 6, 8, 9). */
public final class Signed {
    private Signed() {}

    /** What a worker signs of an advert: tag ‖ ledger ‖ body. */
    public static Bytes advert(LedgerId ledger, Bytes body) {
        return Bytes.concat(Tag.ADVERT.bytes(), ledger.value(), body);
    }

    /** What a party signs to open a link. */
    public static Bytes link(LinkRole role, LinkParties parties, LinkRandoms randoms, Bytes advertSha256) {
        return Bytes.concat(
                Tag.LINK.bytes(),
                Bytes.of((byte) role.code()),
                parties.ledger().value(),
                parties.orchestrator().key(),
                parties.worker().key(),
                randoms.orchestrator(),
                randoms.worker(),
                advertSha256);
    }

    /** What a signer of an embedded ledger signs: tag ‖ ledger ‖ write id ‖ SHA-256(body). */
    public static Bytes operation(LedgerId ledger, WriteId write, Bytes body) {
        return Bytes.concat(Tag.LEDGER_OPERATION.bytes(), ledger.value(), write.value(), Sha256.of(body));
    }

    /** What a gateway signs of a receipt: tag ‖ SHA-256 over each part behind its u32 length; an absent part is empty. */
    public static Bytes receipt(List<Bytes> parts) {
        Bytes[] framed = new Bytes[parts.size() * 2];
        for (int i = 0; i < parts.size(); i++) {
            framed[2 * i] = Layout.u32(parts.get(i).length());
            framed[2 * i + 1] = parts.get(i);
        }
        return Bytes.concat(Tag.RECEIPT.bytes(), Sha256.of(framed));
    }

    /** The hash of a journal entry, which is its transaction id: SHA-256(tag ‖ ledger ‖ u64 index ‖ previous ‖ i64 time ‖ SHA-256(body)). */
    public static Bytes journalEntry(LedgerId ledger, JournalPosition at, Bytes body) {
        return Sha256.of(
                Tag.JOURNAL.bytes(),
                ledger.value(),
                Layout.u64(at.index()),
                at.previous(),
                Layout.u64(at.time()),
                Sha256.of(body));
    }

    /** What an embedded ledger's node signs with each commit: tag ‖ ledger ‖ u64 index ‖ hash of the last entry. */
    public static Bytes journalHead(LedgerId ledger, long index, Bytes hash) {
        return Bytes.concat(Tag.JOURNAL_HEAD.bytes(), ledger.value(), Layout.u64(index), hash);
    }

    /** Who signs a link: its number is the role byte. */
    public enum LinkRole {
        ORCHESTRATOR(0),
        WORKER(1);

        private final int code;

        LinkRole(int code) {
            this.code = code;
        }

        int code() {
            return code;
        }
    }

    /** The two ends of a link. */
    public record LinkParties(LedgerId ledger, Account orchestrator, Account worker) {}

    /** 32 fresh random bytes of each end. */
    public record LinkRandoms(Bytes orchestrator, Bytes worker) {
        public LinkRandoms {
            if (orchestrator.length() != 32 || worker.length() != 32) {
                throw new IllegalArgumentException("a link's randoms have 32 bytes each");
            }
        }
    }

    /**
     * Where an entry stands in a journal.
     *
     * @param index counts from 0
     * @param previous the hash before it; zeros for the first
     * @param time Unix seconds
     */
    public record JournalPosition(long index, Bytes previous, long time) {}
}

package org.usedecentral.spi.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.time.Instant;
import java.util.Optional;
import java.util.function.Function;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.inference.FinishReason;

/** A structure has one encoding, and an altered one is refused or says something else; never is it taken for the same. */
final class StructuresTest {
    private static final int MAX = Integer.MAX_VALUE;

    @Provide
    Arbitrary<Bytes> hashes() {
        return Arbitraries.bytes().array(byte[].class).ofSize(32).map(Bytes::of);
    }

    @Property
    void termsAreWhatTheirFieldsSay(
            @ForAll("hashes") Bytes key,
            @ForAll @IntRange(max = 1 << 24) int input,
            @ForAll @IntRange(max = 1 << 24) int output,
            @ForAll @LongRange(max = (1L << 36) - 1) long price,
            @ForAll @LongRange(max = Terms.MAX_TIME) long validUntil) {
        Terms terms = terms(key, input, output, price, validUntil);
        assertThat(rebuilt(Terms.decode(terms.encoded()))).isEqualTo(terms.encoded());
    }

    @Property(tries = 2000) // every bit
    void anAlteredBitOfTermsIsSeen(@ForAll @IntRange(max = 8 * Terms.LENGTH - 1) int bit) {
        Terms terms = terms(Sha256.of(), 1000, 500, 150_000, 1_767_225_600);
        anAlteredBitIsSeen(terms.encoded(), bit, encoded -> rebuilt(Terms.decode(encoded)));
        Bytes altered = flipped(terms.encoded(), bit);
        decoded(altered, Terms::decode)
                .ifPresent(other -> assertThat(other.jobId()).isNotEqualTo(terms.jobId()));
    }

    @Property(tries = 2000) // every bit
    void anAlteredBitOfAVoucherIsSeen(@ForAll @IntRange(max = 8 * Voucher.LENGTH - 1) int bit) {
        Voucher voucher = Voucher.of(new JobId(Sha256.of()), new Account(Sha256.of(Bytes.zeros(1))), 1, 64, 224);
        anAlteredBitIsSeen(voucher.encoded(), bit, encoded -> {
            Voucher read = Voucher.decode(encoded);
            return Voucher.of(read.job(), read.worker(), read.attempt(), read.outputTokens(), read.price())
                    .encoded();
        });
    }

    @Property(tries = 2000) // every bit
    void anAlteredBitOfAStatementIsSeen(@ForAll @IntRange(max = 8 * Statement.LENGTH - 1) int bit) {
        anAlteredBitIsSeen(statement().encoded(), bit, encoded -> {
            Statement read = Statement.decode(encoded);
            return Statement.builder(read.job(), read.worker(), read.attempt())
                    .requestCommitment(read.requestCommitment())
                    .modelDigest(read.modelDigest())
                    .outputDigest(read.outputDigest())
                    .tokens(read.inputTokens(), read.outputTokens())
                    .price(read.price())
                    .finishReason(read.finishReason())
                    .build()
                    .encoded();
        });
    }

    @Property
    void garbageIsRefusedPolitely(@ForAll byte[] garbage) {
        Bytes bytes = Bytes.of(garbage);
        assertThat(decoded(bytes, Terms::decode)).isEmpty();
        assertThat(decoded(bytes, Voucher::decode)).isEmpty();
        assertThat(decoded(bytes, Statement::decode)).isEmpty();
    }

    @Test
    void noTwoStructuresShareATag() {
        assertThat(Tag.values())
                .extracting(Tag::bytes)
                .doesNotHaveDuplicates()
                .allMatch(bytes -> bytes.length() == Tag.LENGTH);
    }

    @Test
    void buildersRefuseWhatIsMissingOrOutOfRange() {
        refused(() -> Terms.builder().build());
        refused(() -> terms(Bytes.zeros(31), 1, 1, 1, 1));
        refused(() -> terms(Bytes.zeros(32), -1, 1, 1, 1));
        refused(() -> terms(Bytes.zeros(32), 1, -1, 1, 1));
        refused(() -> terms(Bytes.zeros(32), 1, 1, 1, -1));
        refused(() -> terms(Bytes.zeros(32), MAX, MAX, (1L << 36) - 1, 1));
        JobId job = new JobId(Bytes.zeros(32));
        refused(() -> Voucher.of(job, Account.NONE, -1, 0, 0));
        refused(() -> Voucher.of(job, Account.NONE, 0, -1, 0));
        refused(() -> Voucher.of(job, Account.NONE, 0, 0, -1));
        refused(() -> Statement.builder(job, Account.NONE, 0).build());
        refused(() -> Statement.builder(job, Account.NONE, 0)
                .requestCommitment(Bytes.zeros(32))
                .outputDigest(Bytes.zeros(32))
                .tokens(0, 0)
                .price(-1)
                .build());
    }

    private static void anAlteredBitIsSeen(Bytes encoded, int bit, Function<Bytes, Bytes> readAndRebuild) {
        Bytes altered = flipped(encoded, bit);
        decoded(altered, readAndRebuild)
                .ifPresent(again -> assertThat(again).isEqualTo(altered).isNotEqualTo(encoded));
    }

    /** What the bytes mean; empty when they are refused, which happens with one exception only. */
    static <T> Optional<T> decoded(Bytes encoded, Function<Bytes, T> decoder) {
        try {
            return Optional.of(decoder.apply(encoded));
        } catch (DecentralException e) {
            assertThat(e.code()).isIn(ErrorCode.INVALID_REQUEST, ErrorCode.UNSUPPORTED_FEATURE);
            return Optional.empty();
        }
    }

    static Bytes flipped(Bytes encoded, int bit) {
        byte[] altered = encoded.toByteArray();
        altered[bit / 8] ^= (byte) (1 << bit % 8);
        return Bytes.of(altered);
    }

    static Terms terms(Bytes key, int input, int output, long price, long validUntil) {
        return Terms.builder()
                .ledger(new LedgerId(Sha256.of(key)))
                .payer(new Account(Sha256.of(key, key)), new Account(Sha256.of(key, key, key)))
                .orchestrator(new Account(Sha256.of()))
                .nonce(key)
                .requestCommitment(key)
                .caps(input, output)
                .ceiling(new TokenPrices(price, price / 2))
                .validUntil(Instant.ofEpochSecond(validUntil))
                .proofScheme(1)
                .build();
    }

    static Statement statement() {
        return Statement.builder(new JobId(Sha256.of()), new Account(Sha256.of(Bytes.zeros(1))), 1)
                .requestCommitment(Sha256.of(Bytes.zeros(2)))
                .modelDigest(Sha256.of(Bytes.zeros(3)))
                .outputDigest(Sha256.of(Bytes.zeros(4)))
                .tokens(1000, 500)
                .price(450)
                .finishReason(FinishReason.LENGTH)
                .build();
    }

    private static Bytes rebuilt(Terms read) {
        return Terms.builder()
                .ledger(read.ledger())
                .payer(read.payer(), read.lockSigner())
                .orchestrator(read.orchestrator())
                .nonce(read.nonce())
                .requestCommitment(read.requestCommitment())
                .caps(read.inputCap(), read.outputCap())
                .ceiling(read.ceiling())
                .timeoutSeconds(read.timeoutSeconds())
                .validUntil(read.validUntil())
                .proofScheme(read.proofScheme())
                .build()
                .encoded();
    }

    private static void refused(ThrowingCallable call) {
        assertThatExceptionOfType(DecentralException.class).isThrownBy(call);
    }
}

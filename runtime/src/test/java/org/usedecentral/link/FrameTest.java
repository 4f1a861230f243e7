package org.usedecentral.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.protocol.JobId;
import org.usedecentral.spi.protocol.LedgerId;
import org.usedecentral.spi.protocol.LedgerOperation;
import org.usedecentral.spi.protocol.Registration;
import org.usedecentral.spi.protocol.SignedOperation;
import org.usedecentral.spi.protocol.SignedVoucher;
import org.usedecentral.spi.protocol.Voucher;
import org.usedecentral.spi.protocol.WriteId;

final class FrameTest {
    private static final Bytes THIRTY_TWO = LinkStage.filled(1);
    private static final Bytes SIGNATURE = Bytes.zeros(64);

    static Stream<Frame> frames() {
        LinkStage stage = new LinkStage();
        Account worker = stage.worker.account();
        SignedOperation registration = SignedOperation.of(
                stage.ledger,
                WriteId.derived("register", worker.key()),
                new LedgerOperation.Register(new Registration(worker, worker, worker)),
                stage.worker);
        SignedVoucher voucher = new SignedVoucher(Voucher.of(new JobId(THIRTY_TWO), worker, 1, 64, 4711), SIGNATURE);
        return Stream.of(
                new Frame.Challenge(stage.orchestrator.account(), new LedgerId(THIRTY_TWO), THIRTY_TWO),
                new Frame.Hello(stage.advert(0), THIRTY_TWO, SIGNATURE, List.of(registration)),
                new Frame.Hello(stage.advert(0), THIRTY_TWO, SIGNATURE, List.of()),
                new Frame.Welcome(SIGNATURE, LinkLimits.DEFAULT),
                new Frame.Advert(stage.advert(7)),
                new Frame.Drain("the operator stops \"it\" – Ende\n"),
                new Frame.Ping(Long.MAX_VALUE, Map.of("full", 12L, "price-above-ceiling", 1L)),
                new Frame.Pong(-1),
                new Frame.Job(3, 2, LinkStage.assignment(), LinkStage.sealed()),
                new Frame.Accept(3, 0),
                new Frame.Fail(3, "CONTEXT_TOO_LONG", "too long"),
                new Frame.Window(3, 65_536, List.of()),
                new Frame.Window(Integer.MAX_VALUE, 0, List.of(voucher)),
                new Frame.Cancel(0x01020304),
                new Frame.Count(9, THIRTY_TWO, LinkStage.sealed()),
                new Frame.Counted(9, -1, "UNSUPPORTED_FEATURE", "no images here"));
    }

    @Test
    void everyFrameIsAmongTheSamples() {
        Set<Class<?>> kinds = Set.copyOf(Arrays.asList(Frame.class.getPermittedSubclasses()));
        assertThat(frames().map(Object::getClass).collect(Collectors.toSet())).isEqualTo(kinds);
    }

    @ParameterizedTest
    @MethodSource("frames")
    void whatIsWrittenIsReadBack(Frame frame) {
        byte[] encoded = frame.encode();
        assertThat(Frame.decode(encoded, 0, encoded.length)).isEqualTo(frame);
    }

    @ParameterizedTest
    @MethodSource("frames")
    void aFrameIsReadFromTheMiddleOfAnArray(Frame frame) {
        byte[] encoded = frame.encode();
        byte[] surrounded = new byte[encoded.length + 20];
        Arrays.fill(surrounded, (byte) 0x55);
        System.arraycopy(encoded, 0, surrounded, 13, encoded.length);
        assertThat(Frame.decode(surrounded, 13, encoded.length)).isEqualTo(frame);
    }

    @ParameterizedTest
    @MethodSource("frames")
    void aFrameCutOffAnywhereIsRefused(Frame frame) {
        byte[] encoded = frame.encode();
        for (int length = 0; length < encoded.length; length++) {
            if (frame instanceof Frame.Window && length == 9) {
                continue; // just before the voucher stands a whole WINDOW without one
            }
            byte[] cut = Arrays.copyOf(encoded, length);
            assertThatThrownBy(() -> Frame.decode(cut, 0, cut.length))
                    .as("%s of %s bytes", length, encoded.length)
                    .isInstanceOfSatisfying(DecentralException.class, FrameTest::isInvalid);
        }
    }

    @ParameterizedTest
    @MethodSource("frames")
    void aByteTooManyIsRefused(Frame frame) {
        byte[] encoded = frame.encode();
        byte[] longer = Arrays.copyOf(encoded, encoded.length + 1);
        longer[encoded.length] = '}';
        assertRefused(longer);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 17, 99, 127, 128, 255})
    void anUnknownTypeIsRefused(int type) {
        assertRefused(new byte[] {(byte) type, '{', '}'});
    }

    @ParameterizedTest
    @ValueSource(ints = {11, 12})
    void sealedOutputIsNoControlFrame(int type) {
        assertRefused(new byte[] {(byte) type, 1, 2, 3});
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 9, 10, 16})
    void emptyObjectsAreRefused(int type) {
        assertRefused(new byte[] {(byte) type, '{', '}'});
    }

    @Test
    void aFrameAboveItsLimitIsRefusedUnread() {
        assertThat(decode(drain(Frame.MAX_LENGTH))).isInstanceOf(Frame.Drain.class);
        assertThatThrownBy(() -> decode(drain(Frame.MAX_LENGTH + 1)))
                .isInstanceOfSatisfying(DecentralException.class, FrameTest::isInvalid)
                .hasMessageContaining("at most " + Frame.MAX_LENGTH);
    }

    @Test
    void onlyFramesWithAPayloadMayBeLonger() {
        SealedPayload large = new SealedPayload(THIRTY_TWO, THIRTY_TWO, Bytes.zeros(1_400_000));
        Frame.Count count = new Frame.Count(1, THIRTY_TWO, large);
        assertThat(decode(count.encode())).isEqualTo(count);
        Frame.Job job = new Frame.Job(1, 0, LinkStage.assignment(), large);
        assertThat(decode(job.encode())).isEqualTo(job);
        SealedPayload tooLarge = new SealedPayload(THIRTY_TWO, THIRTY_TWO, Bytes.zeros(Frame.MAX_JOB_LENGTH));
        assertRefused(new Frame.Job(1, 0, LinkStage.assignment(), tooLarge).encode());
    }

    /** A DRAIN frame of exactly so many bytes. */
    private static byte[] drain(int length) {
        int rest = length - new Frame.Drain("").encode().length;
        return new Frame.Drain("x".repeat(rest)).encode();
    }

    @Test
    void whatIsNotThereIsNotInvented() {
        assertRefusedJson(FrameType.ACCEPT, "{\"lane\":1}");
        assertRefusedJson(FrameType.ACCEPT, "{\"lane\":1,\"input_tokens\":null}");
        assertRefusedJson(FrameType.ACCEPT, "{\"lane\":1,\"input_tokens\":2147483648}");
        assertRefusedJson(FrameType.ACCEPT, "{\"lane\":1,\"lane\":2,\"input_tokens\":3}");
        assertRefusedJson(FrameType.FAIL, "{\"lane\":1,\"code\":null,\"message\":\"\"}");
        assertRefusedJson(FrameType.PING, "{\"nonce\":1,\"refusals\":{\"full\":null}}");
        assertRefusedJson(FrameType.DRAIN, "null");
        assertRefusedJson(FrameType.DRAIN, "[]");
        assertRefusedJson(FrameType.DRAIN, "[".repeat(1000));
    }

    @Test
    void unknownFieldsArePassedOver() {
        assertThat(json(FrameType.ACCEPT, "{\"lane\":1,\"from_the_future\":[{}],\"input_tokens\":3}"))
                .isEqualTo(new Frame.Accept(1, 3));
    }

    @Test
    void structuresHaveTheirLengths() {
        Account account = new LinkStage().orchestrator.account();
        Bytes shorter = THIRTY_TWO.slice(0, 31);
        assertInvalid(() -> new Frame.Challenge(account, new LedgerId(THIRTY_TWO), shorter));
        assertInvalid(() -> new Frame.Hello(new LinkStage().advert(0), shorter, SIGNATURE, List.of()));
        assertInvalid(() -> new Frame.Count(1, shorter, LinkStage.sealed()));
        Frame.Assignment good = LinkStage.assignment();
        assertInvalid(() -> new Frame.Assignment(Bytes.zeros(247), good.lock(), 1, good.voucher(), SIGNATURE));
        assertInvalid(() -> new Frame.Assignment(good.terms(), good.lock(), 1, Bytes.zeros(97), SIGNATURE));
        assertInvalid(() -> new Frame.Assignment(good.terms(), good.lock(), 1, good.voucher(), Bytes.zeros(63)));
    }

    @Test
    void aWindowHoldsNoNegativeBytesAndOneVoucherAtMost() {
        byte[] negative = new Frame.Window(1, 1, List.of()).encode();
        negative[8] = (byte) 0x80;
        assertRefused(negative);
        SignedVoucher voucher = new SignedVoucher(
                Voucher.of(new JobId(THIRTY_TWO), new LinkStage().worker.account(), 0, 1, 1), SIGNATURE);
        assertRefused(new Frame.Window(1, 1, List.of(voucher, voucher)).encode());
    }

    /** Whatever a peer sends, the answer is a frame or INVALID_REQUEST: anything else would end the thread that reads the link. */
    @Test
    void damagedFramesAreReadOrRefused() {
        Random random = new Random(20_300_131);
        List<byte[]> samples = frames().map(Frame::encode).toList();
        int refused = 0;
        for (int i = 0; i < 30_000; i++) {
            byte[] frame = samples.get(random.nextInt(samples.size())).clone();
            for (int flips = 1 + random.nextInt(3); flips > 0; flips--) {
                frame[random.nextInt(frame.length)] = (byte) random.nextInt(256);
            }
            refused += isRefused(frame) ? 1 : 0;
        }
        assertThat(refused).isPositive();
    }

    @Test
    void randomBytesAreReadOrRefused() {
        Random random = new Random(4711);
        for (int i = 0; i < 20_000; i++) {
            byte[] frame = new byte[random.nextInt(200)];
            random.nextBytes(frame);
            if (frame.length > 0) {
                frame[0] = (byte) (1 + random.nextInt(16));
            }
            boolean _ = isRefused(frame);
        }
    }

    private static boolean isRefused(byte[] frame) {
        try {
            assertThat(decode(frame)).isNotNull();
            return false;
        } catch (DecentralException e) {
            isInvalid(e);
            return true;
        }
    }

    private static Frame decode(byte[] frame) {
        return Frame.decode(frame, 0, frame.length);
    }

    private static Frame json(FrameType type, String json) {
        return decode(
                Bytes.concat(Bytes.of((byte) type.code()), Bytes.utf8(json)).toByteArray());
    }

    private static void assertRefusedJson(FrameType type, String json) {
        assertThatThrownBy(() -> json(type, json))
                .as(json)
                .isInstanceOfSatisfying(DecentralException.class, FrameTest::isInvalid);
    }

    private static void assertRefused(byte[] frame) {
        assertThatThrownBy(() -> decode(frame)).isInstanceOfSatisfying(DecentralException.class, FrameTest::isInvalid);
    }

    private static void assertInvalid(ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOfSatisfying(DecentralException.class, FrameTest::isInvalid);
    }

    private static void isInvalid(DecentralException error) {
        assertThat(error.code()).as(error.message()).isEqualTo(ErrorCode.INVALID_REQUEST);
    }
}

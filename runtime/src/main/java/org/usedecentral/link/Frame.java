package org.usedecentral.link;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.protocol.LedgerId;
import org.usedecentral.spi.protocol.SignedOperation;
import org.usedecentral.spi.protocol.SignedVoucher;
import org.usedecentral.spi.protocol.Terms;
import org.usedecentral.spi.protocol.TransactionId;
import org.usedecentral.spi.protocol.Voucher;

/** A message on a link but for sealed output, which {@link SealedFrame} reads and writes in place. */
public sealed interface Frame {
    /** The longest frame, but for JOB and COUNT, which carry a payload. */
    int MAX_LENGTH = 256 * 1024;

    int MAX_JOB_LENGTH = 2 * 1024 * 1024;

    /** Orchestrator: who I am. */
    record Challenge(Account orchestrator, LedgerId ledger, Bytes random) implements Frame {
        public Challenge {
            requireLength("random", random, 32);
        }
    }

    /** Worker: who I am and what I offer; on an embedded ledger also my registration, not yet submitted. */
    record Hello(SignedAdvert advert, Bytes random, Bytes signature, List<SignedOperation> registration)
            implements Frame {
        public Hello {
            requireLength("random", random, 32);
            registration = List.copyOf(registration);
        }
    }

    /** Orchestrator: the link is open. */
    record Welcome(Bytes signature, LinkLimits limits) implements Frame {}

    /** Worker: a newer advert. */
    record Advert(SignedAdvert advert) implements Frame {}

    /** Worker: no new jobs; those that run are finished. */
    record Drain(String reason) implements Frame {}

    /** Orchestrator: are you there; and why jobs went elsewhere since the last one. */
    record Ping(long nonce, Map<String, Long> refusals) implements Frame {
        public Ping {
            refusals = Map.copyOf(refusals);
        }
    }

    /** Worker: I am. */
    record Pong(long nonce) implements Frame {}

    /** Orchestrator: an assignment. */
    record Job(int lane, int attempt, Assignment assignment, SealedPayload sealed) implements Frame {}

    /**
     * What a JOB binds its worker to.
     *
     * @param terms the 248 bytes
     * @param budget the most this attempt may cost, base units
     * @param voucher the 96 bytes of voucher 0/0
     */
    record Assignment(Bytes terms, TransactionId lock, long budget, Bytes voucher, Bytes voucherSignature) {
        public Assignment {
            requireLength("terms", terms, Terms.LENGTH);
            requireLength("voucher", voucher, Voucher.LENGTH);
            requireLength("voucher_signature", voucherSignature, 64);
        }

        public Terms decodedTerms() {
            return Terms.decode(terms);
        }

        public SignedVoucher signedVoucher() {
            return new SignedVoucher(Voucher.decode(voucher), voucherSignature);
        }
    }

    /** Worker: the prompt is read. */
    record Accept(int lane, int inputTokens) implements Frame {}

    /** Worker: this lane ends without output of its own. */
    record Fail(int lane, String code, String message) implements Frame {
        /** The error, {@code INTERNAL} for a code this version does not know. */
        public DecentralException error() {
            ErrorCode known = ErrorCode.INTERNAL;
            for (ErrorCode candidate : ErrorCode.values()) {
                if (candidate.name().equals(code)) {
                    known = candidate;
                }
            }
            return new DecentralException(known, message);
        }
    }

    /** Orchestrator: so many bytes more may be sent, and perhaps a newer voucher. */
    record Window(int lane, int bytes, List<SignedVoucher> voucher) implements Frame {
        public Window {
            voucher = List.copyOf(voucher);
        }
    }

    /** Orchestrator: stop. */
    record Cancel(int lane) implements Frame {}

    /** Orchestrator: how many tokens is this prompt; asked before a lock when bytes cannot tell whether it fits. */
    record Count(int query, Bytes nonce, SealedPayload sealed) implements Frame {
        public Count {
            requireLength("nonce", nonce, 32);
        }
    }

    /** Worker: so many; or -1 and why not. */
    record Counted(int query, int inputTokens, String code, String message) implements Frame {}

    /** The whole frame. */
    default byte[] encode() {
        return switch (this) {
            case Challenge frame -> json(FrameType.CHALLENGE, frame);
            case Hello frame -> json(FrameType.HELLO, frame);
            case Welcome frame -> json(FrameType.WELCOME, frame);
            case Advert frame -> json(FrameType.ADVERT, frame);
            case Drain frame -> json(FrameType.DRAIN, frame);
            case Ping frame -> json(FrameType.PING, frame);
            case Pong frame -> json(FrameType.PONG, frame);
            case Job frame -> json(FrameType.JOB, frame);
            case Accept frame -> json(FrameType.ACCEPT, frame);
            case Fail frame -> json(FrameType.FAIL, frame);
            case Count frame -> json(FrameType.COUNT, frame);
            case Counted frame -> json(FrameType.COUNTED, frame);
            case Window frame -> window(frame);
            case Cancel(int lane) ->
                ByteBuffer.allocate(5)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .put((byte) FrameType.CANCEL.code())
                        .putInt(lane)
                        .array();
        };
    }

    /**
     * Reads a frame that is not sealed output.
     *
     * @throws DecentralException {@code INVALID_REQUEST} if it is not one
     */
    static Frame decode(byte[] frame, int offset, int length) {
        FrameType type = FrameType.of(length < 1 ? 0 : frame[offset]);
        int limit = type == FrameType.JOB || type == FrameType.COUNT ? MAX_JOB_LENGTH : MAX_LENGTH;
        if (length > limit) {
            throw DecentralException.invalid("length", type + " frame of " + length + " bytes; at most " + limit);
        }
        return switch (type) {
            case CHALLENGE -> json(frame, offset, length, Challenge.class);
            case HELLO -> json(frame, offset, length, Hello.class);
            case WELCOME -> json(frame, offset, length, Welcome.class);
            case ADVERT -> json(frame, offset, length, Advert.class);
            case DRAIN -> json(frame, offset, length, Drain.class);
            case PING -> json(frame, offset, length, Ping.class);
            case PONG -> json(frame, offset, length, Pong.class);
            case JOB -> json(frame, offset, length, Job.class);
            case ACCEPT -> json(frame, offset, length, Accept.class);
            case FAIL -> json(frame, offset, length, Fail.class);
            case COUNT -> json(frame, offset, length, Count.class);
            case COUNTED -> json(frame, offset, length, Counted.class);
            case WINDOW -> window(ByteBuffer.wrap(frame, offset + 1, length - 1));
            case CANCEL -> cancel(ByteBuffer.wrap(frame, offset + 1, length - 1));
            case TOKENS, END -> throw DecentralException.invalid("type", "sealed output out of place");
        };
    }

    private static void requireLength(String field, Bytes bytes, int length) {
        if (bytes.length() != length) {
            throw DecentralException.invalid(field, field + " has " + length + " bytes, not " + bytes.length());
        }
    }

    private static byte[] json(FrameType type, Frame frame) {
        Bytes json = Json.write(frame);
        ByteBuffer out = ByteBuffer.allocate(1 + json.length()).put((byte) type.code());
        json.writeTo(out);
        return out.array();
    }

    private static <T extends Frame> T json(byte[] frame, int offset, int length, Class<T> type) {
        return Json.read(frame, offset + 1, length - 1, type);
    }

    private static byte[] window(Window window) {
        int vouchers = window.voucher().size();
        ByteBuffer out =
                ByteBuffer.allocate(9 + vouchers * (Voucher.LENGTH + 64)).order(ByteOrder.LITTLE_ENDIAN);
        out.put((byte) FrameType.WINDOW.code()).putInt(window.lane()).putInt(window.bytes());
        for (SignedVoucher signed : window.voucher()) {
            signed.voucher().encoded().writeTo(out);
            signed.signature().writeTo(out);
        }
        return out.array();
    }

    private static Window window(ByteBuffer buffer) {
        ByteBuffer in = buffer.order(ByteOrder.LITTLE_ENDIAN);
        try {
            int lane = in.getInt();
            int bytes = in.getInt();
            if (bytes < 0 || (in.hasRemaining() && in.remaining() != Voucher.LENGTH + 64)) {
                throw DecentralException.invalid(
                        "window", "a WINDOW holds bytes that are not negative and one voucher at most");
            }
            if (!in.hasRemaining()) {
                return new Window(lane, bytes, List.of());
            }
            byte[] voucher = new byte[Voucher.LENGTH];
            byte[] signature = new byte[64];
            in.get(voucher).get(signature);
            return new Window(
                    lane, bytes, List.of(new SignedVoucher(Voucher.decode(Bytes.of(voucher)), Bytes.of(signature))));
        } catch (BufferUnderflowException e) {
            throw DecentralException.invalid("window", "a WINDOW frame ends early");
        }
    }

    private static Cancel cancel(ByteBuffer in) {
        if (in.remaining() != 4) {
            throw DecentralException.invalid("cancel", "a CANCEL frame has 5 bytes");
        }
        return new Cancel(in.order(ByteOrder.LITTLE_ENDIAN).getInt());
    }
}

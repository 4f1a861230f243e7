package org.usedecentral.spi.protocol;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Locale;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;

/** A write on a ledger whose writes are signed messages, and its body: u8 number, then the fields (docs/protocol.md, section 6). */
public sealed interface LedgerOperation {
    int MAX_LENGTH = 4096;

    /** 1: account ‖ u64 amount ‖ u16 length ‖ reference. Signed by the operator; a reference is used once. */
    record Deposit(Account account, long amount, String reference) implements LedgerOperation {
        public Deposit {
            if (amount < 0) {
                throw DecentralException.invalid("amount", "the amount must lie in 0 … 2^63 - 1");
            }
        }
    }

    /** 2: signature ‖ u16 length ‖ text. */
    record Withdraw(SignedMessage message) implements LedgerOperation {
        public Withdraw {
            requireAction(message, "withdraw");
        }
    }

    /** 3: signature ‖ u16 length ‖ text. */
    record Approve(SignedMessage message) implements LedgerOperation {
        public Approve {
            requireAction(message, "approve");
        }
    }

    /** 4: signature ‖ u16 length ‖ text. */
    record Revoke(SignedMessage message) implements LedgerOperation {
        public Revoke {
            requireAction(message, "revoke");
        }
    }

    /** 5: terms. Signed by lock signer and orchestrator. */
    record Lock(Terms terms) implements LedgerOperation {}

    /** 6: statement ‖ signature. Signed by the orchestrator. */
    record Settle(SignedStatement statement) implements LedgerOperation {}

    /** 7: voucher ‖ signature. Signed by the worker, or by the orchestrator for it. */
    record Claim(SignedVoucher voucher) implements LedgerOperation {}

    /** 8: job. Signed by the orchestrator. */
    record Expire(JobId job) implements LedgerOperation {}

    /** 9: job. Signed by anyone. */
    record Refund(JobId job) implements LedgerOperation {}

    /** 10: job. Signed by anyone. */
    record Close(JobId job) implements LedgerOperation {}

    /** 11: owner ‖ worker ‖ payout. Signed by owner and worker. */
    record Register(Registration registration) implements LedgerOperation {}

    /** 12: worker ‖ payout. Signed by the owner. */
    record Update(Account worker, Account payout) implements LedgerOperation {}

    /** 13: worker. Signed by the owner. */
    record Retire(Account worker) implements LedgerOperation {}

    /** The lower-case name that events, journal and explorer use. */
    default String label() {
        return getClass().getSimpleName().toLowerCase(Locale.ROOT);
    }

    /** The body that is hashed, signed and journalled. */
    default Bytes encode() {
        ByteBuffer out = ByteBuffer.allocate(MAX_LENGTH).order(ByteOrder.LITTLE_ENDIAN);
        switch (this) {
            case Deposit(Account account, long amount, String reference) -> {
                account.key().writeTo(out.put((byte) 1));
                text(out.putLong(amount), reference);
            }
            case Withdraw(SignedMessage message) -> message(out.put((byte) 2), message);
            case Approve(SignedMessage message) -> message(out.put((byte) 3), message);
            case Revoke(SignedMessage message) -> message(out.put((byte) 4), message);
            case Lock(Terms terms) -> terms.encoded().writeTo(out.put((byte) 5));
            case Settle(SignedStatement signed) -> {
                signed.statement().encoded().writeTo(out.put((byte) 6));
                signed.signature().writeTo(out);
            }
            case Claim(SignedVoucher signed) -> {
                signed.voucher().encoded().writeTo(out.put((byte) 7));
                signed.signature().writeTo(out);
            }
            case Expire(JobId job) -> job.value().writeTo(out.put((byte) 8));
            case Refund(JobId job) -> job.value().writeTo(out.put((byte) 9));
            case Close(JobId job) -> job.value().writeTo(out.put((byte) 10));
            case Register(Registration(Account owner, Account worker, Account payout)) -> {
                owner.key().writeTo(out.put((byte) 11));
                worker.key().writeTo(out);
                payout.key().writeTo(out);
            }
            case Update(Account worker, Account payout) -> {
                worker.key().writeTo(out.put((byte) 12));
                payout.key().writeTo(out);
            }
            case Retire(Account worker) -> worker.key().writeTo(out.put((byte) 13));
        }
        return Bytes.of(out.flip());
    }

    /**
     * Reads a body.
     *
     * @throws DecentralException {@code INVALID_REQUEST} if it is not one, {@code UNSUPPORTED_FEATURE} if its number is unknown
     */
    static LedgerOperation decode(Bytes body) {
        ByteBuffer in = body.asBuffer().order(ByteOrder.LITTLE_ENDIAN);
        try {
            int number = in.get();
            LedgerOperation operation = switch (number) {
                case 1 -> new Deposit(account(in), in.getLong(), text(in));
                case 2 -> new Withdraw(message(in));
                case 3 -> new Approve(message(in));
                case 4 -> new Revoke(message(in));
                case 5 -> new Lock(Terms.decode(bytes(in, Terms.LENGTH)));
                case 6 -> new Settle(new SignedStatement(Statement.decode(bytes(in, Statement.LENGTH)), bytes(in, 64)));
                case 7 -> new Claim(new SignedVoucher(Voucher.decode(bytes(in, Voucher.LENGTH)), bytes(in, 64)));
                case 8 -> new Expire(new JobId(bytes(in, 32)));
                case 9 -> new Refund(new JobId(bytes(in, 32)));
                case 10 -> new Close(new JobId(bytes(in, 32)));
                case 11 -> new Register(new Registration(account(in), account(in), account(in)));
                case 12 -> new Update(account(in), account(in));
                case 13 -> new Retire(account(in));
                default -> throw DecentralException.unsupported("ledger operation " + number);
            };
            if (!operation.encode().equals(body)) {
                throw DecentralException.invalid("body", "the operation is not in its one form");
            }
            return operation;
        } catch (BufferUnderflowException e) {
            throw DecentralException.invalid("body", "the operation ends early");
        }
    }

    /** A payer who signed one action has not signed another that happens to have the same lines. */
    private static void requireAction(SignedMessage signed, String action) {
        if (!signed.message().action().equals(action)) {
            throw DecentralException.invalid("message", "the payer's message does not say " + action);
        }
    }

    private static Bytes bytes(ByteBuffer in, int length) {
        byte[] bytes = new byte[length];
        in.get(bytes);
        return Bytes.of(bytes);
    }

    private static Account account(ByteBuffer in) {
        return new Account(bytes(in, 32));
    }

    private static String text(ByteBuffer in) {
        return bytes(in, in.getShort() & 0xffff).utf8();
    }

    private static void text(ByteBuffer out, String text) {
        Bytes utf8 = Bytes.utf8(text);
        if (utf8.length() > MAX_LENGTH - 256) {
            throw DecentralException.invalid("reference", "the text is too long for an operation");
        }
        utf8.writeTo(out.putShort((short) utf8.length()));
    }

    private static SignedMessage message(ByteBuffer in) {
        Bytes signature = bytes(in, 64);
        return new SignedMessage(PayerMessage.parse(text(in)), signature);
    }

    private static void message(ByteBuffer out, SignedMessage signed) {
        signed.signature().writeTo(out);
        text(out, signed.message().text());
    }
}

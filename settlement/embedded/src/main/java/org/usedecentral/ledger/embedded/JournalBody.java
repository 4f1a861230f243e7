package org.usedecentral.ledger.embedded;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.protocol.LedgerOperation;
import org.usedecentral.spi.protocol.SignedOperation;
import org.usedecentral.spi.protocol.WriteId;

/** What a journal entry says: u8 kind, then the fields, little-endian. Enough to replay the whole ledger from it. */
sealed interface JournalBody {
    int OPERATION = 1;

    /** 0: operator ‖ random ‖ settings. The first entry; operator and random make the ledger's id. */
    record Genesis(Account operator, Bytes random, Settings settings) implements JournalBody {}

    /** 1: write id ‖ u16 length ‖ body ‖ u8 signatures ‖ per signature account, signature. */
    record Operation(SignedOperation signed) implements JournalBody {}

    /** 2: settings. The operator configured others; they hold for jobs locked from here on. */
    record Change(Settings settings) implements JournalBody {}

    /** 3: i64 last heartbeat. The node was down from then until the entry's time; deadlines not passed then are that much later. */
    record Resume(long heartbeat) implements JournalBody {}

    default int kind() {
        return switch (this) {
            case Genesis ignored -> 0;
            case Operation ignored -> OPERATION;
            case Change ignored -> 2;
            case Resume ignored -> 3;
        };
    }

    default Bytes encode() {
        ByteBuffer out = ByteBuffer.allocate(LedgerOperation.MAX_LENGTH + 1024).order(ByteOrder.LITTLE_ENDIAN);
        out.put((byte) kind());
        switch (this) {
            case Genesis(Account operator, Bytes random, Settings settings) -> {
                operator.key().writeTo(out);
                random.writeTo(out);
                settings.encode(out);
            }
            case Operation(SignedOperation signed) -> {
                signed.write().value().writeTo(out);
                signed.body().writeTo(out.putShort((short) signed.body().length()));
                out.put((byte) signed.signatures().size());
                for (SignedOperation.Signature signature : signed.signatures()) {
                    signature.account().key().writeTo(out);
                    signature.signature().writeTo(out);
                }
            }
            case Change(Settings settings) -> settings.encode(out);
            case Resume(long heartbeat) -> out.putLong(heartbeat);
        }
        return Bytes.of(out.flip());
    }

    /**
     * Reads a body.
     *
     * @throws DecentralException {@code INTERNAL} if it is not one: the journal is damaged
     */
    static JournalBody decode(Bytes body) {
        ByteBuffer in = body.asBuffer().order(ByteOrder.LITTLE_ENDIAN);
        try {
            JournalBody decoded = switch (in.get()) {
                case 0 -> new Genesis(new Account(bytes(in, 32)), bytes(in, 32), settings(in));
                case OPERATION -> new Operation(operation(in));
                case 2 -> new Change(settings(in));
                case 3 -> new Resume(in.getLong());
                default -> throw Damage.of("a journal entry is of unknown kind " + body.get(0));
            };
            if (in.hasRemaining()) {
                throw Damage.of("a journal entry has " + in.remaining() + " bytes too many");
            }
            return decoded;
        } catch (BufferUnderflowException e) {
            throw Damage.of("a journal entry ends early");
        }
    }

    private static SignedOperation operation(ByteBuffer in) {
        WriteId write = new WriteId(bytes(in, 32));
        Bytes body = bytes(in, in.getShort() & 0xffff);
        int count = in.get();
        List<SignedOperation.Signature> signatures = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            signatures.add(new SignedOperation.Signature(new Account(bytes(in, 32)), bytes(in, 64)));
        }
        return new SignedOperation(write, body, signatures);
    }

    private static Settings settings(ByteBuffer in) {
        return Settings.decode(bytes(in, Settings.LENGTH));
    }

    private static Bytes bytes(ByteBuffer in, int length) {
        if (length > in.remaining()) {
            throw new BufferUnderflowException();
        }
        byte[] bytes = new byte[length];
        in.get(bytes);
        return Bytes.of(bytes);
    }
}

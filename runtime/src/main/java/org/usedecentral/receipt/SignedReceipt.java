package org.usedecentral.receipt;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.Signer;
import org.usedecentral.spi.protocol.Signed;
import org.usedecentral.spi.protocol.SignedStatement;
import org.usedecentral.spi.protocol.SignedVoucher;
import org.usedecentral.spi.protocol.TransactionId;

/**
 * A receipt with its gateway's signature, not yet checked.
 *
 * @param gateway whose key signed; a good receipt's gateway is the orchestrator of its terms
 * @param signature 64 bytes, Ed25519, over {@link #message}
 */
public record SignedReceipt(Receipt receipt, Account gateway, Bytes signature) {
    public SignedReceipt {
        if (signature.length() != 64) {
            throw new IllegalArgumentException("an Ed25519 signature has 64 bytes, not " + signature.length());
        }
    }

    /** Signs a receipt. */
    public static SignedReceipt of(Receipt receipt, Signer gateway) {
        return new SignedReceipt(receipt, gateway.account(), gateway.sign(message(receipt)));
    }

    /** The receipt without what opens the commitments, for others than the payer; the gateway signs it anew. */
    public Receipt publicCopy() {
        return new Receipt(
                receipt.terms(), Optional.empty(), receipt.evidence(), receipt.settlement(), receipt.summary());
    }

    /**
     * What the gateway signs. The summary's compact JSON is the last part, so that the signature covers every byte of a receipt.
     */
    static Bytes message(Receipt receipt) {
        List<Bytes> parts = new ArrayList<>();
        parts.add(receipt.terms().encoded());
        parts.add(receipt.openings().map(Openings::salt).orElse(Bytes.empty()));
        parts.add(receipt.openings().map(Openings::clientBodySha256).orElse(Bytes.empty()));
        parts.add(receipt.openings().map(Openings::payloadSha256).orElse(Bytes.empty()));
        for (SignedVoucher voucher : receipt.evidence().vouchers()) {
            parts.add(voucher.voucher().encoded());
            parts.add(voucher.signature());
        }
        for (SignedStatement statement : receipt.evidence().statements()) {
            parts.add(statement.statement().encoded());
            parts.add(statement.signature());
        }
        parts.add(receipt.settlement().lock().value());
        parts.add(value(receipt.settlement().settle()));
        parts.add(Bytes.utf8(receipt.settlement().state().wireName()));
        parts.add(Bytes.utf8(ReceiptJson.summary(receipt.summary())));
        return Signed.receipt(parts);
    }

    private static Bytes value(@Nullable TransactionId transaction) {
        return transaction == null ? Bytes.empty() : transaction.value();
    }
}

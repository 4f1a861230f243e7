package org.usedecentral.link;

import org.usedecentral.crypto.Ed25519;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.Signer;
import org.usedecentral.spi.protocol.LedgerId;
import org.usedecentral.spi.protocol.Sha256;
import org.usedecentral.spi.protocol.Signed;

/**
 * An advert's exact JSON bytes and the worker's signature over them, not yet checked.
 *
 * @param body at most 8 KiB
 */
public record SignedAdvert(Bytes body, Bytes signature) {
    public static final int MAX_LENGTH = 8 * 1024;

    public SignedAdvert {
        if (body.length() > MAX_LENGTH) {
            throw DecentralException.invalid(
                    "advert", "an advert of " + body.length() + " bytes; at most " + MAX_LENGTH);
        }
    }

    public static SignedAdvert of(WorkerAdvert advert, LedgerId ledger, Signer worker) {
        Bytes body = Json.write(advert);
        return new SignedAdvert(body, worker.sign(Signed.advert(ledger, body)));
    }

    /**
     * The advert, its signature checked.
     *
     * @throws DecentralException {@code INVALID_REQUEST} if it cannot be read, {@code UNAUTHENTICATED} if the signature is not the worker's
     */
    public WorkerAdvert verified(LedgerId ledger) {
        WorkerAdvert advert = Json.read(body, WorkerAdvert.class);
        if (!Ed25519.verify(advert.worker(), Signed.advert(ledger, body), signature)) {
            throw new DecentralException(
                    ErrorCode.UNAUTHENTICATED, "the advert is not signed by worker " + advert.worker());
        }
        return advert;
    }

    public Bytes sha256() {
        return Sha256.of(body);
    }
}

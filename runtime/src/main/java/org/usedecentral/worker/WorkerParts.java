package org.usedecentral.worker;

import java.util.List;
import org.usedecentral.link.NodeParts;
import org.usedecentral.spi.Signer;
import org.usedecentral.spi.inference.InferenceBackend;
import org.usedecentral.spi.protocol.Registration;

/** What a worker is made of. Everything in it is thread-safe. */
public interface WorkerParts extends NodeParts {
    /** The key the worker works with. */
    Signer signer();

    /** Owner and payout; a native worker's owner is its own key. */
    Registration registration();

    List<InferenceBackend> backends();

    /** Which of the backends' models are offered. */
    default Offer offer() {
        return Offer.UNTESTED;
    }

    WorkerSettings settings();
}

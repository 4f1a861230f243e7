package org.usedecentral.orchestrator;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.usedecentral.link.Link;
import org.usedecentral.link.WorkerAdvert;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.inference.Device;
import org.usedecentral.spi.inference.ModelCard;
import org.usedecentral.spi.ledger.WorkerAccount;
import org.usedecentral.spi.protocol.TokenPrices;
import org.usedecentral.spi.routing.WorkerSnapshot;

/**
 * A worker that hosts the model asked for, as it stands at one moment.
 *
 * @param link how to reach it
 * @param offer the advert that a payload for it is sealed to
 * @param standing what the ledger knows of it
 */
record Candidate(Link link, Link.Offer offer, WorkerAdvert.Hosted hosted, WorkerAccount standing, Measured measured)
        implements WorkerSnapshot {
    /**
     * What this orchestrator found out itself.
     *
     * @param unavailable why it must not be picked now, whatever the job; null: nothing
     */
    record Measured(
            Duration roundTrip,
            double prefill,
            double decode,
            Instant lastSeen,
            @Nullable String unavailable) {}

    @Override
    public Account account() {
        return offer.advert().worker();
    }

    @Override
    public ModelCard model() {
        return hosted.card();
    }

    /** 32 bytes; zeros where the worker does not state it. */
    Bytes modelDigest() {
        return hosted.digest();
    }

    @Override
    public TokenPrices prices() {
        return hosted.prices().tokenPrices();
    }

    @Override
    public List<Device> devices() {
        return offer.advert().engine().devices();
    }

    @Override
    public @Nullable String region() {
        String region = offer.advert().engine().region();
        return region.isEmpty() ? null : region;
    }

    @Override
    public long stake() {
        return standing.stake().active() ? standing.stake().amount() : 0;
    }

    @Override
    public double stakeWeight() {
        return standing.stake().weight();
    }

    @Override
    public int reputation() {
        return standing.reputation();
    }

    @Override
    public int slots() {
        return offer.advert().engine().load().slots();
    }

    /** This node's own lanes: the advert's figure is up to ten seconds old. */
    @Override
    public int running() {
        return link.running();
    }

    @Override
    public int waiting() {
        return offer.advert().engine().load().waiting();
    }

    @Override
    public Duration roundTrip() {
        return measured.roundTrip();
    }

    @Override
    public double prefillSpeed() {
        return measured.prefill();
    }

    @Override
    public double decodeSpeed() {
        return measured.decode();
    }

    @Override
    public Instant lastSeen() {
        return measured.lastSeen();
    }
}

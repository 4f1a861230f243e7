package org.usedecentral.testkit.routing;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.ModelId;
import org.usedecentral.spi.inference.Device;
import org.usedecentral.spi.inference.Feature;
import org.usedecentral.spi.inference.ModelCard;
import org.usedecentral.spi.inference.ModelLimits;
import org.usedecentral.spi.protocol.Sha256;
import org.usedecentral.spi.protocol.TokenPrices;
import org.usedecentral.spi.routing.WorkerSnapshot;
import org.usedecentral.testkit.TurnableClock;

/** A worker for tests of policies: each method gives another that differs in one respect. Immutable. */
public final class MadeUpWorker implements WorkerSnapshot {
    private static final ModelCard MODEL = new ModelCard(
            new ModelId("m"),
            Sha256.of(Bytes.utf8("m")),
            new ModelLimits(4096, 2048, 16),
            "Q4_1",
            Set.of(Feature.GENERATE));

    private final Account account;
    private final Traits traits;

    /** What policies look at. */
    private record Traits(@Nullable String region, Ledger ledger, Load load, Speed speed, TokenPrices prices) {}

    private record Ledger(long stake, double weight, int reputation) {}

    private record Load(int slots, int running, int waiting) {}

    private record Speed(Duration roundTrip, double prefill, double decode) {}

    private MadeUpWorker(Account account, Traits traits) {
        this.account = account;
        this.traits = traits;
    }

    /** A worker about which nothing is known but its account: no stake, reputation 5,000, one free slot, nothing measured. */
    public static MadeUpWorker named(String name) {
        return new MadeUpWorker(
                new Account(Sha256.of(Bytes.utf8(name))),
                new Traits(
                        null,
                        new Ledger(0, 1, 5_000),
                        new Load(1, 0, 0),
                        new Speed(Duration.ZERO, 0, 0),
                        new TokenPrices(100_000, 400_000)));
    }

    public MadeUpWorker region(@Nullable String value) {
        return with(new Traits(value, traits.ledger(), traits.load(), traits.speed(), traits.prices()));
    }

    /** Stake in base units, and what its lock tier multiplies it by. */
    public MadeUpWorker stake(long amount, double weight) {
        return with(new Ledger(amount, weight, traits.ledger().reputation()));
    }

    public MadeUpWorker reputation(int value) {
        return with(new Ledger(traits.ledger().stake(), traits.ledger().weight(), value));
    }

    public MadeUpWorker load(int slots, int running, int waiting) {
        Load load = new Load(slots, running, waiting);
        return with(new Traits(traits.region(), traits.ledger(), load, traits.speed(), traits.prices()));
    }

    public MadeUpWorker roundTrip(Duration value) {
        return with(new Speed(value, traits.speed().prefill(), traits.speed().decode()));
    }

    /** Tokens a second; 0 when unknown. */
    public MadeUpWorker speed(double prefill, double decode) {
        return with(new Speed(traits.speed().roundTrip(), prefill, decode));
    }

    public MadeUpWorker prices(TokenPrices value) {
        return with(new Traits(traits.region(), traits.ledger(), traits.load(), traits.speed(), value));
    }

    private MadeUpWorker with(Ledger ledger) {
        return with(new Traits(traits.region(), ledger, traits.load(), traits.speed(), traits.prices()));
    }

    private MadeUpWorker with(Speed speed) {
        return with(new Traits(traits.region(), traits.ledger(), traits.load(), speed, traits.prices()));
    }

    private MadeUpWorker with(Traits changed) {
        return new MadeUpWorker(account, changed);
    }

    @Override
    public Account account() {
        return account;
    }

    @Override
    public ModelCard model() {
        return MODEL;
    }

    @Override
    public TokenPrices prices() {
        return traits.prices();
    }

    @Override
    public List<Device> devices() {
        return List.of(new Device(Device.Kind.CPU, "made up", 0));
    }

    @Override
    public @Nullable String region() {
        return traits.region();
    }

    @Override
    public long stake() {
        return traits.ledger().stake();
    }

    @Override
    public double stakeWeight() {
        return traits.ledger().weight();
    }

    @Override
    public int reputation() {
        return traits.ledger().reputation();
    }

    @Override
    public int slots() {
        return traits.load().slots();
    }

    @Override
    public int running() {
        return traits.load().running();
    }

    @Override
    public int waiting() {
        return traits.load().waiting();
    }

    @Override
    public Duration roundTrip() {
        return traits.speed().roundTrip();
    }

    @Override
    public double prefillSpeed() {
        return traits.speed().prefill();
    }

    @Override
    public double decodeSpeed() {
        return traits.speed().decode();
    }

    @Override
    public Instant lastSeen() {
        return TurnableClock.START;
    }

    @Override
    public String toString() {
        return account + " " + traits;
    }
}

package org.usedecentral.worker;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.usedecentral.crypto.Hpke;
import org.usedecentral.link.SignedAdvert;
import org.usedecentral.link.WorkerAdvert;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.inference.BackendLoad;
import org.usedecentral.spi.inference.Device;
import org.usedecentral.spi.inference.InferenceBackend;
import org.usedecentral.spi.inference.ModelCard;

/**
 * Makes adverts, each with the session key of its hour, and keeps the private halves as long as a payload sealed to them may come: one deadline after
 * their last advert. Thread-safe.
 */
final class AdvertPublisher {
    private static final Duration VALIDITY = Duration.ofSeconds(60);
    private static final Duration KEY_LIFE = Duration.ofHours(1);
    private static final Duration LAST_DEADLINE = Duration.ofMinutes(2);

    private final WorkerParts parts;
    private final Map<Bytes, Published> published = new LinkedHashMap<>();
    private Hpke.@Nullable SessionKey key;
    private Instant keyUntil = Instant.MIN;
    private long lastSequence;

    private record Published(Hpke.SessionKey key, Instant forgetAfter) {}

    AdvertPublisher(WorkerParts parts) {
        this.parts = parts;
    }

    /** A fresh advert; its sequence is above every earlier one's. */
    synchronized SignedAdvert publish() {
        Instant now = parts.timers().clock().instant();
        published.values().removeIf(old -> now.isAfter(old.forgetAfter()));
        Hpke.SessionKey current = key;
        if (current == null || now.isAfter(keyUntil)) {
            current = Hpke.generate(parts.random());
            key = current;
            keyUntil = now.plus(KEY_LIFE);
        }
        lastSequence = Math.max(lastSequence + 1, now.toEpochMilli());
        WorkerAdvert advert = new WorkerAdvert(
                parts.signer().account(),
                models(),
                engine(),
                current.publicKey(),
                new WorkerAdvert.Validity(lastSequence, now.plus(VALIDITY).toEpochMilli()));
        SignedAdvert signed = SignedAdvert.of(advert, parts.ledger().id(), parts.signer());
        published.put(signed.sha256(), new Published(current, now.plus(VALIDITY).plus(LAST_DEADLINE)));
        return signed;
    }

    /** The private half for payloads sealed to that advert. */
    synchronized Optional<Hpke.SessionKey> keyOf(Bytes advertSha256) {
        return Optional.ofNullable(published.get(advertSha256)).map(Published::key);
    }

    private List<WorkerAdvert.Hosted> models() {
        List<WorkerAdvert.Hosted> hosted = new ArrayList<>();
        for (InferenceBackend backend : parts.backends()) {
            for (ModelCard card : backend.models()) {
                if (parts.offer().includes(backend, card.id())) {
                    hosted.add(WorkerAdvert.hosted(card, parts.settings().price(card.id())));
                }
            }
        }
        return hosted;
    }

    private WorkerAdvert.Engine engine() {
        int slots = 0;
        int running = 0;
        int waiting = 0;
        List<Device> devices = new ArrayList<>();
        List<String> names = new ArrayList<>();
        for (InferenceBackend backend : parts.backends()) {
            BackendLoad load = backend.load();
            slots += load.slots();
            running += load.running();
            waiting += load.waiting();
            devices.addAll(backend.devices());
            names.add(backend.type());
        }
        return new WorkerAdvert.Engine(
                String.join(",", names),
                devices,
                parts.settings().region(),
                new WorkerAdvert.Load(slots, running, waiting),
                parts.offer().speed());
    }
}

package org.usedecentral.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.usedecentral.link.SignedAdvert;
import org.usedecentral.link.WorkerAdvert;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ModelId;
import org.usedecentral.spi.inference.BackendLoad;
import org.usedecentral.spi.inference.Device;
import org.usedecentral.spi.inference.Feature;
import org.usedecentral.spi.inference.InferenceBackend;
import org.usedecentral.spi.inference.ModelCard;
import org.usedecentral.spi.inference.ModelLimits;
import org.usedecentral.spi.protocol.LedgerId;
import org.usedecentral.time.TurnedTimers;

/** What a worker says of itself, and how long its session keys are kept. */
final class AdvertPublisherTest {
    private static final Device CPU = new Device(Device.Kind.CPU, "a processor", 1 << 30);

    private final WorkerStage stage = WorkerStage.of(new Engine("one", 4, 1, 0), new Engine("two", 8, 2, 3));
    private final AdvertPublisher publisher = new AdvertPublisher(stage);

    /** An engine that only says how it is. */
    private record Engine(String name, int slots, int running, int waiting) implements InferenceBackend {
        @Override
        public String type() {
            return name;
        }

        @Override
        public List<Device> devices() {
            return List.of(CPU);
        }

        @Override
        public List<ModelCard> models() {
            return List.of(new ModelCard(
                    new ModelId("model-" + name),
                    null,
                    new ModelLimits(4096, 2048, 16),
                    "Q4",
                    Set.of(Feature.GENERATE)));
        }

        @Override
        public BackendLoad load() {
            return new BackendLoad(slots, running, waiting, 0.5);
        }
    }

    private WorkerAdvert verified(SignedAdvert advert) {
        return advert.verified(stage.ledger().id());
    }

    @Test
    void itNamesEveryEnginesModelsAndSumsTheirLoad() {
        WorkerAdvert advert = verified(publisher.publish());
        assertThat(advert.worker()).isEqualTo(WorkerStage.WORKER.account());
        assertThat(advert.models()).extracting(hosted -> hosted.id().value()).containsExactly("model-one", "model-two");
        assertThat(advert.models().getFirst().digest()).as("not stated").isEqualTo(Bytes.zeros(32));
        assertThat(advert.models().getFirst().prices())
                .isEqualTo(new WorkerAdvert.Prices(
                        WorkerSettings.DEFAULT.otherwise().input(),
                        WorkerSettings.DEFAULT.otherwise().output()));
        assertThat(advert.engine().name()).isEqualTo("one,two");
        assertThat(advert.engine().devices()).containsExactly(CPU, CPU);
        assertThat(advert.engine().load()).isEqualTo(new WorkerAdvert.Load(12, 3, 3));
    }

    @Test
    void itEndsAfterAMinuteAndItsSequenceGrowsWithinAMillisecond() {
        WorkerAdvert first = verified(publisher.publish());
        WorkerAdvert second = verified(publisher.publish());
        assertThat(first.validity().sequence()).isEqualTo(TurnedTimers.START.toEpochMilli());
        assertThat(first.validity().expires() - TurnedTimers.START.toEpochMilli())
                .isEqualTo(60_000);
        assertThat(second.validity().sequence()).isGreaterThan(first.validity().sequence());
    }

    @Test
    void itIsGoodOnOneLedgerAlone() {
        SignedAdvert advert = publisher.publish();
        assertThatThrownBy(() -> advert.verified(new LedgerId(WorkerStage.filled(9))))
                .isInstanceOf(DecentralException.class)
                .hasMessageContaining("not signed by worker");
    }

    @Test
    void aSessionKeyServesAnHour() {
        Bytes first = verified(publisher.publish()).sessionKey();
        stage.timers().turn(Duration.ofHours(1));
        assertThat(verified(publisher.publish()).sessionKey()).isEqualTo(first);
        stage.timers().turn(Duration.ofMillis(1));
        assertThat(verified(publisher.publish()).sessionKey()).isNotEqualTo(first);
    }

    @Test
    void aPayloadCanBeOpenedUntilTheLastDeadlineAndNotLonger() {
        SignedAdvert advert = publisher.publish();
        stage.timers().turn(Duration.ofMinutes(3));
        var _ = publisher.publish();
        assertThat(publisher.keyOf(advert.sha256())).isPresent();
        stage.timers().turn(Duration.ofMillis(1));
        var _ = publisher.publish();
        assertThat(publisher.keyOf(advert.sha256())).isEmpty();
        assertThat(publisher.keyOf(WorkerStage.filled(1))).isEmpty();
    }
}

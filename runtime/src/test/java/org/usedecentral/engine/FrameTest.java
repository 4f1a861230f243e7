package org.usedecentral.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.ModelId;
import org.usedecentral.spi.inference.BackendLoad;
import org.usedecentral.spi.inference.Device;
import org.usedecentral.spi.inference.Embeddings;
import org.usedecentral.spi.inference.Feature;
import org.usedecentral.spi.inference.FinishReason;
import org.usedecentral.spi.inference.GenerationEvent;
import org.usedecentral.spi.inference.ModelCard;
import org.usedecentral.spi.inference.ModelLimits;
import org.usedecentral.spi.inference.PartKind;
import org.usedecentral.spi.inference.TokenInfo;
import org.usedecentral.spi.inference.Usage;

final class FrameTest {
    private static FrameReader reader(byte... bytes) {
        return new FrameReader(Channels.newChannel(new ByteArrayInputStream(bytes)));
    }

    private static byte[] bytes(FrameOut... frames) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        FrameWriter writer = new FrameWriter(Channels.newChannel(all), Runnable::run);
        for (FrameOut frame : frames) {
            writer.send(frame);
        }
        return all.toByteArray();
    }

    private static FrameIn read(FrameOut frame) throws IOException {
        FrameIn in = reader(bytes(frame)).next();
        assertThat(in).isNotNull();
        return in;
    }

    private static FrameOut events() {
        return FrameOut.of(FrameType.EVENTS, 7);
    }

    @Test
    void everyEventComesAsItWent() throws IOException {
        TokenInfo alternative = new TokenInfo(TokenInfo.UNKNOWN_ID, Bytes.of((byte) 0xe2), -3.5, List.of());
        List<GenerationEvent> events = List.of(
                new GenerationEvent.TextDelta(0, PartKind.TEXT, "a \u00fc\ud83d\ude00", 1, List.of()),
                new GenerationEvent.TextDelta(0, PartKind.TEXT, "", 0, List.of()),
                new GenerationEvent.TextDelta(3, PartKind.REASONING, "why", 1, List.of()),
                new GenerationEvent.TextDelta(
                        0,
                        PartKind.TEXT,
                        "x",
                        1,
                        List.of(new TokenInfo(5, Bytes.utf8("x"), -0.25, List.of(alternative)))),
                new GenerationEvent.ToolCallDelta(1, 2, "id", "name", "{", 1),
                new GenerationEvent.ToolCallDelta(1, 2, null, null, "}", 300),
                new GenerationEvent.Finished(
                        List.of(FinishReason.LENGTH, FinishReason.TOOL_CALLS), new Usage(1_000_000, 2, 3, 4)));
        FrameOut out = events();
        events.forEach(event -> EventCodec.write(out, event));
        FrameIn in = read(out);
        assertThat(in.type()).isEqualTo(FrameType.EVENTS);
        assertThat(in.id()).isEqualTo(7);
        for (GenerationEvent event : events) {
            assertThat(EventCodec.read(in)).isEqualTo(event);
        }
        assertThat(in.left()).isZero();
    }

    @Test
    void stateLoadEmbeddingsAndErrorsComeAsTheyWent() throws IOException {
        EngineState state = new EngineState(
                List.of(new Device(Device.Kind.CUDA, "gpu", 1L << 40)),
                List.of(
                        new ModelCard(
                                new ModelId("a"),
                                Bytes.zeros(32),
                                new ModelLimits(10, 5, 0),
                                "Q4",
                                Set.of(Feature.values())),
                        new ModelCard(new ModelId("b"), null, new ModelLimits(1, 1, 1), "", Set.of())));
        FrameOut out = FrameOut.of(FrameType.MODELS, 0);
        state.write(out);
        assertThat(EngineState.read(read(out))).isEqualTo(state);

        FrameOut load = FrameOut.of(FrameType.LOAD_STATE, 0);
        EngineState.writeLoad(load, new BackendLoad(4, 3, 0, 0.5));
        assertThat(EngineState.readLoad(read(load))).isEqualTo(new BackendLoad(4, 3, 0, 0.5));

        FrameOut vectors = FrameOut.of(FrameType.RESULT, 1);
        EngineState.writeEmbeddings(vectors, new Embeddings(List.of(new Embeddings.Vector(1.5f, -2)), new Usage(2, 0)));
        Embeddings read = EngineState.readEmbeddings(read(vectors));
        assertThat(read.vectors().getFirst().toArray()).containsExactly(1.5f, -2);
        assertThat(read.usage()).isEqualTo(new Usage(2, 0));

        DecentralException error = read(FrameOut.of(FrameType.FAILED, 1)
                        .putError(new DecentralException(ErrorCode.OVERLOADED, "full").at("n")))
                .getError();
        assertThat(error.code()).isEqualTo(ErrorCode.OVERLOADED);
        assertThat(error.message()).isEqualTo("full");
        assertThat(error.parameter()).isEqualTo("n");
    }

    @Test
    void framesOfAnySizeFollowEachOther() throws IOException {
        byte[] large = new byte[300_000];
        Arrays.fill(large, (byte) 9);
        FrameReader reader = reader(bytes(
                FrameOut.of(FrameType.PING, 0),
                FrameOut.of(FrameType.COUNT, 1).putBytes(large),
                FrameOut.of(FrameType.CREDIT, 2).putNumber(Integer.MAX_VALUE)));
        assertThat(next(reader).type()).isEqualTo(FrameType.PING);
        assertThat(next(reader).getBytes()).isEqualTo(large);
        assertThat(next(reader).getNumber()).isEqualTo(Integer.MAX_VALUE);
        assertThat(reader.next()).isNull();
    }

    private static FrameIn next(FrameReader reader) throws IOException {
        FrameIn frame = reader.next();
        if (frame == null) {
            throw new AssertionError("the frames end too early");
        }
        return frame;
    }

    @Test
    void whatIsNoFrameIsAnErrorAndNothingElse() {
        assertThatIOException()
                .isThrownBy(
                        () -> reader((byte) 0x7f, (byte) 0, (byte) 0, (byte) 0).next());
        assertThatIOException()
                .isThrownBy(() -> reader((byte) 0, (byte) 0).next())
                .withMessageContaining("inside a frame");
        assertThatIOException()
                .isThrownBy(
                        () -> reader(new byte[] {0, 0, 0, 5, 99, 0, 0, 0, 0}).next());
        Random random = new Random(42);
        for (int i = 0; i < 2_000; i++) {
            FrameOut out = events();
            byte[] noise = new byte[random.nextInt(60)];
            random.nextBytes(noise);
            for (byte b : noise) {
                out.putByte(b);
            }
            try {
                FrameIn in = read(out);
                while (in.left() > 0) {
                    assertThat(EventCodec.read(in)).isNotNull();
                }
                EngineState.read(read(out));
            } catch (IOException expected) {
                assertThat(expected.getMessage()).isNotBlank();
            }
        }
    }

    @Test
    void aFrameThatIsTooLargeSaysWhatToDo() {
        FrameOut out = events();
        byte[] most = new byte[FrameOut.MAX / 2];
        out.putBytes(most);
        assertThatThrownBy(() -> out.putBytes(most)).hasMessageContainingAll("64 MiB", "isolation: none");
    }

    @Test
    void thePauseDoublesUpToTheLongest() {
        EngineLimits.BackOff backOff = EngineLimits.BackOff.DEFAULT;
        assertThat(backOff.after(1)).isEqualTo(Duration.ofMillis(500));
        assertThat(backOff.after(2)).isEqualTo(Duration.ofSeconds(1));
        assertThat(backOff.after(6)).isEqualTo(Duration.ofSeconds(16));
        assertThat(backOff.after(7)).isEqualTo(Duration.ofSeconds(30));
        assertThat(backOff.after(1_000_000)).isEqualTo(Duration.ofSeconds(30));
    }
}

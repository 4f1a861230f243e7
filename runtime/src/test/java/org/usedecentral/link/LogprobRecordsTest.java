package org.usedecentral.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.inference.GenerationEvent;
import org.usedecentral.spi.inference.PartKind;
import org.usedecentral.spi.inference.TokenInfo;

/** Log probabilities on a lane: what goes in comes out, nothing of it is proved, and what is malformed fails. */
final class LogprobRecordsTest {
    private static final TokenInfo HALF = new TokenInfo(
            7,
            Bytes.fromHex("c3"),
            -0.25,
            List.of(
                    new TokenInfo(7, Bytes.fromHex("c3"), -0.25, List.of()),
                    new TokenInfo(TokenInfo.UNKNOWN_ID, Bytes.empty(), Double.NEGATIVE_INFINITY, List.of())));
    private static final TokenInfo OTHER_HALF = new TokenInfo(0, Bytes.fromHex("bc"), 0, List.of());

    private static GenerationEvent text(int choice, String text, int tokens, TokenInfo... infos) {
        return new GenerationEvent.TextDelta(choice, PartKind.TEXT, text, tokens, List.of(infos));
    }

    private static List<GenerationEvent> relayed(GenerationEvent... events) {
        RecordWriter writer = LinkStage.writer(0);
        for (GenerationEvent event : events) {
            writer.add(event);
        }
        int tokens = writer.tokens();
        byte[] frame = writer.seal(1);
        byte[] plain = new byte[frame.length];
        FrameCipher.FrameHead head = SealedFrame.tokensHead(frame, 0, frame.length);
        int length = LinkStage.cipher(0)
                .open(head, frame, SealedFrame.TOKENS_HEAD, frame.length - SealedFrame.TOKENS_HEAD, plain);
        return read(Bytes.of(plain, 0, length), tokens);
    }

    private static List<GenerationEvent> read(Bytes records, int tokens) {
        List<GenerationEvent> events = new ArrayList<>();
        new RecordReader(LinkStage.transcript(2)).read(records.toByteArray(), records.length(), tokens, events);
        return events;
    }

    @Test
    void theyArriveWithTheTextTheyBelongTo() {
        assertThat(relayed(
                        text(0, "ü", 2, HALF, OTHER_HALF),
                        new GenerationEvent.TextDelta(0, PartKind.REFUSAL, "no", 1, List.of(OTHER_HALF))))
                .containsExactly(
                        text(0, "ü", 3, HALF, OTHER_HALF),
                        new GenerationEvent.TextDelta(0, PartKind.REFUSAL, "no", 0, List.of(OTHER_HALF)));
    }

    @Test
    void aTokenThatShowsNoTextYetKeepsThem() {
        assertThat(relayed(text(0, "", 1, HALF), text(0, "ü", 1, OTHER_HALF)))
                .containsExactly(text(0, "", 2, HALF), text(0, "ü", 0, OTHER_HALF));
    }

    @Test
    void theyAreNotPartOfWhatIsProved() {
        RecordWriter with = LinkStage.writer(0);
        var proved = LinkStage.transcript(2);
        RecordReader reader = new RecordReader(proved);
        with.add(text(0, "ü", 2, HALF, OTHER_HALF));
        byte[] frame = with.seal(1);
        byte[] plain = new byte[frame.length];
        int length = LinkStage.cipher(0)
                .open(
                        SealedFrame.tokensHead(frame, 0, frame.length),
                        frame,
                        SealedFrame.TOKENS_HEAD,
                        frame.length - SealedFrame.TOKENS_HEAD,
                        plain);
        reader.read(plain, length, 2, new ArrayList<>());
        var plainText = LinkStage.transcript(2);
        new RecordReader(plainText).read(record(0, 0, "ü"), 10, 2, new ArrayList<>());
        assertThat(proved.digest()).isEqualTo(plainText.digest());
    }

    private static byte[] record(int kind, int choice, String text) {
        return record(kind, choice, Bytes.utf8(text)).toByteArray();
    }

    private static Bytes record(int kind, int choice, Bytes data) {
        return Bytes.concat(
                Bytes.of(new byte[] {
                    (byte) kind, (byte) choice, 0, 0, (byte) data.length(), (byte) (data.length() >> 8), 0, 0
                }),
                data);
    }

    @Test
    void anEngineThatMisreportsThemFailsItsJob() {
        for (TokenInfo bad : List.of(
                new TokenInfo(1, Bytes.empty(), Double.NaN, List.of()),
                new TokenInfo(1, Bytes.zeros(70_000), -1, List.of()),
                new TokenInfo(1, Bytes.empty(), -1, Collections.nCopies(21, OTHER_HALF)))) {
            assertThatThrownBy(() -> LinkStage.writer(0).add(text(0, "a", 1, bad)))
                    .isInstanceOfSatisfying(
                            DecentralException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INTERNAL))
                    .hasMessageStartingWith("the engine gave");
        }
        assertThat(TokenInfos.decode(encoded(new TokenInfo(1, Bytes.empty(), 1e-9, List.of())), 1))
                .containsExactly(new TokenInfo(1, Bytes.empty(), 0, List.of()));
    }

    private static ByteBuffer encoded(TokenInfo... infos) {
        return ByteBuffer.wrap(TokenInfos.encode(List.of(infos))).order(ByteOrder.LITTLE_ENDIAN);
    }

    @ParameterizedTest
    @CsvSource({
        "alone,            the text they belong to",
        "other choice,     the text they belong to",
        "before a call,    the text they belong to",
        "twice,            the text they belong to",
        "empty,            no token",
        "too many,         more tokens than the frame counts",
    })
    void recordsThatDoNotFitFail(String what, String why) {
        Bytes good = record(6, 0, Bytes.of(TokenInfos.encode(List.of(HALF))));
        Bytes text = record(0, 0, Bytes.utf8("a"));
        Bytes records = switch (what) {
            case "alone" -> Bytes.concat(text, good);
            case "other choice" -> Bytes.concat(good, record(0, 1, Bytes.utf8("a")));
            case "before a call" -> Bytes.concat(good, record(3, 0, Bytes.utf8("a")));
            case "twice" -> Bytes.concat(good, good, text);
            case "empty" -> Bytes.concat(record(6, 0, Bytes.empty()), text);
            default -> Bytes.concat(good, text, good, text);
        };
        assertMalformed(records, 1, why);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "fefffffff00000000000000000000000", // an id below -1
                "00000000000000000000f07f000000", // more probable than sure
                "00000000000000000000f87f000000", // no number
                "000000000000000000000000000015", // 21 alternatives
                "000000000000000000000000050000", // bytes that end early
                "000000000000000000000000000001", // an alternative that is missing
                "0000000000000000000000000000", // no count
                "00"
            })
    void everyMalformedTokenFails(String hex) {
        Bytes text = record(0, 0, Bytes.utf8("a"));
        assertMalformed(Bytes.concat(record(6, 0, Bytes.fromHex(hex)), text), 9, "log probabilities with");
    }

    private static void assertMalformed(Bytes records, int tokens, String why) {
        assertThatThrownBy(() -> read(records, tokens))
                .isInstanceOfSatisfying(
                        DecentralException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.PROOF_INVALID))
                .hasMessageContaining(why);
    }

    @Test
    void noBytesBreakTheReaderInAnotherWay() {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(42);
        byte[] good = TokenInfos.encode(List.of(HALF, OTHER_HALF));
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = good.clone();
            for (int change = random.nextInt(1, 4); change > 0; change--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            }
            ByteBuffer in =
                    ByteBuffer.wrap(bytes, 0, random.nextInt(bytes.length + 1)).order(ByteOrder.LITTLE_ENDIAN);
            try {
                assertThat(TokenInfos.decode(in, 8)).hasSizeBetween(1, 8);
            } catch (DecentralException e) {
                assertThat(e.code()).isEqualTo(ErrorCode.PROOF_INVALID);
            }
        }
    }

    @Test
    void theBytesAreTheProtocols() throws IOException {
        JsonNode vectors = new ObjectMapper()
                .readTree(Path.of("../spi/src/test/vectors/sealed-frame.json").toFile())
                .get("vectors");
        for (JsonNode vector : vectors) {
            if (vector.get("name").textValue().equals("log probabilities before their text")) {
                Bytes data = Bytes.fromHex(vector.at("/fields/pieces/0/data").textValue());
                List<TokenInfo> infos = List.of(HALF, OTHER_HALF);
                assertThat(Bytes.of(TokenInfos.encode(infos))).isEqualTo(data);
                assertThat(TokenInfos.decode(ByteBuffer.wrap(data.toByteArray()).order(ByteOrder.LITTLE_ENDIAN), 2))
                        .isEqualTo(infos);
                return;
            }
        }
        throw new AssertionError("there is no such vector");
    }
}

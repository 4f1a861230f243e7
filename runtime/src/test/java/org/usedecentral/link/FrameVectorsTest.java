package org.usedecentral.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.usedecentral.link.FrameCipher.FrameHead;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.inference.PartKind;
import org.usedecentral.spi.protocol.JobId;

/** Sealed output against the protocol's vectors, which an independent implementation computed. */
final class FrameVectorsTest {
    @TestFactory
    Stream<DynamicTest> framesAreTheProtocols() throws IOException {
        JsonNode file = new ObjectMapper()
                .readTree(Path.of("../spi/src/test/vectors/sealed-frame.json").toFile());
        return StreamSupport.stream(file.get("vectors").spliterator(), false)
                .map(vector -> dynamicTest(
                        vector.get("name").textValue(), () -> agrees(vector.get("fields"), vector.get("expected"))));
    }

    private static void agrees(JsonNode fields, JsonNode expected) {
        JobId job = new JobId(hex(fields, "job"));
        int attempt = fields.get("attempt").intValue();
        int lane = fields.get("lane").intValue();
        int sequence = fields.get("sequence").intValue();
        FrameCipher sealer = new FrameCipher(hex(fields, "key"), job, attempt);
        byte[] plaintext = hex(expected, "plaintext").toByteArray();
        byte[] frame = hex(expected, "frame").toByteArray();
        FrameHead head;
        int start;
        if (fields.has("end")) {
            head = SealedFrame.endHead(sequence);
            start = SealedFrame.END_HEAD;
            assertThat(SealedFrame.end(lane, sequence, sealer, plaintext)).isEqualTo(frame);
        } else {
            head = new FrameHead(
                    FrameType.TOKENS, sequence, fields.get("tokens").intValue());
            start = SealedFrame.TOKENS_HEAD;
            assertThat(records(fields.get("pieces"))).isEqualTo(Bytes.of(plaintext));
            assertThat(SealedFrame.tokens(lane, head, sealer, plaintext, plaintext.length))
                    .isEqualTo(frame);
            assertThat(SealedFrame.tokensHead(frame, 0, frame.length)).isEqualTo(head);
        }
        assertThat(SealedFrame.lane(frame, 0, frame.length)).isEqualTo(lane);
        byte[] opened = new byte[plaintext.length];
        int length = new FrameCipher(hex(fields, "key"), job, attempt)
                .open(head, frame, start, frame.length - start, opened);
        assertThat(Bytes.of(opened, 0, length)).isEqualTo(Bytes.of(plaintext));
    }

    private static Bytes records(JsonNode pieces) {
        ByteBuffer records = ByteBuffer.allocate(4096).order(ByteOrder.LITTLE_ENDIAN);
        for (JsonNode piece : pieces) {
            PartKind kind = PartKind.valueOf(
                    piece.get("kind").textValue().toUpperCase(Locale.ROOT).replace('-', '_'));
            Bytes data = hex(piece, "data");
            records.put((byte) kind.code())
                    .put((byte) piece.get("choice").intValue())
                    .putShort(piece.get("index").shortValue())
                    .putInt(data.length());
            data.writeTo(records);
        }
        return Bytes.of(records.flip());
    }

    private static Bytes hex(JsonNode node, String name) {
        return Bytes.fromHex(node.get(name).textValue());
    }
}

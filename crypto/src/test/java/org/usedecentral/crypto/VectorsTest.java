package org.usedecentral.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.function.Consumer;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;

/** Holds the primitives against the protocol's vector files, which an independent implementation computed. */
final class VectorsTest {
    private static final Path FOLDER = Path.of("../spi/src/test/vectors");

    @TestFactory
    Stream<DynamicTest> signatures() {
        return tests("ed25519", VectorsTest::signs, fields -> {
            Account account = new Account(hex(fields, "public_key"));
            assertThat(Ed25519.verify(account, hex(fields, "message"), hex(fields, "signature")))
                    .isFalse();
        });
    }

    @TestFactory
    Stream<DynamicTest> sealing() {
        return tests("hpke", VectorsTest::seals, fields -> {
            Hpke.SessionKey key = HpkeTest.key(hex(fields, "receiver_secret"));
            assertThatExceptionOfType(DecentralException.class)
                    .isThrownBy(() -> key.open(hex(fields, "encapsulation"), hex(fields, "info"))
                            .open(hex(fields, "ciphertext")));
        });
    }

    @TestFactory
    Stream<DynamicTest> frames() {
        return tests("sealed-frame", VectorsTest::encryptsFrame, fields -> {});
    }

    private static Stream<DynamicTest> tests(String structure, Consumer<JsonNode> vector, Consumer<JsonNode> refused) {
        JsonNode file;
        try {
            file = new ObjectMapper()
                    .readTree(FOLDER.resolve(structure + ".json").toFile());
        } catch (IOException e) {
            throw new AssertionError("vector file " + structure + " cannot be read", e);
        }
        return Stream.concat(
                stream(file.get("vectors")).map(v -> dynamicTest(name(v), () -> vector.accept(v))),
                stream(file.get("refused"))
                        .map(r -> dynamicTest("refuses: " + name(r), () -> refused.accept(r.get("fields")))));
    }

    private static void signs(JsonNode v) {
        Ed25519.KeyPair key = Ed25519.fromSeed(hex(v.get("fields"), "seed"));
        Bytes message = hex(v.get("fields"), "message");
        Bytes signature = hex(v.get("expected"), "signature");
        assertThat(key.account().key()).isEqualTo(hex(v.get("expected"), "public_key"));
        assertThat(key.sign(message)).isEqualTo(signature);
        assertThat(Ed25519.verify(key.account(), message, signature)).isTrue();
    }

    /** Only opened here: the sealing end draws its own ephemeral key, as it should. */
    private static void seals(JsonNode v) {
        JsonNode fields = v.get("fields");
        JsonNode expected = v.get("expected");
        Hpke.SessionKey key = HpkeTest.key(hex(fields, "receiver_secret"));
        assertThat(key.publicKey()).isEqualTo(hex(expected, "receiver_public"));
        Hpke.Receiver receiver = key.open(hex(expected, "encapsulation"), hex(fields, "info"));
        for (int i = 0; i < fields.get("plaintexts").size(); i++) {
            Bytes ciphertext = Bytes.fromHex(expected.get("ciphertexts").get(i).textValue());
            assertThat(receiver.open(ciphertext))
                    .isEqualTo(Bytes.fromHex(fields.get("plaintexts").get(i).textValue()));
        }
        for (int i = 0; i < fields.get("exports").size(); i++) {
            JsonNode export = fields.get("exports").get(i);
            assertThat(receiver.export(
                            hex(export, "context"), export.get("length").intValue()))
                    .isEqualTo(Bytes.fromHex(expected.get("exported").get(i).textValue()));
        }
    }

    private static void encryptsFrame(JsonNode v) {
        try {
            Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
            cipher.init(
                    Cipher.ENCRYPT_MODE,
                    new SecretKeySpec(hex(v.get("fields"), "key").toByteArray(), "AES"),
                    new GCMParameterSpec(128, hex(v.get("expected"), "nonce").toByteArray()));
            cipher.updateAAD(hex(v.get("expected"), "aad").toByteArray());
            byte[] sealed = cipher.doFinal(hex(v.get("expected"), "plaintext").toByteArray());
            assertThat(hex(v.get("expected"), "frame").hex())
                    .endsWith(Bytes.of(sealed).hex());
        } catch (GeneralSecurityException e) {
            throw new AssertionError("the JDK has AES-GCM", e);
        }
    }

    private static Stream<JsonNode> stream(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false);
    }

    private static String name(JsonNode vector) {
        return vector.get("name").textValue();
    }

    private static Bytes hex(JsonNode node, String name) {
        return Bytes.fromHex(node.get(name).textValue());
    }
}

package org.usedecentral.receipt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;

final class ReceiptJsonTest {
    private final ReceiptFixture fixture = new ReceiptFixture();
    private final SignedReceipt signed = fixture.sign(fixture.receipt());
    private final String json = ReceiptJson.write(signed);

    @Test
    void whatIsWrittenIsReadBack() {
        assertThat(read(json)).isEqualTo(signed);
        assertThat(ReceiptJson.write(read(json))).isEqualTo(json);
    }

    @Test
    void fieldsStandInOneOrderWithoutSpace() {
        assertThat(json)
                .matches(
                        "\\{\"version\":1,\"job\":\"\\w+\",\"ledger\":\"\\w+\",\"terms\":\"[^\"]+\",\"salt\":\"[^\"]+\","
                                + "\"client_body_sha256\":\"[^\"]+\",\"payload_sha256\":\"[^\"]+\","
                                + "\"vouchers\":\\[\\{\"voucher\":\"[^\"]+\",\"signature\":\"[^\"]+\"}],"
                                + "\"statements\":\\[\\{\"statement\":\"[^\"]+\",\"signature\":\"[^\"]+\"}],"
                                + "\"lock\":\\{\"transaction\":\"\\w+\"},\"settle\":\\{\"transaction\":\"\\w+\"},\"settlement\":\"settled\","
                                + "\"gateway\":\\{\"key\":\"\\w+\",\"signature\":\"[^\"]+\"},"
                                + "\"summary\":\\{\"model\":\"smollm2/135m\",\"tokens\":\\{\"input\":20,\"output\":6},\"price\":32,"
                                + "\"times\":\\{\"created\":\"2030-01-31T12:00:00Z\",\"finished\":\"2030-01-31T12:00:01.250Z\"},"
                                + "\"split\":\\{\"worker\":24,\"orchestrator\":1,\"treasury\":7,\"held_until\":\"2030-01-31T12:01:20Z\"}}}");
    }

    @Test
    void whatIsAbsentHasNoField() {
        String publicCopy = ReceiptJson.write(fixture.sign(signed.publicCopy()));
        assertThat(publicCopy).doesNotContain("salt", "client_body_sha256", "payload_sha256");
        assertThat(read(publicCopy).receipt().openings()).isEmpty();
        assertThat(ReceiptJson.write(ReceiptFixture.pending()))
                .doesNotContain("\"settle\"")
                .contains("\"pending\"");
    }

    @Test
    void layoutAndOrderOfFieldsAreFree() {
        String spaced = json.replace("{", "{ \n").replace(",\"", " ,\t\"");
        assertThat(read(spaced)).isEqualTo(signed);
        String moved = "{\"settlement\":\"settled\"," + json.substring(1).replace(",\"settlement\":\"settled\"", "");
        assertThat(read(moved)).isEqualTo(signed);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            "version":1             | "version":2                        | version
            "version":1             | "version":1,"version":1            | receipt
            "version":1             | "version":1,"note":1               | note
            "version":1             | "version":"1"                      | version
            "version":1             | "version":1.0                      | version
            "version":1             | "version":18446744073709551617     | version
            "key":                  | "why":1,"key":                     | gateway.why
            "input":20              | "input":-20                        | summary.tokens.input
            "input":20              | "input":2147483648                 | summary.tokens.input
            "input":20              | "input":null                       | summary.tokens.input
            "price":32              | "price":[32]                       | summary.price
            "price":32              | "price":3.2e1                      | summary.price
            "price":32,             |                                    | summary.price
            "vouchers":[            | "vouchers":[1,                     | vouchers[0]
            "vouchers":[            | "vouchers":[{},                    | vouchers[0].voucher
            "2030-01-31T12:00:00Z"  | "2030-01-31T12:00:00.0Z"           | summary.times.created
            "2030-01-31T12:00:00Z"  | "2030-01-31T13:00:00+01:00"        | summary.times.created
            "2030-01-31T12:00:00Z"  | "2031-01-31T12:00:00Z"             | summary.times
            "2030-01-31T12:00:00Z"  | "noon"                             | summary.times.created
            "smollm2/135m"          | "no model"                         | summary
            "settlement":"settled"  | "settlement":"SETTLED"             | settlement
            "settlement":"settled"  | "settlement":"pending"             | receipt
            "transaction":"         | "transaction":"0                   | lock.transaction
            "transaction":"         | "transaction":"11                  | lock.transaction
            "job":"                 | "job":"1                           | job
            "ledger":"              | "ledger":"1                        | ledger
            "terms":"               | "terms":" "                        | receipt
            "terms":"               | "terms":"AAAA                      | DECENTRAL-JOBID1
            "terms":"               | "terms":"*                         | terms
            "salt":"                | "pepper":1,"salt":"                | pepper
            "salt":"                | "salt":"AAAA                       | receipt
            """)
    void everyOtherSpellingIsRefused(String part, String replacement, String field) {
        String changed = json.replaceFirst(Pattern.quote(part), replacement == null ? "" : replacement);
        assertThat(changed).isNotEqualTo(json);
        assertRefused(Bytes.utf8(changed), field);
    }

    @Test
    void base64HasOneSpelling() {
        String salt = fixture.openings.salt().base64();
        for (String spelling : new String[] {salt.replace("=", ""), salt.replace("Q=", "R="), salt.replace('/', '_')}) {
            if (!spelling.equals(salt)) {
                assertRefused(Bytes.utf8(json.replace(salt, spelling)), "salt");
            }
        }
        assertThat(salt).as("the second spelling differs from the first").contains("Q=");
    }

    @Test
    void nothingFollowsAndOnlyUtf8IsRead() {
        assertRefused(Bytes.utf8(json + "{}"), "receipt");
        assertRefused(Bytes.utf8(json + "\u0000"), "receipt");
        assertRefused(Bytes.utf8("\ufeff" + json), "receipt");
        assertRefused(Bytes.of(json.getBytes(StandardCharsets.UTF_16)), "receipt");
        assertRefused(Bytes.concat(Bytes.utf8(json), Bytes.of((byte) 0xff)), "receipt");
        assertRefused(Bytes.utf8(json.substring(0, json.length() - 1)), "receipt");
        assertRefused(Bytes.utf8("[".repeat(100_000)), "receipt");
        assertRefused(Bytes.utf8("[".repeat(1_000)), "receipt");
        assertRefused(Bytes.empty(), "receipt");
        assertRefused(Bytes.utf8("null"), "receipt");
        assertRefused(Bytes.utf8(json + " ".repeat(ReceiptJson.MAX_LENGTH)), "receipt");
    }

    @Test
    void openingsComeTogether() {
        String without = json.replaceFirst("\"payload_sha256\":\"[^\"]+\",", "");
        assertRefused(Bytes.utf8(without), "payload_sha256");
    }

    @Test
    void aReceiptWithAllItMayCarryFits() {
        var voucher = fixture.receipt().evidence().vouchers().getFirst();
        var statement = fixture.receipt().evidence().statements().getFirst();
        Evidence most =
                new Evidence(Collections.nCopies(Evidence.MAX, voucher), Collections.nCopies(Evidence.MAX, statement));
        String longest = ReceiptJson.write(fixture.sign(
                new Receipt(fixture.terms, Optional.of(fixture.openings), most, fixture.settled(), fixture.summary())));
        assertThat(longest.length()).isLessThan(ReceiptJson.MAX_LENGTH);
        assertThat(read(longest).receipt().evidence()).isEqualTo(most);
    }

    private static SignedReceipt read(String json) {
        return ReceiptJson.read(Bytes.utf8(json).toByteArray());
    }

    private static void assertRefused(Bytes json, String field) {
        assertThatThrownBy(() -> ReceiptJson.read(json.toByteArray()))
                .isInstanceOfSatisfying(DecentralException.class, e -> {
                    assertThat(e.code()).isEqualTo(ErrorCode.INVALID_REQUEST);
                    assertThat(e.parameter()).isEqualTo(field);
                });
    }
}

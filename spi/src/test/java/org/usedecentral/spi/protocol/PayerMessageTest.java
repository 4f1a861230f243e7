package org.usedecentral.spi.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.StringLength;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;

final class PayerMessageTest {
    private static final PayerMessage.Origin ORIGIN = new PayerMessage.Origin(
            new LedgerId(Sha256.of(Bytes.utf8("ledger"))), new Account(Sha256.of(Bytes.utf8("payer"))));
    private static final Instant EXPIRES = Instant.parse("2026-01-01T00:00:00Z");

    @Property
    void whatIsWrittenIsReadBack(
            @ForAll @LongRange(min = 1) long sequence,
            @ForAll @LongRange(max = 253_402_300_799L) long expires,
            @ForAll @LongRange long amount,
            @ForAll @CharRange(from = ' ', to = '~') @StringLength(max = 200) String destination) {
        PayerMessage message = PayerMessage.withdraw(
                ORIGIN, sequence, Instant.ofEpochSecond(expires), Math.abs(amount / 2), destination);
        PayerMessage read = PayerMessage.parse(message.text());
        assertThat(read).isEqualTo(message);
        assertThat(read.sequence()).isEqualTo(sequence);
        assertThat(read.expires()).isEqualTo(Instant.ofEpochSecond(expires));
        assertThat(read.number("amount")).isEqualTo(Math.abs(amount / 2));
        assertThat(read.line("destination")).contains(destination);
    }

    /** Whatever a field holds, it can add no line, and none can be read as another. */
    @Property
    void noFieldInjectsALine(@ForAll @StringLength(max = 60) String destination) {
        PayerMessage message;
        try {
            message = PayerMessage.withdraw(ORIGIN, 1, EXPIRES, 5, destination);
        } catch (DecentralException e) {
            assertThat(e.code()).isEqualTo(ErrorCode.INVALID_REQUEST);
            return;
        }
        assertThat(message.text().lines()).hasSize(7);
        assertThat(message.line("destination")).contains(destination);
    }

    @ParameterizedTest
    @ValueSource(strings = {"x\nnote: y", "x\namount: 9", "x\r\nnote: y", "x\u2028note: y", "x\u0085note: y", "\ud800"})
    void refusesValuesThatWouldBreakOrHideLines(String destination) {
        refused(() -> PayerMessage.withdraw(ORIGIN, 1, EXPIRES, 5, destination));
    }

    @Test
    void refusesLinesThatALedgerWouldDrop() {
        Map<String, String> fields = new LinkedHashMap<>();
        fields.put("spender", ORIGIN.payer().toString());
        fields.put("until", "tomorrow");
        refused(() -> PayerMessage.of("revoke", ORIGIN, 1, EXPIRES, fields));
    }

    @Test
    void takesActionsOfOtherPartsOfTheNetworkWithLinesOfTheirOwn() {
        PayerMessage message = PayerMessage.of("greet", ORIGIN, 1, EXPIRES, Map.of("whom", "the world"));
        assertThat(message.line("whom")).contains("the world");
        assertThat(message.line("who")).isEmpty();
    }

    @Test
    void refusesNegativeNumbersAndTimesThatNoLedgerKnows() {
        refused(() -> PayerMessage.withdraw(ORIGIN, 1, EXPIRES, -1, "x"));
        refused(() -> PayerMessage.withdraw(ORIGIN, -1, EXPIRES, 1, "x"));
        refused(() -> PayerMessage.withdraw(ORIGIN, 1, Instant.EPOCH.minusSeconds(1), 1, "x"));
        refused(() -> PayerMessage.withdraw(ORIGIN, 1, Instant.MAX, 1, "x"));
    }

    @Test
    void aMessageForOneActionIsNoOtherOperation() {
        Bytes signature = Bytes.zeros(64);
        SignedMessage revoke = new SignedMessage(PayerMessage.revoke(ORIGIN, 1, EXPIRES, ORIGIN.payer()), signature);
        refused(() -> new LedgerOperation.Approve(revoke));
        refused(() -> new LedgerOperation.Withdraw(revoke));
        assertThat(new LedgerOperation.Revoke(revoke).label()).isEqualTo("revoke");
    }

    @Property
    void approvalsAreReadAsTheyWereWritten(
            @ForAll @LongRange long jobCap, @ForAll @LongRange long limit, @ForAll boolean any, @ForAll boolean may) {
        ApprovalTerms terms = new ApprovalTerms(
                new Account(Sha256.of(Bytes.utf8("spender"))),
                any ? Account.NONE : new Account(Sha256.of(Bytes.utf8("orchestrator"))),
                new ApprovalTerms.Caps(jobCap >>> 1, limit >>> 1),
                EXPIRES.plusSeconds(60),
                may);
        assertThat(ApprovalTerms.of(PayerMessage.approve(ORIGIN, 1, EXPIRES, terms)))
                .isEqualTo(terms);
    }

    private static void refused(ThrowingCallable call) {
        assertThatExceptionOfType(DecentralException.class)
                .isThrownBy(call)
                .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_REQUEST));
    }
}

package org.usedecentral.spi.protocol;

import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;

/**
 * What a payer's wallet shows and signs: text that a person can read (docs/protocol.md, section 6). Immutable.
 *
 * <p>Printable ASCII, because what the wallet shows must be what the ledger reads: no character that hides, reorders or breaks
 * lines. For the same reason each known action has exactly its own lines, in one order and one spelling.
 */
public final class PayerMessage {
    private static final int MAX_LENGTH = 2048;
    private static final String TITLE = "Decentral ";
    private static final Pattern NAME = Pattern.compile("[a-z][a-z-]{0,31}");

    private final String text;
    private final String action;
    private final Map<String, String> lines;

    private PayerMessage(String text, String action, Map<String, String> lines) {
        this.text = text;
        this.action = action;
        this.lines = lines;
    }

    /**
     * A message.
     *
     * @param sequence the account's stored sequence + 1
     * @param expires after it the message is refused
     * @param fields the action's own lines, in order
     */
    public static PayerMessage of(
            String action, Origin origin, long sequence, Instant expires, Map<String, String> fields) {
        if (fields.values().stream().anyMatch(PayerMessage::hasUnprintable)) {
            throw malformed("has a value that is not printable ASCII");
        }
        return parse(head(action, origin, sequence, expires) + rows(fields));
    }

    private static String head(String action, Origin origin, long sequence, Instant expires) {
        return TITLE + action + "\nledger: " + origin.ledger() + "\npayer: " + origin.payer() + "\nsequence: "
                + sequence + "\nexpires: " + expires;
    }

    private static String rows(Map<String, String> fields) {
        StringBuilder rows = new StringBuilder();
        fields.forEach(
                (name, value) -> rows.append('\n').append(name).append(": ").append(value));
        return rows.toString();
    }

    /** Whose message it is, and for which ledger. */
    public record Origin(LedgerId ledger, Account payer) {}

    /** A message that approves a spender. */
    public static PayerMessage approve(Origin origin, long sequence, Instant expires, ApprovalTerms terms) {
        return of("approve", origin, sequence, expires, terms.lines());
    }

    /** A message that ends an approval. */
    public static PayerMessage revoke(Origin origin, long sequence, Instant expires, Account spender) {
        return of("revoke", origin, sequence, expires, Map.of("spender", spender.toString()));
    }

    /** A message that takes free credits out of the ledger to {@code destination}, which only the operator reads. */
    public static PayerMessage withdraw(
            Origin origin, long sequence, Instant expires, long amount, String destination) {
        return of("withdraw", origin, sequence, expires, withdrawal(amount, destination));
    }

    private static Map<String, String> withdrawal(long amount, String destination) {
        Map<String, String> fields = new LinkedHashMap<>();
        fields.put("amount", Long.toString(amount));
        fields.put("destination", destination);
        return fields;
    }

    /**
     * Reads the text.
     *
     * @throws DecentralException {@code INVALID_REQUEST} if it is not a message in exactly this form
     */
    public static PayerMessage parse(String text) {
        if (text.length() > MAX_LENGTH) {
            throw malformed("is longer than " + MAX_LENGTH + " characters");
        }
        String[] rows = text.split("\n", -1);
        if (rows.length < 5
                || !rows[0].startsWith(TITLE)
                || !NAME.matcher(rows[0].substring(TITLE.length())).matches()) {
            throw malformed("does not begin with 'Decentral <action>' and its four lines");
        }
        Map<String, String> lines = new LinkedHashMap<>();
        for (int i = 1; i < rows.length; i++) {
            int colon = rows[i].indexOf(": ");
            if (colon < 0 || !NAME.matcher(rows[i].substring(0, colon)).matches() || hasUnprintable(rows[i])) {
                throw malformed("has a line " + i + " that is not 'name: value'");
            }
            if (lines.put(rows[i].substring(0, colon), rows[i].substring(colon + 2)) != null) {
                throw malformed("repeats a line");
            }
        }
        PayerMessage message =
                new PayerMessage(text, rows[0].substring(TITLE.length()), Collections.unmodifiableMap(lines));
        message.checkForm();
        return message;
    }

    private void checkForm() {
        String head = head(action, new Origin(ledger(), payer()), sequence(), expires());
        if (!text.startsWith(head)) {
            throw malformed("has its first lines in another form or order");
        }
        Map<String, String> own = switch (action) {
            case "approve" -> ApprovalTerms.of(this).lines();
            case "revoke" -> Map.of("spender", account("spender").toString());
            case "withdraw" -> withdrawal(number("amount"), read("destination", Function.identity()));
            default -> Map.of();
        };
        if (!own.isEmpty() && !text.equals(head + rows(own))) {
            throw malformed("must have the lines " + String.join(", ", own.keySet()) + " in that order, and no others");
        }
    }

    private static boolean hasUnprintable(String row) {
        return row.chars().anyMatch(c -> c < 0x20 || c > 0x7e);
    }

    private static DecentralException malformed(String what) {
        return DecentralException.invalid("message", "the payer's message " + what);
    }

    /** What the wallet signs. */
    public Bytes bytes() {
        return Bytes.utf8(text);
    }

    public String text() {
        return text;
    }

    /** The first word after {@code Decentral}. */
    public String action() {
        return action;
    }

    public LedgerId ledger() {
        return read("ledger", LedgerId::parse);
    }

    public Account payer() {
        return read("payer", Account::parse);
    }

    public long sequence() {
        return number("sequence");
    }

    public Instant expires() {
        return instant("expires");
    }

    /** The write id every ledger knows the message by. */
    public WriteId writeId() {
        return WriteId.derived("message", bytes());
    }

    /** A line's text, if it is there. */
    public Optional<String> line(String name) {
        return Optional.ofNullable(lines.get(name));
    }

    /** An account line. */
    public Account account(String name) {
        return read(name, Account::parse);
    }

    /** A number that is not negative. */
    public long number(String name) {
        long value = read(name, Long::parseLong);
        if (value < 0) {
            throw malformed("has a negative " + name);
        }
        return value;
    }

    /** A time as ISO-8601 has it, from 1970 to 9999. */
    public Instant instant(String name) {
        Instant time = read(name, Instant::parse);
        if (time.isBefore(Instant.EPOCH) || time.getEpochSecond() > Terms.MAX_TIME) {
            throw malformed("has a time " + name + " out of range");
        }
        return time;
    }

    private <T> T read(String name, Function<String, T> reader) {
        String value = line(name).orElseThrow(() -> malformed("lacks the line " + name));
        try {
            return reader.apply(value);
        } catch (IllegalArgumentException | DateTimeParseException e) {
            throw malformed("has a line " + name + " that cannot be read");
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof PayerMessage message && text.equals(message.text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    @Override
    public String toString() {
        return text;
    }
}

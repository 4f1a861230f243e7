package org.usedecentral.receipt;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.protocol.SignedStatement;
import org.usedecentral.spi.protocol.SignedVoucher;
import org.usedecentral.spi.protocol.Statement;
import org.usedecentral.spi.protocol.Terms;
import org.usedecentral.spi.protocol.TransactionId;
import org.usedecentral.spi.protocol.Voucher;

/** A receipt as JSON (docs/protocol.md, section 5). Stateless. */
public final class ReceiptJson {
    /** The longest receipt that is read, bytes. */
    public static final int MAX_LENGTH = 64 * 1024;

    private static final int VERSION = 1;
    private static final JsonMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(8)
                            .maxNumberLength(20)
                            .maxStringLength(1024)
                            .maxNameLength(64)
                            .build())
                    .build())
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private ReceiptJson() {}

    /** Compact JSON, fields always in the same order. */
    public static String write(SignedReceipt signed) {
        Receipt receipt = signed.receipt();
        ObjectNode root = MAPPER.createObjectNode();
        root.put("version", VERSION);
        root.put("job", receipt.job().toString());
        root.put("ledger", receipt.ledger().toString());
        root.put("terms", receipt.terms().encoded().base64());
        receipt.openings().ifPresent(openings -> {
            root.put("salt", openings.salt().base64());
            root.put("client_body_sha256", openings.clientBodySha256().base64());
            root.put("payload_sha256", openings.payloadSha256().base64());
        });
        var vouchers = root.putArray("vouchers");
        for (SignedVoucher voucher : receipt.evidence().vouchers()) {
            vouchers.addObject()
                    .put("voucher", voucher.voucher().encoded().base64())
                    .put("signature", voucher.signature().base64());
        }
        var statements = root.putArray("statements");
        for (SignedStatement statement : receipt.evidence().statements()) {
            statements
                    .addObject()
                    .put("statement", statement.statement().encoded().base64())
                    .put("signature", statement.signature().base64());
        }
        Settlement settlement = receipt.settlement();
        root.putObject("lock").put("transaction", settlement.lock().toString());
        if (settlement.settle() != null) {
            root.putObject("settle").put("transaction", settlement.settle().toString());
        }
        root.put("settlement", settlement.state().wireName());
        root.putObject("gateway")
                .put("key", signed.gateway().toString())
                .put("signature", signed.signature().base64());
        root.set("summary", summaryTree(receipt.summary()));
        return text(root);
    }

    /**
     * Reads a receipt; layout and order of fields are free, everything else is not. Signatures and agreement are not checked.
     *
     * @throws DecentralException {@code INVALID_REQUEST} naming the field that is wrong
     */
    public static SignedReceipt read(byte[] json) {
        JsonNode tree = tree(json);
        SignedReceipt signed = StrictObject.readRoot(tree, ReceiptJson::root);
        if (!parse(write(signed)).equals(tree)) {
            throw DecentralException.invalid("receipt", "receipt is not written the way its content is written");
        }
        return signed;
    }

    /** The summary as it stands in the receipt, and as the gateway signs it. */
    static String summary(Summary summary) {
        return text(summaryTree(summary));
    }

    private static ObjectNode summaryTree(Summary summary) {
        ObjectNode node = MAPPER.createObjectNode();
        node.put("model", summary.model());
        node.putObject("tokens")
                .put("input", summary.tokens().input())
                .put("output", summary.tokens().output());
        node.put("price", summary.price());
        node.putObject("times")
                .put("created", summary.times().created().toString())
                .put("finished", summary.times().finished().toString());
        summary.split().ifPresent(split -> {
            ObjectNode shares = node.putObject("split")
                    .put("worker", split.worker())
                    .put("orchestrator", split.orchestrator())
                    .put("treasury", split.treasury());
            split.heldUntil().ifPresent(until -> shares.put("held_until", until.toString()));
        });
        return node;
    }

    private static SignedReceipt root(StrictObject root) {
        if (root.number("version") != VERSION) {
            throw root.malformedField("version", "is not " + VERSION + ": this program reads no other");
        }
        Terms terms = Terms.decode(root.base64("terms"));
        if (!root.text("job").equals(terms.jobId().toString())) {
            throw root.malformedField("job", "is not the hash of the terms");
        }
        if (!root.text("ledger").equals(terms.ledger().toString())) {
            throw root.malformedField("ledger", "is not the ledger of the terms");
        }
        Evidence evidence = new Evidence(
                root.list(
                        "vouchers",
                        Evidence.MAX,
                        item -> new SignedVoucher(Voucher.decode(item.base64("voucher")), item.base64("signature"))),
                root.list(
                        "statements",
                        Evidence.MAX,
                        item -> new SignedStatement(
                                Statement.decode(item.base64("statement")), item.base64("signature"))));
        Receipt receipt = new Receipt(
                terms, openings(root), evidence, settlement(root), root.object("summary", ReceiptJson::readSummary));
        return root.object(
                "gateway",
                gateway -> new SignedReceipt(receipt, new Account(gateway.base58("key")), gateway.base64("signature")));
    }

    private static Optional<Openings> openings(StrictObject root) {
        if (!root.has("salt") && !root.has("client_body_sha256") && !root.has("payload_sha256")) {
            return Optional.empty();
        }
        return Optional.of(
                new Openings(root.base64("salt"), root.base64("client_body_sha256"), root.base64("payload_sha256")));
    }

    private static Settlement settlement(StrictObject root) {
        String name = root.text("settlement");
        Settlement.State state = Settlement.State.named(name)
                .orElseThrow(
                        () -> root.malformedField("settlement", "is none of pending, settled, unproved, refunded"));
        TransactionId lock = root.object("lock", ReceiptJson::transaction);
        Optional<TransactionId> settle = root.optional("settle", ReceiptJson::transaction);
        return new Settlement(state, lock, settle.orElse(null));
    }

    private static TransactionId transaction(StrictObject node) {
        Bytes id = node.base58("transaction");
        if (id.length() != 32 && id.length() != 64) {
            throw node.malformedField("transaction", "has " + id.length() + " bytes, not 32 or 64");
        }
        return new TransactionId(id);
    }

    private static Summary readSummary(StrictObject node) {
        return new Summary(
                node.text("model"),
                node.object("tokens", tokens -> new Summary.Tokens(tokens.count("input"), tokens.count("output"))),
                node.number("price"),
                node.object("times", times -> new Summary.Times(time(times, "created"), time(times, "finished"))),
                node.optional("split", ReceiptJson::split));
    }

    private static Split split(StrictObject node) {
        Optional<Instant> held = node.has("held_until") ? Optional.of(time(node, "held_until")) : Optional.empty();
        return new Split(node.number("worker"), node.number("orchestrator"), node.number("treasury"), held);
    }

    private static Instant time(StrictObject node, String name) {
        try {
            Instant time = Instant.parse(node.text(name));
            if (time.toString().equals(node.text(name))) {
                return time;
            }
        } catch (DateTimeParseException e) {
            // Falls through to the one refusal.
        }
        throw node.malformedField(name, "is not a time such as 2030-01-31T12:00:00Z");
    }

    private static JsonNode tree(byte[] json) {
        if (json.length > MAX_LENGTH) {
            throw DecentralException.invalid("receipt", "receipt has more than " + MAX_LENGTH + " bytes");
        }
        try {
            // Jackson would also take UTF-16 and a byte order mark.
            return parse(StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(json))
                    .toString());
        } catch (CharacterCodingException e) {
            throw DecentralException.invalid("receipt", "receipt is not UTF-8");
        }
    }

    private static JsonNode parse(String json) {
        try {
            return MAPPER.readTree(json);
        } catch (JsonProcessingException e) {
            throw DecentralException.invalid("receipt", "receipt is not JSON: " + e.getOriginalMessage());
        }
    }

    private static String text(JsonNode node) {
        try {
            return MAPPER.writeValueAsString(node);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree in memory can be written", e);
        }
    }
}

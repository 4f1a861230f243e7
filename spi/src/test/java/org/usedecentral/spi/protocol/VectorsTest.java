package org.usedecentral.spi.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.Base58;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.inference.FinishReason;
import org.usedecentral.spi.inference.Part;
import org.usedecentral.spi.inference.PartKind;
import org.usedecentral.spi.protocol.Signed.JournalPosition;
import org.usedecentral.spi.protocol.Signed.LinkParties;
import org.usedecentral.spi.protocol.Signed.LinkRandoms;
import org.usedecentral.spi.protocol.Signed.LinkRole;

/** Holds the code against every vector file; the primitives' files are read in the cryptography module. */
final class VectorsTest {
    private static final Path FOLDER = Path.of("src/test/vectors");
    private static final Set<String> ELSEWHERE = Set.of("hpke", "ed25519");

    /** Checks one vector; for refused ones, tries to read it. */
    private record Checker(Consumer<Json> vector, Consumer<Json> refused) {
        static Checker of(Consumer<Json> vector) {
            return new Checker(vector, fields -> {});
        }
    }

    private static final Map<String, Checker> CHECKERS = new TreeMap<>(Map.ofEntries(
            Map.entry("terms", new Checker(VectorsTest::terms, f -> Terms.decode(f.hex("encoded")))),
            Map.entry("request-commitment", Checker.of(VectorsTest::requestCommitment)),
            Map.entry(
                    "output-digest",
                    new Checker(
                            v -> assertThat(outputDigest(v.get("fields"))).isEqualTo(expectedHex(v, "digest")),
                            VectorsTest::outputDigest)),
            Map.entry("voucher", new Checker(VectorsTest::voucher, f -> Voucher.decode(f.hex("encoded")))),
            Map.entry("statement", new Checker(VectorsTest::statement, f -> Statement.decode(f.hex("encoded")))),
            Map.entry("ledger-id", Checker.of(VectorsTest::ledgerId)),
            Map.entry("advert", Checker.of(VectorsTest::advert)),
            Map.entry("link", Checker.of(VectorsTest::link)),
            Map.entry("operation", Checker.of(VectorsTest::operation)),
            Map.entry(
                    "ledger-operation",
                    new Checker(VectorsTest::ledgerOperation, f -> LedgerOperation.decode(f.hex("body")))),
            Map.entry("payer-message", new Checker(VectorsTest::payerMessage, f -> PayerMessage.parse(f.text("text")))),
            Map.entry("receipt", Checker.of(VectorsTest::receipt)),
            Map.entry("journal-entry", Checker.of(VectorsTest::journalEntry)),
            Map.entry("journal-head", Checker.of(VectorsTest::journalHead)),
            Map.entry("seal", Checker.of(VectorsTest::seal)),
            Map.entry("sealed-frame", Checker.of(VectorsTest::sealedFrame)),
            Map.entry("base58", new Checker(VectorsTest::base58, f -> Base58.decode(f.text("text")))),
            Map.entry(
                    "token-prices",
                    new Checker(
                            v -> assertThat(cost(v.get("fields")))
                                    .isEqualTo(v.get("expected").number("cost")),
                            VectorsTest::cost))));

    @TestFactory
    Stream<DynamicContainer> agreesWithTheVectors() {
        return CHECKERS.entrySet().stream().map(entry -> dynamicContainer(entry.getKey(), tests(entry)));
    }

    private static Stream<DynamicTest> tests(Map.Entry<String, Checker> structure) {
        Json file = Json.read(FOLDER.resolve(structure.getKey() + ".json"));
        Stream<DynamicTest> vectors = file.get("vectors").list().stream()
                .map(v -> dynamicTest(
                        v.text("name"), () -> structure.getValue().vector().accept(v)));
        Stream<DynamicTest> refused = file.get("refused").list().stream()
                .map(r -> dynamicTest("refuses: " + r.text("name"), () -> refuses(structure.getValue(), r)));
        return Stream.concat(vectors, refused);
    }

    private static void refuses(Checker checker, Json refused) {
        RuntimeException thrown = catchThrowableOfType(
                RuntimeException.class, () -> checker.refused().accept(refused.get("fields")));
        if (thrown instanceof DecentralException e) {
            assertThat(e.code()).hasToString(refused.text("code"));
            assertThat(e.message()).isNotBlank();
        } else {
            assertThat(thrown)
                    .isExactlyInstanceOf(IllegalArgumentException.class)
                    .hasMessageMatching(".+");
        }
    }

    @Test
    void everyFileIsRead() throws IOException {
        try (Stream<Path> files = Files.list(FOLDER)) {
            assertThat(files.map(file -> file.getFileName().toString()).filter(name -> name.endsWith(".json")))
                    .allMatch(name -> CHECKERS.containsKey(name.replace(".json", ""))
                            || ELSEWHERE.contains(name.replace(".json", "")));
        }
    }

    private static Bytes expectedHex(Json vector, String name) {
        return vector.get("expected").hex(name);
    }

    private static void terms(Json v) {
        Json f = v.get("fields");
        Terms terms = Terms.builder()
                .ledger(f.ledger())
                .payer(f.account("payer"), f.account("lock_signer"))
                .orchestrator(f.account("orchestrator"))
                .nonce(f.hex("nonce"))
                .requestCommitment(f.hex("request_commitment"))
                .caps(f.integer("input_cap"), f.integer("output_cap"))
                .ceiling(new TokenPrices(f.number("input_price"), f.number("output_price")))
                .timeoutSeconds(f.integer("timeout_seconds"))
                .validUntil(Instant.ofEpochSecond(f.number("valid_until")))
                .proofScheme(f.integer("proof_scheme"))
                .build();
        assertThat(terms.encoded()).isEqualTo(expectedHex(v, "encoded"));
        assertThat(terms.jobId()).hasToString(v.get("expected").text("job"));
        assertThat(terms.locked()).isEqualTo(v.get("expected").number("locked"));

        Terms read = Terms.decode(expectedHex(v, "encoded"));
        assertThat(read).isEqualTo(terms).hasSameHashCodeAs(terms);
        assertThat(read.ledger()).isEqualTo(f.ledger());
        assertThat(read.payer()).isEqualTo(f.account("payer"));
        assertThat(read.lockSigner()).isEqualTo(f.account("lock_signer"));
        assertThat(read.orchestrator()).isEqualTo(f.account("orchestrator"));
        assertThat(read.nonce()).isEqualTo(f.hex("nonce"));
        assertThat(read.requestCommitment()).isEqualTo(f.hex("request_commitment"));
        assertThat(read.inputCap()).isEqualTo(f.integer("input_cap"));
        assertThat(read.outputCap()).isEqualTo(f.integer("output_cap"));
        assertThat(read.ceiling()).isEqualTo(new TokenPrices(f.number("input_price"), f.number("output_price")));
        assertThat(read.timeoutSeconds()).isEqualTo(f.integer("timeout_seconds"));
        assertThat(read.validUntil()).isEqualTo(Instant.ofEpochSecond(f.number("valid_until")));
        assertThat(read.proofScheme()).isEqualTo(f.integer("proof_scheme"));
    }

    private static void requestCommitment(Json v) {
        Json f = v.get("fields");
        Bytes body = Sha256.of(f.hex("client_body"));
        Bytes payload = Sha256.of(f.hex("payload"));
        assertThat(body).isEqualTo(expectedHex(v, "client_body_sha256"));
        assertThat(payload).isEqualTo(expectedHex(v, "payload_sha256"));
        assertThat(RequestCommitment.of(f.hex("salt"), body, payload)).isEqualTo(expectedHex(v, "commitment"));
    }

    private static Bytes outputDigest(Json f) {
        OutputHasher hasher = new OutputHasher(f.hex("salt"), f.integer("choices"));
        for (Json piece : f.get("pieces").list()) {
            PartKind kind =
                    PartKind.valueOf(piece.text("kind").toUpperCase(Locale.ROOT).replace('-', '_'));
            byte[] data = piece.hex("data").toByteArray();
            byte[] around = new byte[data.length + 5];
            System.arraycopy(data, 0, around, 3, data.length);
            hasher.append(Part.of(piece.integer("choice"), kind, piece.integer("index")), around, 3, data.length);
        }
        return hasher.digest();
    }

    private static void voucher(Json v) {
        Json f = v.get("fields");
        Voucher voucher = Voucher.of(
                f.job(), f.account("worker"), f.integer("attempt"), f.integer("output_tokens"), f.number("price"));
        assertThat(voucher.encoded()).isEqualTo(expectedHex(v, "encoded"));
        Voucher read = Voucher.decode(expectedHex(v, "encoded"));
        assertThat(read).isEqualTo(voucher).hasSameHashCodeAs(voucher);
        assertThat(read.job()).isEqualTo(f.job());
        assertThat(read.worker()).isEqualTo(f.account("worker"));
        assertThat(read.attempt()).isEqualTo(f.integer("attempt"));
        assertThat(read.outputTokens()).isEqualTo(f.integer("output_tokens"));
        assertThat(read.price()).isEqualTo(f.number("price"));
    }

    private static void statement(Json v) {
        Json f = v.get("fields");
        FinishReason reason = FinishReason.valueOf(f.text("finish_reason").toUpperCase(Locale.ROOT));
        Statement statement = Statement.builder(f.job(), f.account("worker"), f.integer("attempt"))
                .requestCommitment(f.hex("request_commitment"))
                .modelDigest(f.hex("model_digest"))
                .outputDigest(f.hex("output_digest"))
                .tokens(f.integer("input_tokens"), f.integer("output_tokens"))
                .price(f.number("price"))
                .finishReason(reason)
                .build();
        assertThat(statement.encoded()).isEqualTo(expectedHex(v, "encoded"));
        Statement read = Statement.decode(expectedHex(v, "encoded"));
        assertThat(read).isEqualTo(statement).hasSameHashCodeAs(statement);
        assertThat(read.job()).isEqualTo(f.job());
        assertThat(read.worker()).isEqualTo(f.account("worker"));
        assertThat(read.attempt()).isEqualTo(f.integer("attempt"));
        assertThat(read.requestCommitment()).isEqualTo(f.hex("request_commitment"));
        assertThat(read.modelDigest()).isEqualTo(f.hex("model_digest"));
        assertThat(read.outputDigest()).isEqualTo(f.hex("output_digest"));
        assertThat(read.inputTokens()).isEqualTo(f.integer("input_tokens"));
        assertThat(read.outputTokens()).isEqualTo(f.integer("output_tokens"));
        assertThat(read.price()).isEqualTo(f.number("price"));
        assertThat(read.finishReason()).isEqualTo(reason);
    }

    private static void ledgerId(Json v) {
        Json f = v.get("fields");
        LedgerId id = LedgerId.embedded(f.account("operator"), f.hex("random"));
        assertThat(id.value()).isEqualTo(expectedHex(v, "id"));
        assertThat(id).hasToString(v.get("expected").text("text"));
        assertThat(LedgerId.parse(v.get("expected").text("text"))).isEqualTo(id);
    }

    private static void advert(Json v) {
        Json f = v.get("fields");
        assertThat(Signed.advert(f.ledger(), f.hex("body"))).isEqualTo(expectedHex(v, "signing_bytes"));
    }

    private static void link(Json v) {
        Json f = v.get("fields");
        Bytes signing = Signed.link(
                LinkRole.valueOf(f.text("role").toUpperCase(Locale.ROOT)),
                new LinkParties(f.ledger(), f.account("orchestrator"), f.account("worker")),
                new LinkRandoms(f.hex("orchestrator_random"), f.hex("worker_random")),
                f.hex("advert_sha256"));
        assertThat(signing).isEqualTo(expectedHex(v, "signing_bytes"));
    }

    private static void operation(Json v) {
        Json f = v.get("fields");
        assertThat(Signed.operation(f.ledger(), new WriteId(f.hex("write")), f.hex("body")))
                .isEqualTo(expectedHex(v, "signing_bytes"));
    }

    private static void ledgerOperation(Json v) {
        Json f = v.get("fields");
        LedgerOperation operation = operationOf(f);
        assertThat(operation.encode()).isEqualTo(expectedHex(v, "body"));
        assertThat(LedgerOperation.decode(expectedHex(v, "body"))).isEqualTo(operation);
        assertThat(operation.label()).isEqualTo(f.text("operation"));
    }

    private static LedgerOperation operationOf(Json f) {
        return switch (f.text("operation")) {
            case "deposit" ->
                new LedgerOperation.Deposit(f.account("account"), f.number("amount"), f.text("reference"));
            case "withdraw" -> new LedgerOperation.Withdraw(message(f));
            case "approve" -> new LedgerOperation.Approve(message(f));
            case "revoke" -> new LedgerOperation.Revoke(message(f));
            case "lock" -> new LedgerOperation.Lock(Terms.decode(f.hex("terms")));
            case "settle" ->
                new LedgerOperation.Settle(
                        new SignedStatement(Statement.decode(f.hex("statement")), f.hex("signature")));
            case "claim" ->
                new LedgerOperation.Claim(new SignedVoucher(Voucher.decode(f.hex("voucher")), f.hex("signature")));
            case "expire" -> new LedgerOperation.Expire(f.job());
            case "refund" -> new LedgerOperation.Refund(f.job());
            case "close" -> new LedgerOperation.Close(f.job());
            case "register" ->
                new LedgerOperation.Register(
                        new Registration(f.account("owner"), f.account("worker"), f.account("payout")));
            case "update" -> new LedgerOperation.Update(f.account("worker"), f.account("payout"));
            case "retire" -> new LedgerOperation.Retire(f.account("worker"));
            default -> throw new IllegalArgumentException("no operation " + f.text("operation"));
        };
    }

    private static SignedMessage message(Json f) {
        return new SignedMessage(PayerMessage.parse(f.text("text")), f.hex("signature"));
    }

    private static void payerMessage(Json v) {
        Json f = v.get("fields");
        PayerMessage.Origin origin = new PayerMessage.Origin(f.ledger(), f.account("payer"));
        long sequence = f.number("sequence");
        Instant expires = Instant.ofEpochMilli(f.number("expires_ms"));
        PayerMessage message = switch (f.text("action")) {
            case "approve" -> PayerMessage.approve(origin, sequence, expires, approval(f));
            case "revoke" -> PayerMessage.revoke(origin, sequence, expires, f.account("spender"));
            case "withdraw" ->
                PayerMessage.withdraw(origin, sequence, expires, f.number("amount"), f.text("destination"));
            default -> throw new IllegalArgumentException("no action " + f.text("action"));
        };
        assertThat(message.text()).isEqualTo(v.get("expected").text("text"));
        assertThat(message.writeId().value()).isEqualTo(expectedHex(v, "write"));

        PayerMessage read = PayerMessage.parse(v.get("expected").text("text"));
        assertThat(read).isEqualTo(message).hasSameHashCodeAs(message);
        assertThat(read.action()).isEqualTo(f.text("action"));
        assertThat(read.ledger()).isEqualTo(f.ledger());
        assertThat(read.payer()).isEqualTo(f.account("payer"));
        assertThat(read.sequence()).isEqualTo(sequence);
        assertThat(read.expires()).isEqualTo(expires);
        if (f.text("action").equals("approve")) {
            assertThat(ApprovalTerms.of(read)).isEqualTo(approval(f));
        }
    }

    private static ApprovalTerms approval(Json f) {
        return new ApprovalTerms(
                f.account("spender"),
                f.get("orchestrator").isNull() ? Account.NONE : f.account("orchestrator"),
                new ApprovalTerms.Caps(f.number("job_cap"), f.number("limit")),
                Instant.ofEpochMilli(f.number("approval_expires_ms")),
                f.get("may_dispute").bool());
    }

    private static void receipt(Json v) {
        List<Bytes> parts = v.get("fields").get("parts").list().stream()
                .map(part -> Bytes.fromHex(part.text()))
                .toList();
        assertThat(Signed.receipt(parts)).isEqualTo(expectedHex(v, "signing_bytes"));
    }

    private static void journalEntry(Json v) {
        Json f = v.get("fields");
        JournalPosition at = new JournalPosition(f.number("index"), f.hex("previous"), f.number("time"));
        Bytes hash = Signed.journalEntry(f.ledger(), at, f.hex("body"));
        assertThat(hash).isEqualTo(expectedHex(v, "hash"));
        assertThat(new TransactionId(hash)).hasToString(v.get("expected").text("transaction"));
    }

    private static void journalHead(Json v) {
        Json f = v.get("fields");
        assertThat(Signed.journalHead(f.ledger(), f.number("index"), f.hex("hash")))
                .isEqualTo(expectedHex(v, "signing_bytes"));
    }

    private static void seal(Json v) {
        Json f = v.get("fields");
        assertThat(Seal.info(f.job(), f.account("worker"), f.hex("advert_sha256")))
                .isEqualTo(expectedHex(v, "info"));
        assertThat(Seal.frameKeyContext(f.integer("attempt"), f.integer("direction")))
                .isEqualTo(expectedHex(v, "frame_key_context"));
    }

    private static void sealedFrame(Json v) {
        Json f = v.get("fields");
        Bytes frame = expectedHex(v, "frame");
        int tokens = frame.get(0) == 11 ? f.integer("tokens") : 0;
        byte[] aad = new byte[Seal.AAD_LENGTH];
        Seal.aad(aad, frame.get(0), f.job(), f.integer("attempt"), tokens);
        byte[] nonce = new byte[Seal.NONCE_LENGTH];
        Seal.nonce(nonce, f.integer("sequence"));
        assertThat(Bytes.of(aad)).isEqualTo(expectedHex(v, "aad"));
        assertThat(Bytes.of(nonce)).isEqualTo(expectedHex(v, "nonce"));
    }

    private static void base58(Json v) {
        String text = v.get("expected").text("text");
        assertThat(Base58.encode(v.get("fields").hex("data"))).isEqualTo(text);
        assertThat(Base58.decode(text)).isEqualTo(v.get("fields").hex("data"));
    }

    private static long cost(Json f) {
        return new TokenPrices(f.number("input_price"), f.number("output_price"))
                .cost(f.integer("input_tokens"), f.integer("output_tokens"));
    }
}

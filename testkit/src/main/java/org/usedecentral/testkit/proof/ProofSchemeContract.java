package org.usedecentral.testkit.proof;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.usedecentral.crypto.Ed25519;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.inference.FinishReason;
import org.usedecentral.spi.inference.Part;
import org.usedecentral.spi.inference.PartKind;
import org.usedecentral.spi.inference.Usage;
import org.usedecentral.spi.proof.Assignment;
import org.usedecentral.spi.proof.Completion;
import org.usedecentral.spi.proof.ProofScheme;
import org.usedecentral.spi.proof.ProofScheme.Proof;
import org.usedecentral.spi.proof.ProofScheme.Reason;
import org.usedecentral.spi.proof.ProofScheme.Transcript;
import org.usedecentral.spi.proof.ProofScheme.Verification;
import org.usedecentral.spi.protocol.LedgerId;
import org.usedecentral.spi.protocol.Sha256;
import org.usedecentral.spi.protocol.Terms;
import org.usedecentral.spi.protocol.TokenPrices;

/** What every proof scheme must do. A test class implements it and gives the scheme. */
public interface ProofSchemeContract {
    /** The scheme; one for all tests will do, since schemes have no state. */
    ProofScheme scheme();

    /** A worker's key. */
    Ed25519.KeyPair WORKER = Ed25519.fromSeed(Sha256.of(Bytes.utf8("worker")));

    /** Another's. */
    Ed25519.KeyPair OTHER = Ed25519.fromSeed(Sha256.of(Bytes.utf8("other")));

    /** The job's salt. */
    Bytes SALT = Sha256.of(Bytes.utf8("salt"));

    /** SHA-256 of the model the worker runs. */
    Bytes MODEL = Sha256.of(Bytes.utf8("model"));

    /** 1,000 input and 500 output tokens at the ceiling cost 450. */
    private Terms.Builder terms() {
        return Terms.builder()
                .ledger(LedgerId.embedded(OTHER.account(), SALT))
                .payer(OTHER.account(), OTHER.account())
                .orchestrator(OTHER.account())
                .nonce(SALT)
                .requestCommitment(Sha256.of(Bytes.utf8("request")))
                .caps(1000, 500)
                .ceiling(new TokenPrices(150_000, 600_000))
                .validUntil(Instant.ofEpochSecond(1_767_225_600))
                .proofScheme(scheme().id());
    }

    private Assignment assignment() {
        return new Assignment(terms().build(), WORKER.account(), 1, MODEL);
    }

    private static Completion completion(int input, int output, long price) {
        return new Completion(List.of(FinishReason.STOP), new Usage(input, output), price);
    }

    private Transcript transcript(String... pieces) {
        Transcript transcript = scheme().newTranscript(SALT, 1);
        for (String piece : pieces) {
            append(transcript, Part.TEXT, piece);
        }
        return transcript;
    }

    private static void append(Transcript transcript, Part part, String piece) {
        byte[] utf8 = Bytes.utf8("<" + piece + ">").toByteArray();
        transcript.append(part, utf8, 1, utf8.length - 2);
    }

    private Proof proof() {
        return scheme().prove(assignment(), completion(1000, 500, 450), transcript("Hello, ", "world"), WORKER);
    }

    private static void invalid(Verification verification, Reason... reasons) {
        assertThat(verification).isInstanceOfSatisfying(Verification.Invalid.class, invalid -> {
            assertThat(invalid.reason()).isIn((Object[]) reasons);
            assertThat(invalid.detail()).isNotBlank();
        });
    }

    @Test
    default void hasANameWithAVersionAndANumber() {
        assertThat(scheme().algorithm()).matches("[a-z0-9-]+/[1-9][0-9]*");
        assertThat(scheme().id()).isPositive();
    }

    @Test
    default void whatIsProvedIsVerified() {
        Verification byLedger = scheme().verify(proof(), assignment());
        Verification byClient = scheme().verify(proof(), assignment(), transcript("Hello, world"));
        assertThat(byLedger)
                .isEqualTo(byClient)
                .isEqualTo(new Verification.Valid(new ProofScheme.Claims(
                        WORKER.account(),
                        1000,
                        500,
                        450,
                        transcript("Hello, world").digest())));
    }

    @Test
    default void theSameWorkIsStatedInTheSameBytes() {
        assertThat(proof()).isEqualTo(proof());
        assertThat(proof().algorithm()).isEqualTo(scheme().algorithm());
    }

    @Test
    default void nothingDoneForNothingCanBeProved() {
        Proof proof = scheme().prove(assignment(), completion(0, 0, 0), transcript(), WORKER);
        assertThat(scheme().verify(proof, assignment(), transcript())).isInstanceOf(Verification.Valid.class);
    }

    @Test
    default void aPriceBelowTheCeilingIsTheWorkersRight() {
        Proof proof = scheme().prove(assignment(), completion(1000, 500, 1), transcript("x"), WORKER);
        assertThat(scheme().verify(proof, assignment())).isInstanceOf(Verification.Valid.class);
    }

    @Test
    default void inputAboveTheCapIsBilledAsTheCap() {
        Proof proof = scheme().prove(assignment(), completion(1001, 500, 450), transcript("x"), WORKER);
        assertThat(scheme().verify(proof, assignment())).isInstanceOfSatisfying(Verification.Valid.class, valid -> {
            assertThat(valid.claims().inputTokens()).isEqualTo(1000);
        });
    }

    @Test
    default void nobodyProvesMoreThanTheTermsAllow() {
        provesNothing(completion(1000, 501, 1), Reason.TOKENS);
        provesNothing(completion(1000, 500, 451), Reason.PRICE);
        provesNothing(completion(10, 5, 6), Reason.PRICE);
    }

    private void provesNothing(Completion completion, Reason reason) {
        Proof proof;
        try {
            proof = scheme().prove(assignment(), completion, transcript("x"), WORKER);
        } catch (DecentralException refused) {
            assertThat(refused.message()).isNotBlank();
            return;
        }
        invalid(scheme().verify(proof, assignment()), reason);
    }

    @Test
    default void onlyTheAssignedWorkerProves() {
        assertThatExceptionOfType(DecentralException.class)
                .isThrownBy(() -> scheme().prove(assignment(), completion(1, 1, 1), transcript("x"), OTHER));
    }

    @Test
    default void aProofIsForOneAssignment() {
        Assignment was = assignment();
        Terms otherJob = terms().nonce(Sha256.of()).build();
        invalid(scheme().verify(proof(), with(was, otherJob)), Reason.JOB);
        Terms otherRequest = terms().requestCommitment(Sha256.of()).build();
        invalid(scheme().verify(proof(), with(was, otherRequest)), Reason.JOB, Reason.COMMITMENT);
        Terms otherLedger = terms().ledger(new LedgerId(Sha256.of())).build();
        invalid(scheme().verify(proof(), with(was, otherLedger)), Reason.JOB);
        Terms otherScheme = terms().proofScheme(scheme().id() + 1).build();
        invalid(scheme().verify(proof(), with(was, otherScheme)), Reason.JOB);
        Assignment otherWorker = new Assignment(was.terms(), OTHER.account(), was.attempt(), MODEL);
        invalid(scheme().verify(proof(), otherWorker), Reason.WORKER);
        Assignment nobody = new Assignment(was.terms(), Account.NONE, was.attempt(), MODEL);
        invalid(scheme().verify(proof(), nobody), Reason.WORKER);
        Assignment otherAttempt = new Assignment(was.terms(), WORKER.account(), 2, MODEL);
        invalid(scheme().verify(proof(), otherAttempt), Reason.ATTEMPT);
        Assignment otherModel = new Assignment(was.terms(), WORKER.account(), was.attempt(), Bytes.zeros(32));
        invalid(scheme().verify(proof(), otherModel), Reason.MODEL);
    }

    private static Assignment with(Assignment was, Terms terms) {
        return new Assignment(terms, was.worker(), was.attempt(), was.modelDigest());
    }

    @Test
    default void aProofIsAboutTheOutputThatWasSeen() {
        for (String seen : List.of("Hello, World", "Hello, worl", "Hello, world!", "")) {
            invalid(scheme().verify(proof(), assignment(), transcript(seen)), Reason.OUTPUT);
        }
        Transcript asReasoning = scheme().newTranscript(SALT, 1);
        append(asReasoning, Part.of(0, PartKind.REASONING, 0), "Hello, world");
        invalid(scheme().verify(proof(), assignment(), asReasoning), Reason.OUTPUT);
        Transcript otherSalt = scheme().newTranscript(Sha256.of(), 1);
        append(otherSalt, Part.TEXT, "Hello, world");
        invalid(scheme().verify(proof(), assignment(), otherSalt), Reason.OUTPUT);
        Transcript twoChoices = scheme().newTranscript(SALT, 2);
        append(twoChoices, Part.TEXT, "Hello, world");
        invalid(scheme().verify(proof(), assignment(), twoChoices), Reason.OUTPUT);
    }

    @Test
    default void aTranscriptDoesNotDependOnChunks() {
        String output = "Grüße an alle: 世界 👋🏽, ".repeat(5);
        byte[] utf8 = Bytes.utf8(output).toByteArray();
        Random random = new Random(1);
        Bytes whole = transcript(output).digest();
        for (int round = 0; round < 20; round++) {
            Transcript pieces = scheme().newTranscript(SALT, 1);
            for (int at = 0; at < utf8.length; ) {
                int length = Math.min(utf8.length - at, random.nextInt(7));
                pieces.append(Part.TEXT, utf8, at, length);
                at += length;
            }
            assertThat(pieces.digest()).isEqualTo(whole);
        }
    }

    @Test
    default void everyPartOfEveryChoiceCounts() {
        List<Bytes> digests = new ArrayList<>();
        for (int choice = 0; choice < 2; choice++) {
            for (PartKind kind : List.of(
                    PartKind.TEXT, PartKind.REASONING, PartKind.REFUSAL, PartKind.CALL_NAME, PartKind.CALL_ARGUMENTS)) {
                Transcript transcript = scheme().newTranscript(SALT, 2);
                append(transcript, Part.of(choice, kind, 0), "same");
                digests.add(transcript.digest());
            }
        }
        assertThat(digests).doesNotHaveDuplicates();
    }

    @Test
    default void readingADigestDoesNotEndATranscript() {
        Transcript transcript = transcript("Hello, ");
        assertThat(transcript.digest()).isEqualTo(transcript.digest());
        append(transcript, Part.TEXT, "world");
        assertThat(transcript.digest()).isEqualTo(transcript("Hello, world").digest());
    }

    @Test
    default void everyAlteredByteIsNoticed() {
        Proof proof = proof();
        for (int at = 0; at < proof.statement().length(); at++) {
            Proof altered = new Proof(proof.algorithm(), altered(proof.statement(), at), proof.signature());
            assertThat(scheme().verify(altered, assignment()))
                    .as("statement byte %d", at)
                    .isInstanceOf(Verification.Invalid.class);
        }
        for (int at = 0; at < proof.signature().length(); at++) {
            Proof altered = new Proof(proof.algorithm(), proof.statement(), altered(proof.signature(), at));
            invalid(scheme().verify(altered, assignment()), Reason.SIGNATURE);
        }
    }

    private static Bytes altered(Bytes bytes, int at) {
        byte[] altered = bytes.toByteArray();
        altered[at] ^= (byte) 0x10;
        return Bytes.of(altered);
    }

    @Test
    default void whatIsNoProofIsInvalidAndNoError() {
        Proof good = proof();
        for (Bytes statement :
                List.of(Bytes.empty(), Bytes.zeros(200), good.statement().slice(0, 199))) {
            invalid(
                    scheme().verify(new Proof(good.algorithm(), statement, good.signature()), assignment()),
                    Reason.MALFORMED);
        }
        for (Bytes signature :
                List.of(Bytes.empty(), Bytes.zeros(64), good.signature().slice(0, 63))) {
            invalid(
                    scheme().verify(new Proof(good.algorithm(), good.statement(), signature), assignment()),
                    Reason.SIGNATURE,
                    Reason.MALFORMED);
        }
        invalid(
                scheme().verify(new Proof("no-such-scheme/1", good.statement(), good.signature()), assignment()),
                Reason.MALFORMED);
    }

    @Test
    default void manyThreadsMayUseIt() throws Exception {
        Proof proof = proof();
        Callable<Boolean> proveAndVerify = () -> scheme().prove(
                                assignment(), completion(1000, 500, 450), transcript("Hello, world"), WORKER)
                        .equals(proof)
                && scheme().verify(proof, assignment(), transcript("Hello, ", "world")) instanceof Verification.Valid;
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Callable<Boolean>> calls =
                    IntStream.range(0, 32).mapToObj(i -> proveAndVerify).toList();
            for (Future<Boolean> held : threads.invokeAll(calls)) {
                assertThat(held.get()).isTrue();
            }
        }
    }
}

package org.usedecentral.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.usedecentral.orchestrator.JobStream;
import org.usedecentral.receipt.Expectations;
import org.usedecentral.receipt.ReceiptJson;
import org.usedecentral.receipt.ReceiptVerifier;
import org.usedecentral.receipt.Settlement;
import org.usedecentral.receipt.SignedReceipt;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.inference.FinishReason;
import org.usedecentral.spi.ledger.EscrowedJob;
import org.usedecentral.testkit.inference.Gate;
import org.usedecentral.testkit.inference.Script;
import org.usedecentral.testkit.network.Await;
import org.usedecentral.testkit.network.TestNetwork;

@Timeout(60)
class RelayTest {
    private static final String CANARY = "canary-7f3a9c51";

    @Test
    void aJobIsLockedRelayedProvedAndSettled() throws InterruptedException {
        try (TestNetwork network = TestNetwork.of(1)) {
            network.worker(0).backend().play(Script.of("Par", "is ", "is ", "the ", "capital."));
            JobStream stream = network.jobs().submit(network.payer(), TestNetwork.request("capital of France?"));
            Answers answer = Answers.of(stream);

            assertThat(answer.text()).isEqualTo("Paris is the capital.");
            assertThat(Objects.requireNonNull(answer.finished()).reasons()).containsExactly(FinishReason.STOP);
            assertThat(answer.finished().usage().outputTokens()).isEqualTo(5);
            assertThat(stream.receipt().receipt().settlement().state()).isEqualTo(Settlement.State.PENDING);

            SignedReceipt receipt = settled(network, stream);
            long price = receipt.receipt().summary().price();
            EscrowedJob job = network.jobs().find(stream.jobId()).orElseThrow();
            EscrowedJob.Settled settled = job.settled().orElseThrow();
            assertThat(price).isPositive().isEqualTo(settled.price());
            assertThat(settled.split().worker()).isEqualTo(price * 7500 / 10000);
            assertThat(settled.split().orchestrator()).isEqualTo(price * 500 / 10000);
            assertThat(job.funds().held()).isEqualTo(settled.split().worker());
            assertThat(receipt.receipt().summary().split().orElseThrow().heldUntil())
                    .isPresent();
            byte[] json = ReceiptJson.write(receipt).getBytes(StandardCharsets.UTF_8);
            assertThat(ReceiptVerifier.verify(
                            json,
                            Expectations.NONE
                                    .text(Bytes.utf8(answer.text()))
                                    .job(stream.jobId())
                                    .ledger(network.ledger().id())))
                    .isInstanceOf(ReceiptVerifier.Verified.class);
        }
    }

    @Test
    void theRestOfTheLockReturnsAndTheHeldShareIsPaid() throws InterruptedException {
        try (TestNetwork network = TestNetwork.of(1)) {
            network.worker(0).backend().play(Script.words(10));
            JobStream stream = network.jobs().submit(network.payer(), TestNetwork.request("ten words"));
            Answers.of(stream);
            long price = settled(network, stream).receipt().summary().price();
            network.advanceUntil(
                    () -> network.ledger().credits().balance(network.payer()).free() == TestNetwork.CREDIT - price,
                    "the payer has all but the price");
            network.advanceUntil(
                    () -> network.ledger()
                                    .credits()
                                    .balance(network.worker(0).account())
                                    .free()
                            == price * 7500 / 10000,
                    "the worker has its share");
        }
    }

    @Test
    void outputIsRelayedBeforeItIsComplete() throws InterruptedException {
        try (TestNetwork network = TestNetwork.of(1)) {
            Gate gate = new Gate();
            network.worker(0).backend().play(Script.of("first ").waitFor(gate).tokens("second"));
            JobStream stream = network.jobs().submit(network.payer(), TestNetwork.request("two words"));
            assertThat(stream.next()).hasFieldOrPropertyWithValue("text", "first ");
            gate.open();
            assertThat(Answers.of(stream).text()).isEqualTo("second");
        }
    }

    @Test
    void nothingIsLockedForWhatCannotRun() {
        try (TestNetwork network = TestNetwork.of(0)) {
            assertThatThrownBy(() -> network.jobs().submit(network.payer(), TestNetwork.request("hello")))
                    .isInstanceOfSatisfying(
                            DecentralException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.MODEL_NOT_FOUND));
            assertThat(network.ledger().credits().balance(network.payer()).free())
                    .isEqualTo(TestNetwork.CREDIT);
        }
    }

    @Test
    void aPromptOverTheContextIsCountedAndRefusedBeforeAnyLock() throws InterruptedException {
        try (TestNetwork network = TestNetwork.of(1)) {
            int context = network.jobs().models().getFirst().limits().contextTokens();
            String tooLong = "word ".repeat(context);
            assertThatThrownBy(() -> network.jobs().submit(network.payer(), TestNetwork.request(tooLong)))
                    .isInstanceOfSatisfying(
                            DecentralException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CONTEXT_TOO_LONG));
            assertThat(network.ledger().credits().balance(network.payer()).free())
                    .isEqualTo(TestNetwork.CREDIT);

            network.worker(0).backend().play(Script.of("fits"));
            String longWords = "w".repeat(context);
            Answers fits = Answers.of(network.jobs().submit(network.payer(), TestNetwork.request(longWords)));
            assertThat(fits.text()).isEqualTo("fits");
        }
    }

    @Test
    void promptAndOutputAreInNoByteOnTheWire() throws InterruptedException {
        try (TestNetwork network = TestNetwork.of(1)) {
            network.worker(0).backend().play(Script.of("say ", CANARY, " again"));
            Answers answer =
                    Answers.of(network.jobs().submit(network.payer(), TestNetwork.request("repeat " + CANARY)));
            assertThat(answer.text()).contains(CANARY);
            List<byte[]> seen = network.worker(0).faults().seen();
            assertThat(seen).hasSizeGreaterThan(5);
            for (byte[] frame : seen) {
                String latin = new String(frame, StandardCharsets.ISO_8859_1);
                assertThat(latin).doesNotContain(CANARY);
                assertThat(latin).doesNotContain(base64Of(CANARY));
            }
        }
    }

    /** The middle of the canary in base64, at whichever of three offsets it may start. */
    private static String base64Of(String text) {
        String encoded = Bytes.utf8(text).base64();
        return encoded.substring(0, encoded.length() / 4 * 4 - 4);
    }

    private static SignedReceipt settled(TestNetwork network, JobStream stream) {
        Await.until(
                () -> network.jobs()
                                .receipt(stream.jobId())
                                .orElseThrow()
                                .receipt()
                                .settlement()
                                .state()
                        == Settlement.State.SETTLED,
                "the job is settled");
        return network.jobs().receipt(stream.jobId()).orElseThrow();
    }
}

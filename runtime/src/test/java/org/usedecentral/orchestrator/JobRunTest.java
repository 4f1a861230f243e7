package org.usedecentral.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.usedecentral.crypto.Ed25519;
import org.usedecentral.link.Completed;
import org.usedecentral.link.Frame;
import org.usedecentral.link.HandWorker;
import org.usedecentral.link.LinkStage;
import org.usedecentral.receipt.Settlement;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.inference.FinishReason;
import org.usedecentral.spi.inference.GenerationEvent;
import org.usedecentral.spi.inference.GenerationRequest;
import org.usedecentral.spi.inference.Message;
import org.usedecentral.spi.inference.Part;
import org.usedecentral.spi.inference.Usage;
import org.usedecentral.spi.protocol.Statement;

/** Jobs of a real orchestrator whose workers are played by hand, frame by frame. */
@Timeout(60)
final class JobRunTest {
    private final Stage stage;
    private final Orchestrator orchestrator;

    JobRunTest(@TempDir Path folder) {
        stage = new Stage(folder);
        orchestrator = new Orchestrator(stage);
    }

    @AfterEach
    void close() {
        orchestrator.close();
    }

    private HandWorker worker(int seed) {
        stage.ledger.put(Ed25519.fromSeed(Stage.filled(seed)).account(), false);
        HandWorker worker = new HandWorker(orchestrator.links(), stage.timers, seed);
        worker.hear(Frame.Welcome.class);
        return worker;
    }

    private JobStream submit() {
        return orchestrator.submit(
                stage.worker.account(),
                GenerationRequest.builder(LinkStage.MODEL, List.of(Message.of(Message.Role.USER, "Hi")))
                        .maxOutputTokens(50)
                        .build());
    }

    /** What a stream said until it ended, and how. */
    private record Heard(String text, @Nullable DecentralException error) {
        static Heard all(JobStream stream) throws InterruptedException {
            StringBuilder text = new StringBuilder();
            try {
                while (stream.next() instanceof GenerationEvent.TextDelta delta) {
                    text.append(delta.text());
                }
                return new Heard(text.toString(), null);
            } catch (DecentralException e) {
                return new Heard(text.toString(), e);
            }
        }

        @Nullable ErrorCode code() {
            return error == null ? null : error.code();
        }
    }

    private HandWorker.Assigned take(HandWorker worker) {
        return worker.take(stage.proofScheme());
    }

    /** Ends a job with what the worker says of it. */
    private static void end(HandWorker worker, HandWorker.Assigned job, int seed, Said said) {
        Statement statement = Statement.builder(
                        job.terms().jobId(), worker.account(), job.frame().attempt())
                .requestCommitment(job.terms().requestCommitment())
                .modelDigest(Stage.filled(7))
                .outputDigest(said.output())
                .tokens(said.input(), said.tokens())
                .price(said.price())
                .build();
        Bytes signature = Ed25519.fromSeed(Stage.filled(seed)).sign(statement.encoded());
        Completed completed = Completed.of(
                List.of(FinishReason.STOP), new Usage(said.input(), said.tokens()), statement.encoded(), signature);
        worker.tell(job.writer().sealEnd(job.lane(), completed));
    }

    /** What a worker states. */
    private record Said(int input, int tokens, long price, Bytes output) {}

    private Bytes digest(HandWorker.Assigned job, String text) {
        var transcript = stage.proofScheme().newTranscript(job.salt(), 1);
        byte[] utf8 = Bytes.utf8(text).toByteArray();
        transcript.append(Part.TEXT, utf8, 0, utf8.length);
        return transcript.digest();
    }

    @Test
    void anHonestWorkerIsRelayedAndSettled() throws InterruptedException {
        HandWorker worker = worker(11);
        JobStream stream = submit();
        HandWorker.Assigned job = take(worker);
        worker.accept(job, 10);
        worker.say(job, "Hel");
        worker.say(job, "lo");
        end(worker, job, 11, new Said(10, 2, 2, digest(job, "Hello")));
        assertThat(Heard.all(stream)).isEqualTo(new Heard("Hello", null));
        Stage.await("it is settled", () -> stage.ledger.writes.contains("settle " + stream.jobId()));
        assertThat(stream.receipt().receipt().summary().price()).isEqualTo(2);
    }

    @Test
    void whatAStatementSaysOtherwiseIsNotSettled() throws InterruptedException {
        for (int lie = 0; lie < 4; lie++) {
            HandWorker worker = worker(20 + lie);
            JobStream stream = submit();
            HandWorker.Assigned job = take(worker);
            worker.accept(job, 10);
            worker.say(job, "Hello");
            Bytes output = digest(job, lie == 0 ? "Hullo" : "Hello");
            end(worker, job, 20 + lie, new Said(lie == 1 ? 11 : 10, lie == 2 ? 2 : 1, lie == 3 ? 3 : 2, output));
            Heard heard = Heard.all(stream);
            assertThat(heard.text()).isEqualTo("Hello");
            assertThat(heard.code()).as("lie %s", lie).isEqualTo(ErrorCode.PROOF_INVALID);
            Stage.await(
                    "what was relayed is claimed for it",
                    () -> stage.ledger.writes.contains("claim " + stream.jobId()));
            assertThat(stage.ledger.writes).doesNotContain("settle " + stream.jobId());
            worker.die();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "UNAVAILABLE",
                "INTERNAL",
                "OVERLOADED",
                "CONFLICT",
                "UNAUTHENTICATED",
                "MODEL_NOT_FOUND",
                "CANCELLED",
                "FROM_THE_FUTURE"
            })
    void aWorkerThatFailsBeforeItsFirstTokenIsReplacedAndLeftOut(String code) throws InterruptedException {
        HandWorker first = worker(11);
        JobStream stream = submit();
        HandWorker.Assigned job = take(first);
        HandWorker second = worker(12);
        first.fail(job, code);
        HandWorker.Assigned again = take(second);
        assertThat(again.frame().attempt()).isEqualTo(1);
        assertThat(again.terms()).as("the escrow stays").isEqualTo(job.terms());
        second.accept(again, 10);
        second.say(again, "Hello");
        assertThat(stream.next()).hasFieldOrPropertyWithValue("text", "Hello");
        second.die();
        assertThat(Heard.all(stream).code()).isEqualTo(ErrorCode.UNAVAILABLE);
        assertThatThrownBy(this::submit)
                .hasMessageContaining("suspended=1")
                .isInstanceOfSatisfying(
                        DecentralException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NO_WORKER));
    }

    @ParameterizedTest
    @ValueSource(strings = {"CONTEXT_TOO_LONG", "INVALID_REQUEST", "UNSUPPORTED_FEATURE"})
    void whatIsWrongWithTheRequestIsToldToTheClient(String code) throws InterruptedException {
        HandWorker first = worker(11);
        JobStream stream = submit();
        first.fail(take(first), code);
        Heard heard = Heard.all(stream);
        assertThat(heard.code()).isEqualTo(ErrorCode.valueOf(code));
        Stage.await("everything goes back", () -> stage.ledger.writes.contains("expire " + stream.jobId()));
        submit().close();
    }

    @Test
    void aWorkerThatBreaksItsLinkIsLeftOutWhenItIsBack() throws InterruptedException {
        HandWorker worker = worker(11);
        JobStream stream = submit();
        take(worker);
        worker.die();
        assertThat(Heard.all(stream).code()).isEqualTo(ErrorCode.NO_WORKER);
        HandWorker back = worker(11);
        assertThatThrownBy(this::submit).hasMessageContaining("suspended=1");
        stage.timers.turn(Duration.ofSeconds(10));
        JobStream again = submit();
        take(back);
        again.close();
    }

    @Test
    void afterOutputNoOtherWorkerFollows() throws InterruptedException {
        HandWorker first = worker(11);
        JobStream stream = submit();
        HandWorker.Assigned job = take(first);
        HandWorker second = worker(12);
        first.accept(job, 10);
        first.say(job, "Hel");
        first.die();
        Heard heard = Heard.all(stream);
        assertThat(heard.text()).isEqualTo("Hel");
        assertThat(heard.code()).isEqualTo(ErrorCode.UNAVAILABLE);
        Stage.await(
                "what was relayed is claimed for it", () -> stage.ledger.writes.contains("expire " + stream.jobId()));
        assertThat(stage.ledger.writes).contains("claim " + stream.jobId());
        assertThat(second.hears(Frame.Job.class)).isFalse();
        Stage.await(
                "the receipt is filed",
                () -> orchestrator
                                .receipt(stream.jobId())
                                .orElseThrow()
                                .receipt()
                                .settlement()
                                .state()
                        == Settlement.State.UNPROVED);
    }

    /** However the two fall together: the client reads one worker's answer, never the beginning of one and then the other's. */
    @Test
    void aFirstTokenThatComesWithTheStartTimeoutIsNotFollowedByAnotherAnswer() throws InterruptedException {
        Random random = new Random(20_300_131);
        for (int round = 0; round < 40; round++) {
            HandWorker first = worker(100 + round);
            JobStream stream = submit();
            HandWorker.Assigned job = take(first);
            first.accept(job, 10);
            HandWorker second = worker(150 + round);
            CountDownLatch together = new CountDownLatch(1);
            int pause = random.nextInt(3_000);
            Thread speaker = Thread.ofPlatform().daemon().start(() -> {
                try {
                    together.await();
                    for (int i = 0; i < pause; i++) {
                        Thread.onSpinWait();
                    }
                    first.say(job, "first");
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
            together.countDown();
            stage.timers.turn(Duration.ofSeconds(8));
            speaker.join();
            Stage.await(
                    "one of the two goes on",
                    () -> second.hears(Frame.Job.class) || said(stream.poll()).equals("first"));
            if (second.hears(Frame.Job.class)) {
                HandWorker.Assigned again = take(second);
                second.accept(again, 10);
                second.say(again, "second");
                assertThat(said(stream.next())).isEqualTo("second");
            }
            stream.close();
            first.die();
            second.die();
            Stage.await("the job ends", () -> orchestrator.running() == 0);
            stage.timers.turn(Duration.ofMinutes(11));
        }
    }

    private static String said(@Nullable GenerationEvent event) {
        return event instanceof GenerationEvent.TextDelta delta ? delta.text() : "";
    }
}

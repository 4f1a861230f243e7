package org.usedecentral.worker;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import org.usedecentral.crypto.Hpke;
import org.usedecentral.link.Frame;
import org.usedecentral.link.RequestCodec;
import org.usedecentral.link.SealedPayload;
import org.usedecentral.link.Wire;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.ModelId;
import org.usedecentral.spi.inference.GenerationRequest;
import org.usedecentral.spi.inference.InferenceBackend;
import org.usedecentral.spi.inference.ModelCard;
import org.usedecentral.spi.protocol.JobId;

/** Takes what comes on one link to this worker's backends. Thread-safe; its methods run on threads of the execution. */
final class JobExecutor {
    private static final Logger LOG = System.getLogger(JobExecutor.class.getName());

    private final Context context;
    private final CheckedJob.Parties parties;
    private final WorkerTally tally;

    /** What executions of one link share. */
    record Context(WorkerParts parts, AdvertPublisher adverts, WorkerJournal journal, Claims claims, Wire wire) {
        void send(Frame frame) {
            wire.send(frame.encode());
        }

        void send(byte[] frame) {
            wire.send(frame);
        }

        InferenceBackend backend(ModelId model) {
            for (InferenceBackend backend : parts.backends()) {
                if (parts.offer().includes(backend, model)
                        && backend.models().stream().anyMatch(card -> card.id().equals(model))) {
                    return backend;
                }
            }
            throw new DecentralException(ErrorCode.MODEL_NOT_FOUND, "this worker does not host " + model);
        }

        ModelCard card(ModelId model) {
            return backend(model).models().stream()
                    .filter(card -> card.id().equals(model))
                    .findFirst()
                    .orElseThrow(() -> new DecentralException(ErrorCode.MODEL_NOT_FOUND, "not hosted: " + model));
        }
    }

    JobExecutor(Context context, CheckedJob.Parties parties, WorkerTally tally) {
        this.context = context;
        this.tally = tally;
        this.parties = parties;
    }

    /** Checks a JOB and sees it through; whatever goes wrong becomes a FAIL, and what was earned is claimed. */
    void run(Frame.Job frame, WorkerLane lane) {
        Execution execution = null;
        try {
            CheckedJob job = check(frame);
            context.journal().begin(job.key(), context.parts().timers().clock().instant());
            execution = new Execution(context, job, lane, frame.lane());
            tally.done(execution.run());
            context.claims().watch(execution.newestVoucher());
        } catch (DecentralException e) {
            tally.failed(e.code());
            fail(frame.lane(), e);
            if (execution != null) {
                context.claims().claimNow(execution.newestVoucher());
            }
        } catch (InterruptedException e) {
            tally.failed(ErrorCode.UNAVAILABLE);
            fail(frame.lane(), new DecentralException(ErrorCode.UNAVAILABLE, "the worker stops", e));
        } catch (RuntimeException e) {
            tally.failed(ErrorCode.INTERNAL);
            LOG.log(Level.ERROR, "a job failed inside the worker", e);
            fail(frame.lane(), new DecentralException(ErrorCode.INTERNAL, "the worker failed", e));
        }
    }

    private CheckedJob check(Frame.Job frame) {
        CheckedJob.checkAssignment(frame, parties);
        JobId id = frame.assignment().decodedTerms().jobId();
        SealedPayload.Opened opened = open(frame.sealed(), id, frame.attempt());
        return CheckedJob.of(frame, parties.worker(), opened, this::hosting);
    }

    private SealedPayload.Opened open(SealedPayload sealed, JobId job, int attempt) {
        Hpke.SessionKey key = context.adverts()
                .keyOf(sealed.advertSha256())
                .orElseThrow(() -> new DecentralException(
                        ErrorCode.UNAVAILABLE, "the payload is sealed to an advert that has ended"));
        return sealed.open(key, new SealedPayload.Binding(job, attempt, parties.worker(), sealed.advertSha256()));
    }

    private CheckedJob.Hosting hosting(GenerationRequest request) {
        ModelCard card = context.card(request.model());
        request.requireFeaturesOf(card);
        Bytes digest = card.digest();
        return new CheckedJob.Hosting(
                digest == null ? Bytes.zeros(32) : digest,
                context.parts().settings().price(request.model()));
    }

    /** Counts a prompt's tokens for an orchestrator that has not locked anything yet. */
    void count(Frame.Count frame) {
        Frame.Counted answer;
        try {
            SealedPayload.Opened opened = open(frame.sealed(), new JobId(frame.nonce()), 0);
            GenerationRequest request = RequestCodec.decode(opened.plaintext().payload());
            int tokens = context.backend(request.model()).countInputTokens(request);
            answer = new Frame.Counted(frame.query(), tokens, "", "");
        } catch (DecentralException e) {
            answer = new Frame.Counted(frame.query(), -1, e.code().name(), e.message());
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, "a prompt could not be counted", e);
            answer = new Frame.Counted(frame.query(), -1, ErrorCode.INTERNAL.name(), "the worker failed");
        }
        trySend(answer);
    }

    void fail(int lane, DecentralException error) {
        LOG.log(Level.INFO, "lane {0} fails: {1}: {2}", lane, error.code(), error.message());
        trySend(new Frame.Fail(lane, error.code().name(), error.message()));
    }

    private void trySend(Frame frame) {
        try {
            context.send(frame);
        } catch (DecentralException e) {
            LOG.log(Level.DEBUG, "not sent: {0}", e.message());
        }
    }
}

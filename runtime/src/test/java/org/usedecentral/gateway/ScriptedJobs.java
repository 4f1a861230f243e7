package org.usedecentral.gateway;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import org.usedecentral.orchestrator.JobStream;
import org.usedecentral.orchestrator.Jobs;
import org.usedecentral.orchestrator.ModelOffer;
import org.usedecentral.receipt.SignedReceipt;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.ModelId;
import org.usedecentral.spi.inference.Feature;
import org.usedecentral.spi.inference.ModelCard;
import org.usedecentral.spi.inference.ModelLimits;
import org.usedecentral.spi.ledger.EscrowedJob;
import org.usedecentral.spi.protocol.JobId;
import org.usedecentral.spi.protocol.TokenPrices;

/** A network in memory: one model that can little, payers with or without credits, jobs that a test scripts. Thread-safe. */
final class ScriptedJobs implements Jobs {
    static final ModelId MODEL = new ModelId("lab/tiny-1");
    private static final ModelLimits LIMITS = new ModelLimits(2_048, 512, 16);

    private final ModelCard card = new ModelCard(MODEL, null, LIMITS, "", Set.of(Feature.GENERATE));
    private final Queue<ScriptedStream> next = new ArrayDeque<>();
    private final List<Submission> submissions = new ArrayList<>();
    private final Set<Account> poor = new HashSet<>();
    final Map<JobId, EscrowedJob> known = new HashMap<>();
    final Map<JobId, SignedReceipt> receipts = new HashMap<>();

    /** The job that the next request becomes. */
    synchronized ScriptedStream next() {
        ScriptedStream stream = new ScriptedStream();
        next.add(stream);
        return stream;
    }

    synchronized void hasNoCredits(Account payer) {
        poor.add(payer);
    }

    synchronized List<Submission> submissions() {
        return List.copyOf(submissions);
    }

    @Override
    public synchronized JobStream submit(Submission submission) {
        if (!submission.request().model().equals(MODEL)) {
            throw new DecentralException(ErrorCode.MODEL_NOT_FOUND, "no worker hosts it").at("model");
        }
        submission.request().requireFeaturesOf(card);
        if (poor.contains(submission.payer())) {
            throw new DecentralException(ErrorCode.INSUFFICIENT_CREDITS, "deposit some credits");
        }
        submissions.add(submission);
        ScriptedStream stream = next.poll();
        if (stream == null) {
            throw new IllegalStateException("the test scripted no further job");
        }
        return stream;
    }

    @Override
    public List<ModelOffer> models() {
        return List.of(new ModelOffer(MODEL, new TokenPrices(100_000, 200_000), LIMITS, 3));
    }

    @Override
    public Optional<EscrowedJob> find(JobId job) {
        return Optional.ofNullable(known.get(job));
    }

    @Override
    public Optional<SignedReceipt> receipt(JobId job) {
        return Optional.ofNullable(receipts.get(job));
    }
}

package org.usedecentral.backend.llamacpp;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.inference.FinishReason;
import org.usedecentral.spi.inference.GenerationEvent;

/**
 * Continuous batching on one thread, the only one that touches the context. Each step advances one waiting prompt by one
 * chunk and then every running sequence by one token, so a long prompt delays the others by one chunk and no more.
 *
 * <p>Prompts and single tokens go to the library in separate calls, and a prompt is always cut at the same places: what
 * a sequence computes then does not depend on who runs beside it, and greedy tokens are the same at any load. It costs
 * nothing, because with a KV cache of its own for each sequence the library splits such a mixed batch anyway.
 *
 * <p>{@link #admit}, {@link #cancel}, {@link #wake} and the counters are for any thread.
 */
final class BatchLoop {
    private static final System.Logger LOGGER = System.getLogger(BatchLoop.class.getName());

    private static final int[] NO_PROMPT = {};

    private final LlamaApi api;
    private final MemorySegment context;
    private final MemorySegment memory;
    private final int contextTokens;
    private final int chunk;
    private final NativeBatch batch;
    private final ThreadPace pace;
    private final Sampler.Scratch scratch;
    private final @Nullable Sequence[] running;
    private final Sequence[] stepping;
    private final PrefixCache prefixes;
    private final boolean[] free;
    private final Thread thread;

    private final Semaphore freeSlots;
    // Never longer than there are slots: a request arrives only with a slot for each of its choices.
    private final ConcurrentLinkedQueue<Generation> arrivals = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean signal = new AtomicBoolean();
    private final Object admission = new Object();
    private @Nullable DecentralException refusal;
    private volatile int cachedTokens;
    private volatile Steps steps = new Steps(0, 0, 0);
    private int nextPrefill;
    private int threads;

    /** How many sequences run at once, how long each may be, how many tokens of a prompt go in one step. */
    record Shape(int slots, int contextTokens, int chunk, boolean keepsPrefixes, ThreadPace pace) {}

    /**
     * What the loop has done.
     *
     * @param prompts chunks of prompts it computed
     * @param tokens times it advanced what was running by a token
     * @param advanced how many tokens that were, over all sequences
     */
    record Steps(long prompts, long tokens, long advanced) {}

    /** A loop for a context, with a batch that holds a chunk and a token of every slot. */
    BatchLoop(LlamaApi api, MemorySegment context, Vocabulary vocabulary, NativeBatch batch, Shape shape) {
        this.api = api;
        this.context = context;
        MemorySegment cache = api.memory(context);
        if (cache == null) {
            throw DecentralException.unsupported("a model without a KV cache, which does not generate text,");
        }
        this.memory = cache;
        this.contextTokens = shape.contextTokens();
        this.chunk = shape.chunk();
        this.batch = batch;
        this.pace = shape.pace();
        this.scratch = new Sampler.Scratch(vocabulary.size());
        this.running = new Sequence[shape.slots()];
        this.stepping = new Sequence[shape.slots()];
        this.prefixes = new PrefixCache(shape.slots(), shape.chunk(), shape.keepsPrefixes());
        this.free = new boolean[shape.slots()];
        this.freeSlots = new Semaphore(shape.slots());
        this.thread = Thread.ofPlatform().daemon().name("llama-loop").unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    /** Ends every stream and waits until the thread has left the library. */
    void close() {
        refuse(new DecentralException(ErrorCode.UNAVAILABLE, "the model is being unloaded"));
        wake();
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Takes a slot for each choice of a request, all or none, and hands it to the loop.
     *
     * @throws DecentralException {@code OVERLOADED} if too few slots are free, {@code UNAVAILABLE} after {@link #close} or
     *     a fault
     */
    LlamaStream admit(Generation.Prompt prompt, List<Answer> answers) {
        Generation generation;
        synchronized (admission) {
            if (refusal != null) {
                throw refusal;
            }
            if (!freeSlots.tryAcquire(answers.size())) {
                throw overloaded(answers.size());
            }
            generation = new Generation(prompt, answers, this);
            arrivals.add(generation);
        }
        wake();
        return generation.stream();
    }

    private DecentralException overloaded(int wanted) {
        String message = wanted == 1
                ? "all " + running.length + " slots are taken; try again shortly"
                : "fewer than " + wanted + " of " + running.length + " slots are free; try again shortly";
        return new DecentralException(ErrorCode.OVERLOADED, message);
    }

    /** Gives a request's slots back at once; the loop drops its sequences before the slots' next tenants begin. */
    void cancel(Generation generation) {
        for (Sequence sequence : generation.choices()) {
            release(sequence);
        }
        wake();
    }

    private void release(Sequence sequence) {
        if (sequence.release()) {
            freeSlots.release();
        }
    }

    /** Makes the loop look for work again. */
    void wake() {
        signal.set(true);
        LockSupport.unpark(thread);
    }

    int busySlots() {
        return running.length - freeSlots.availablePermits();
    }

    Steps steps() {
        return steps;
    }

    /** How well prefixes were found. */
    PrefixCache.Use prefixUse() {
        return prefixes.use();
    }

    /** The share of the KV cache that running sequences fill, 0 … 1, as of the last step; kept prefixes give way. */
    double cacheUse() {
        return (double) cachedTokens / ((long) running.length * contextTokens);
    }

    private void refuse(DecentralException reason) {
        synchronized (admission) {
            if (refusal == null) {
                refusal = reason;
            }
        }
    }

    private @Nullable DecentralException refusal() {
        synchronized (admission) {
            return refusal;
        }
    }

    // From here on: the loop's thread.

    private void run() {
        DecentralException end;
        try {
            while ((end = refusal()) == null) {
                takeArrivals();
                boolean worked = prefill();
                worked |= decode();
                countCachedTokens();
                if (!worked) {
                    rest();
                }
            }
        } catch (Throwable e) {
            LOGGER.log(System.Logger.Level.ERROR, "the llama.cpp loop failed; the model takes no more requests", e);
            end = new DecentralException(ErrorCode.UNAVAILABLE, "the inference engine failed: " + e.getMessage(), e);
            refuse(end);
        }
        takeArrivals();
        for (Sequence sequence : running) {
            if (sequence != null) {
                fail(sequence.generation(), end);
            }
        }
    }

    private void rest() {
        while (!signal.getAndSet(false)) {
            LockSupport.park(this);
        }
    }

    private void takeArrivals() {
        dropReleased();
        for (Generation arrival = arrivals.poll(); arrival != null; arrival = arrivals.poll()) {
            // The slots it was admitted to may have been given back since the last look.
            dropReleased();
            for (Sequence sequence : arrival.choices()) {
                if (!sequence.isReleased()) {
                    place(sequence);
                }
            }
        }
    }

    /** Gives a sequence a slot of its own; the first choice begins with what is there of its prompt. */
    private void place(Sequence sequence) {
        Generation generation = sequence.generation();
        boolean first = sequence.choice() == 0;
        for (int slot = 0; slot < running.length; slot++) {
            free[slot] = running[slot] == null;
        }
        int[] prompt = first ? generation.promptTokens() : NO_PROMPT;
        int limit = first ? generation.chunkedTokens() : 0;
        int slot = prefixes.choose(prompt, limit, free);
        sequence.slot = slot;
        running[slot] = sequence;
        if (first) {
            int cached = truncate(slot, prefixes.shared(slot, prompt, limit));
            prefixes.begin(slot, prompt, cached);
            generation.cached = cached;
            generation.prefilled = cached;
            sequence.position = cached;
        } else {
            prefixes.forget(slot);
            truncate(slot, 0);
        }
    }

    /** Cuts what a slot holds to its first {@code tokens} tokens; returns how many are left. */
    private int truncate(int slot, int tokens) {
        if (tokens > 0 && api.truncate(memory, slot, tokens)) {
            return tokens;
        }
        api.forget(memory, slot);
        return 0;
    }

    private void dropReleased() {
        for (Sequence tenant : running) {
            if (tenant != null && tenant.isReleased()) {
                drop(tenant);
            }
        }
    }

    private void drop(Sequence sequence) {
        int slot = sequence.slot;
        running[slot] = null;
        Generation generation = sequence.generation();
        int computed = Math.min(sequence.position, generation.chunkedTokens());
        int kept = prefixes.keep(slot, generation.promptTokens(), computed);
        if (truncate(slot, kept) < kept) {
            prefixes.forget(slot);
        }
    }

    /** Advances one prompt by one chunk, each prompt in its turn. */
    private boolean prefill() {
        for (int i = 0; i < running.length; i++) {
            int slot = (nextPrefill + i) % running.length;
            Sequence sequence = running[slot];
            if (sequence != null
                    && sequence.choice() == 0
                    && sequence.generation().prefilling()) {
                nextPrefill = slot + 1;
                prefill(sequence);
                return true;
            }
        }
        return false;
    }

    private void prefill(Sequence first) {
        Generation generation = first.generation();
        int[] tokens = generation.promptTokens();
        int count = Math.min(chunk, generation.chunkedTokens() - generation.prefilled);
        batch.clear();
        int last = 0;
        for (int i = 0; i < count; i++) {
            int at = generation.prefilled + i;
            last = batch.add(tokens[at], at, first.slot, at == tokens.length - 1);
        }
        stepping[0] = first;
        setThreads(pace.threads());
        if (!compute(1)) {
            return;
        }
        steps = new Steps(steps.prompts + 1, steps.tokens, steps.advanced);
        generation.prefilled += count;
        first.position += count;
        if (!generation.isPreparing()) {
            begin(generation, last);
        }
    }

    /** Gives every choice the prompt's KV cache and, from the same logits, its first token. */
    private void begin(Generation generation, int index) {
        Sequence first = generation.choices().getFirst();
        for (Sequence sequence : generation.choices()) {
            if (sequence != first && !sequence.isReleased()) {
                api.copySequence(memory, first.slot, sequence.slot);
                sequence.position = first.position;
            }
        }
        for (Sequence sequence : generation.choices()) {
            choose(sequence, index);
        }
    }

    /** Advances every sequence whose chunks are in and whose reader keeps up. */
    private boolean decode() {
        batch.clear();
        int count = 0;
        for (Sequence sequence : running) {
            if (sequence == null || !advances(sequence)) {
                continue;
            }
            Generation generation = sequence.generation();
            int token = generation.isPreparing()
                    ? generation.promptTokens()[sequence.position]
                    : sequence.answer().lastToken();
            batch.add(token, sequence.position, sequence.slot, true);
            stepping[count++] = sequence;
        }
        if (count == 0) {
            return false;
        }
        if (computePaced(count)) {
            // One small object a step, beside as many events as there are sequences.
            steps = new Steps(steps.prompts, steps.tokens + 1, steps.advanced + count);
            for (int i = 0; i < count; i++) {
                advance(stepping[i], i);
            }
        }
        return true;
    }

    private static boolean advances(Sequence sequence) {
        Generation generation = sequence.generation();
        return !generation.prefilling()
                && (sequence.choice() == 0 || !generation.isPreparing())
                && !sequence.isReleased()
                && sequence.stream().hasRoom();
    }

    /** Takes in what was computed for a sequence at {@code index} of the batch. */
    private void advance(Sequence sequence, int index) {
        sequence.position++;
        Generation generation = sequence.generation();
        if (!generation.isPreparing()) {
            choose(sequence, index);
            return;
        }
        generation.prefilled++;
        if (!generation.isPreparing()) {
            begin(generation, index);
        }
    }

    private void setThreads(int wanted) {
        if (wanted != threads) {
            api.setThreads(context, wanted);
            threads = wanted;
        }
    }

    private boolean computePaced(int count) {
        long start = System.nanoTime();
        setThreads(pace.threads(count, start));
        boolean computed = compute(count);
        long end = System.nanoTime();
        pace.took(end - start, end);
        return computed;
    }

    /** Decodes the batch of the first {@code count} stepping sequences; on a fault they are failed. */
    private boolean compute(int count) {
        LlamaLog.clear();
        int result = api.decode(context, batch.struct());
        if (result == 0) {
            return true;
        }
        DecentralException fault = new DecentralException(
                ErrorCode.INTERNAL, "llama_decode failed with " + result + ": " + LlamaLog.lastError());
        for (int i = 0; i < count; i++) {
            fail(stepping[i].generation(), fault);
        }
        if (result < -1) {
            throw fault;
        }
        return false;
    }

    /** Samples the next token of a sequence and delivers what it makes certain. */
    private void choose(Sequence sequence, int index) {
        if (sequence.isReleased()) {
            return;
        }
        api.copyLogits(context, index, scratch.logits);
        Answer answer = sequence.answer();
        FinishReason reason;
        try {
            reason = answer.next(scratch);
        } catch (DecentralException e) {
            fail(sequence.generation(), e);
            return;
        }
        if (reason == null) {
            answer.deliver(sequence.stream());
        } else {
            finish(sequence, reason);
        }
    }

    private void finish(Sequence sequence, FinishReason reason) {
        drop(sequence);
        // The slot first: who reads the end may ask for it at once.
        release(sequence);
        sequence.answer().deliver(sequence.stream());
        GenerationEvent end = sequence.generation().finished(sequence, reason);
        if (end != null) {
            sequence.stream().put(end);
        }
    }

    private void fail(Generation generation, DecentralException reason) {
        for (Sequence sequence : generation.choices()) {
            if (sequence.slot >= 0 && running[sequence.slot] == sequence) {
                drop(sequence);
            }
            release(sequence);
        }
        generation.stream().fail(reason);
    }

    private void countCachedTokens() {
        int tokens = 0;
        for (Sequence sequence : running) {
            tokens += sequence == null ? 0 : sequence.position;
        }
        cachedTokens = tokens;
    }
}

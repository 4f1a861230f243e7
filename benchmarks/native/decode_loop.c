/*
 * The least a program can do to decode N sequences with libllama: what the llama-cpp backend is held against.
 *
 *     decode_loop ENGINE_DIRECTORY MODEL THREADS SLOTS CONTEXT BATCH --streams N --tokens T --prompt-tokens P
 *
 * It loads the same library with the same parameters as the backend (a KV cache of its own for each sequence, no flash
 * attention), puts a prompt of P tokens into N sequences, then decodes T tokens of each, greedily: per token one argmax
 * over the vocabulary and one llama_token_to_piece. It goes on past an end-of-sequence token. One line of JSON on
 * standard output says how many tokens, seconds and CPU seconds that took, prefill and decode apart, start-up in neither.
 *
 * The structures are those of llama.h in release v0.5.0, which LlamaLayouts.java also writes down; a library whose
 * defaults are not where they should be is refused.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

struct model_params {
    void *devices, *tensor_buft_overrides;
    int32_t n_gpu_layers, split_mode, load_mode, lazy_mode, main_gpu;
    void *tensor_split, *progress_callback, *progress_callback_user_data, *kv_overrides;
    bool vocab_only, check_tensors, use_extra_bufts, no_host, no_alloc, load_mtp;
};

struct context_params {
    uint32_t n_ctx, n_batch, n_ubatch, n_seq_max, n_rs_seq, n_outputs_max, n_outputs_max_per_seq;
    int32_t n_threads, n_threads_batch;
    int32_t ctx_type, rope_scaling_type, pooling_type, attention_type, flash_attn_type;
    float rope_freq_base, rope_freq_scale, yarn_ext_factor, yarn_attn_factor, yarn_beta_fast, yarn_beta_slow;
    uint32_t yarn_orig_ctx;
    float defrag_thold;
    void *cb_eval, *cb_eval_user_data;
    int32_t type_k, type_v;
    void *abort_callback, *abort_callback_data;
    bool embeddings, offload_kqv, no_perf, op_offload, swa_full, kv_unified;
    void *samplers;
    size_t n_samplers;
    void *ctx_other;
};

struct batch {
    int32_t n_tokens;
    int32_t *token;
    float *embd;
    int32_t *pos;
    int32_t *n_seq_id;
    int32_t **seq_id;
    int8_t *logits;
};

static void fail(const char *what, const char *detail) {
    fprintf(stderr, "decode_loop: %s%s\n", what, detail);
    exit(1);
}

static void *libraries[3];

/* Opens the first file of the directory that begins with the name and is a library. */
static void *open_library(const char *directory, const char *name) {
    char path[4096] = "";
    DIR *entries = opendir(directory);
    if (!entries) fail("no directory ", directory);
    for (struct dirent *entry; (entry = readdir(entries));) {
        const char *rest = entry->d_name + strlen(name);
        if (strncmp(entry->d_name, name, strlen(name)) == 0 && rest[0] == '.' && strstr(rest, "so"))
            snprintf(path, sizeof path, "%s/%s", directory, entry->d_name);
    }
    closedir(entries);
    void *library = path[0] ? dlopen(path, RTLD_NOW | RTLD_GLOBAL) : NULL;
    if (!library) fail("cannot load ", path[0] ? dlerror() : name);
    return library;
}

static void *symbol(const char *name) {
    for (int i = 0; i < 3; i++) {
        void *found = dlsym(libraries[i], name);
        if (found) return found;
    }
    fail("the library has no function ", name);
    return NULL;
}

/* A function of the library under a local name. */
#define BIND(result, name, ...) result (*name)(__VA_ARGS__) = (result (*)(__VA_ARGS__))symbol(#name)

static void quiet(int level, const char *text, void *data) {
    (void)level, (void)text, (void)data;
}

static double wall(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static double cpu(void) {
    struct rusage use;
    getrusage(RUSAGE_SELF, &use);
    return (double)(use.ru_utime.tv_sec + use.ru_stime.tv_sec) + (double)(use.ru_utime.tv_usec + use.ru_stime.tv_usec) / 1e6;
}

/* Not ru_maxrss, which a process takes over from the one that started it. */
static long long peak_bytes(void) {
    char line[256];
    long long kibibytes = -1;
    FILE *status = fopen("/proc/self/status", "r");
    while (status && fgets(line, sizeof line, status))
        if (sscanf(line, "VmHWM: %lld kB", &kibibytes) == 1) break;
    if (status) fclose(status);
    return kibibytes < 0 ? -1 : kibibytes * 1024;
}

static int number(const char *text, int least, int most, const char *what) {
    char *end;
    long value = strtol(text, &end, 10);
    if (*text == 0 || *end != 0 || value < least || value > most) fail("out of range or no number: ", what);
    return (int)value;
}

static struct batch new_batch(int capacity) {
    struct batch batch = {0, malloc(sizeof(int32_t) * (size_t)capacity), NULL, malloc(sizeof(int32_t) * (size_t)capacity),
        malloc(sizeof(int32_t) * (size_t)capacity), malloc(sizeof(int32_t *) * (size_t)capacity), malloc((size_t)capacity)};
    int32_t *ids = malloc(sizeof(int32_t) * (size_t)capacity);
    if (!batch.token || !batch.pos || !batch.n_seq_id || !batch.seq_id || !batch.logits || !ids) fail("no memory", "");
    for (int i = 0; i < capacity; i++) {
        batch.n_seq_id[i] = 1;
        batch.seq_id[i] = ids + i;
    }
    return batch;
}

static int add(struct batch *batch, int token, int position, int sequence, bool output) {
    int at = batch->n_tokens++;
    batch->token[at] = token;
    batch->pos[at] = position;
    batch->seq_id[at][0] = sequence;
    batch->logits[at] = output;
    return at;
}

static int best(const float *logits, int count) {
    int best = 0;
    for (int i = 1; i < count; i++)
        if (logits[i] > logits[best]) best = i;
    return best;
}

int main(int argc, char **argv) {
    if (argc != 13 || strcmp(argv[7], "--streams") || strcmp(argv[9], "--tokens") || strcmp(argv[11], "--prompt-tokens"))
        fail("use: decode_loop ENGINE_DIRECTORY MODEL THREADS SLOTS CONTEXT BATCH --streams N --tokens T --prompt-tokens P", "");
    const char *directory = argv[1];
    int threads = number(argv[3], 1, 512, "THREADS"), slots = number(argv[4], 1, 64, "SLOTS");
    int context_tokens = number(argv[5], 256, 1 << 20, "CONTEXT"), chunk = number(argv[6], 1, 1 << 14, "BATCH");
    int streams = number(argv[8], 1, slots, "--streams (at most SLOTS)"), tokens = number(argv[10], 1, 1 << 16, "--tokens");
    int prompt_tokens = number(argv[12], 1, 1 << 16, "--prompt-tokens");
    if (prompt_tokens + tokens > context_tokens) fail("prompt and output do not fit the context", "");

    libraries[0] = open_library(directory, "libggml-base");
    libraries[1] = open_library(directory, "libggml");
    libraries[2] = open_library(directory, "libllama");
    BIND(void, llama_log_set, void (*)(int, const char *, void *), void *);
    BIND(void, ggml_backend_load_all_from_path, const char *);
    BIND(void, llama_backend_init, void);
    BIND(struct model_params, llama_model_default_params, void);
    BIND(struct context_params, llama_context_default_params, void);
    BIND(void *, llama_model_load_from_file, const char *, struct model_params);
    BIND(void *, llama_init_from_model, void *, struct context_params);
    BIND(const void *, llama_model_get_vocab, const void *);
    BIND(int32_t, llama_vocab_n_tokens, const void *);
    BIND(int32_t, llama_tokenize, const void *, const char *, int32_t, int32_t *, int32_t, bool, bool);
    BIND(int32_t, llama_token_to_piece, const void *, int32_t, char *, int32_t, int32_t, bool);
    BIND(int32_t, llama_decode, void *, struct batch);
    BIND(float *, llama_get_logits_ith, void *, int32_t);

    llama_log_set(quiet, NULL);
    ggml_backend_load_all_from_path(directory);
    llama_backend_init();
    struct model_params model_params = llama_model_default_params();
    struct context_params params = llama_context_default_params();
    if (params.n_ctx != 512 || params.n_batch != 2048 || params.n_ubatch != 512 || params.n_threads != 4 || params.type_k != 1
        || params.defrag_thold != -1 || !params.swa_full || model_params.n_gpu_layers != -1 || !model_params.use_extra_bufts)
        fail("this libllama has another layout than release v0.5.0", "");

    void *model = llama_model_load_from_file(argv[2], model_params);
    if (!model) fail("cannot load ", argv[2]);
    int capacity = chunk > slots ? chunk : slots;
    params.n_ctx = (uint32_t)(context_tokens * slots);
    params.n_batch = params.n_ubatch = (uint32_t)capacity;
    params.n_seq_max = params.n_outputs_max = (uint32_t)slots;
    params.n_threads = params.n_threads_batch = threads;
    params.flash_attn_type = 0;
    params.kv_unified = false;
    void *context = llama_init_from_model(model, params);
    if (!context) fail("cannot make a context", "");
    const void *vocab = llama_model_get_vocab(model);
    int vocabulary = llama_vocab_n_tokens(vocab);

    static const char text[] = " Tell a very long story, with every detail, about: river market winter garden letter mountain window";
    int32_t sample[64];
    int known = llama_tokenize(vocab, text, (int32_t)strlen(text), sample, 64, false, true);
    if (known <= 0) fail("the prompt has no tokens", "");

    struct batch batch = new_batch(capacity);
    int32_t *last = calloc((size_t)streams, sizeof *last);
    if (!last) fail("no memory", "");
    double wall_0 = wall(), cpu_0 = cpu();
    for (int sequence = 0; sequence < streams; sequence++) {
        for (int from = 0; from < prompt_tokens; from += chunk) {
            int at = 0;
            batch.n_tokens = 0;
            for (int i = from; i < prompt_tokens && i < from + chunk; i++)
                at = add(&batch, sample[(i + sequence) % known], i, sequence, i == prompt_tokens - 1);
            if (llama_decode(context, batch)) fail("llama_decode failed in the prefill", "");
            if (from + chunk >= prompt_tokens) last[sequence] = best(llama_get_logits_ith(context, at), vocabulary);
        }
    }
    double wall_1 = wall(), cpu_1 = cpu();
    char piece[256];
    unsigned long long bytes = 0;
    for (int step = 0; step < tokens; step++) {
        batch.n_tokens = 0;
        for (int sequence = 0; sequence < streams; sequence++)
            add(&batch, last[sequence], prompt_tokens + step, sequence, true);
        if (llama_decode(context, batch)) fail("llama_decode failed", "");
        for (int sequence = 0; sequence < streams; sequence++) {
            last[sequence] = best(llama_get_logits_ith(context, sequence), vocabulary);
            int length = llama_token_to_piece(vocab, last[sequence], piece, sizeof piece, 0, false);
            bytes += length > 0 ? (unsigned)length : 0;
        }
    }
    double wall_2 = wall(), cpu_2 = cpu();
    printf("{\"prefill\":{\"tokens\":%d,\"seconds\":%.6f,\"cpu_seconds\":%.6f},\"decode\":{\"tokens\":%d,\"seconds\":%.6f,"
           "\"cpu_seconds\":%.6f},\"text_bytes\":%llu,\"peak_bytes\":%lld}\n",
        streams * prompt_tokens, wall_1 - wall_0, cpu_1 - cpu_0, streams * tokens, wall_2 - wall_1, cpu_2 - cpu_1, bytes,
        peak_bytes());
    fflush(stdout);
    /* Without destructors: the library's own wait for threads that are of no use any more. */
    _Exit(0);
}

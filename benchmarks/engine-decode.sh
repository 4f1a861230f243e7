#!/usr/bin/env bash
# The llama-cpp backend against a loop in C on the same library, and against java-llama: tokens per
# CPU second of decoding alone, in one interleaved run. Then 16 streams of mixed lengths, for the worst gap.
#
#     benchmarks/engine-decode.sh [FOLDER]       # where results go; benchmarks/target/engine-decode by default
#
# ROUNDS=5 TOKENS=128 PROMPT=64 THREADS=1 STREAMS=1,4,8 change what they say. Takes about five minutes on two idle cores.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
out=${1:-$root/benchmarks/target/engine-decode}
cache=${DECENTRAL_CACHE:-$HOME/.cache/decentral}
rounds=${ROUNDS:-5} tokens=${TOKENS:-128} prompt=${PROMPT:-64} threads=${THREADS:-1} streams=${STREAMS:-1,4,8}
context=4096 batch=64

if ! command -v cc >/dev/null; then
  echo "engine-decode: needs a C compiler: install gcc or clang" >&2
  exit 1
fi
mkdir -p "$out"
cc -O2 -Wall -Wextra -Werror -o "$out/decode_loop" "$root/benchmarks/native/decode_loop.c" -ldl

# Fetches engine and model where they are not there yet, and builds.
"$root/decentral" bench --backend type=llama-cpp,slots=1,threads="$threads" --streams 1 --rounds 1 --tokens 8 \
  --prompt-tokens 48 >/dev/null
engine=$(find "$cache/engines" -maxdepth 1 -name 'llama.cpp-linux-*' | sort | tail -n 1)
model=$(find "$cache/models" -name 'smollm2-135m-instruct-*.gguf' | sort | tail -n 1)
if [ -z "$engine" ] || [ -z "$model" ]; then
  echo "engine-decode: no engine or model in $cache; unset DECENTRAL_CACHE, or set it to a folder" >&2
  exit 1
fi

backends=(
  --backend "type=llama-cpp,slots=8,threads=$threads,context=$context,batch=$batch"
  --backend "type=java-llama,slots=8,threads=$threads,context=$context"
)
"$root/decentral" bench --command "c-loop=$out/decode_loop $engine $model $threads 8 $context $batch" "${backends[@]}" \
  --streams "$streams" --rounds "$rounds" --tokens "$tokens" --prompt-tokens "$prompt" \
  --json "$out/decode.json" --html "$out/decode.html"

"$root/decentral" bench --backend "type=llama-cpp,slots=16,threads=$threads,context=$context,batch=$batch" \
  --streams 16 --mixed --rounds 3 --tokens "$tokens" --prompt-tokens 128 \
  --json "$out/mixed.json" --html "$out/mixed.html"

python3 - "$out/decode.json" "$out/mixed.json" <<'PYTHON'
import json
import sys

decode, mixed = (json.load(open(path, encoding="utf-8")) for path in sys.argv[1:])
rows = {(row["backend"], row["streams"]): row for row in decode["rows"]}


def speed(backend, streams):
    row = rows.get((backend, streams))
    figure = row and row["decode_tokens_per_cpu_second"]
    return figure["median"] if figure else None


def verdict(ratio, target, at_least=True):
    reached = ratio >= target if at_least else ratio <= target
    return f"{ratio:.2f} (target {'>=' if at_least else '<='} {target}: {'reached' if reached else 'MISSED'})"


print("Ratios of medians, tokens per CPU second")
for streams in sorted({streams for _, streams in rows}):
    ours, loop, other = (speed(name, streams) for name in ("llama-cpp", "c-loop", "java-llama"))
    if ours and loop:
        print(f"  {streams:2d} streams: llama-cpp / C loop     {verdict(ours / loop, 0.95)}")
    if ours and other:
        text = verdict(ours / other, 1.7) if streams == 8 else f"{ours / other:.2f}"
        print(f"  {streams:2d} streams: llama-cpp / java-llama {text}")
for row in mixed["rows"]:
    if row["worst_gap_over_median"]:
        print(f"16 mixed streams: worst gap / median  {verdict(row['worst_gap_over_median']['median'], 5, False)}")
PYTHON

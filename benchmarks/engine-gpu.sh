#!/usr/bin/env bash
# The llama-cpp backend on an NVIDIA GPU against llama.cpp's own llama-bench on the same weights: decode tokens a second
# of one stream, medians. Not part of ./mvnw verify: it needs a GPU, the CUDA 13 runtime, and llama-bench.
#
#     LLAMA_BENCH=/opt/llama.cpp/llama-bench benchmarks/engine-gpu.sh [MODEL.gguf]
#
# MODEL is the catalogue's small model by default. ROUNDS=5 TOKENS=128 PROMPT=64 change what they say.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
out=$root/benchmarks/target/engine-gpu
rounds=${ROUNDS:-5} tokens=${TOKENS:-128} prompt=${PROMPT:-64}
bench=${LLAMA_BENCH:-$(command -v llama-bench || true)}

if ! nvidia-smi -L; then
  echo "engine-gpu: no NVIDIA GPU or driver here" >&2
  exit 1
fi
if [ ! -x "$bench" ]; then
  echo "engine-gpu: needs llama-bench with CUDA: build llama.cpp, then set LLAMA_BENCH to it" >&2
  exit 1
fi
mkdir -p "$out"

"$root/decentral" models pull smollm2-135m-instruct
model=${1:-$(find "${DECENTRAL_CACHE:-$HOME/.cache/decentral}/models" -name 'smollm2-135m-instruct-*.gguf' | sort | tail -n 1)}

"$root/decentral" bench --backend "type=llama-cpp,device=cuda,slots=1,model=$model" --streams 1 --rounds "$rounds" \
  --tokens "$tokens" --prompt-tokens "$prompt" --json "$out/ours.json"
"$bench" -m "$model" -ngl 99 -p 0 -n "$tokens" -r "$rounds" -o json >"$out/theirs.json"

python3 - "$out/ours.json" "$out/theirs.json" <<'PYTHON'
import json
import sys

ours, theirs = (json.load(open(path, encoding="utf-8")) for path in sys.argv[1:])
mine = ours["rows"][0]["decode_tokens_per_second"]["median"]
other = sorted(theirs[0]["samples_ts"])[len(theirs[0]["samples_ts"]) // 2]
print(f"llama-cpp {mine:.1f} tokens/s, llama-bench {other:.1f}: {mine / other:.2f} (target >= 0.95)")
PYTHON

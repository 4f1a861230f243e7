#!/usr/bin/env bash
# not-run.sh ROOT STARTED INTEROP LEFT_OUT: after a build, lists what it did not run. STARTED is a file as old as the
# build's start, so that reports of earlier builds do not count; INTEROP says whether -Pinterop was on; LEFT_OUT is the
# part of the command line that narrowed the build.
set -euo pipefail
root=$1
started=$2
interop=$3
left_out=$4
cd "$root"

modules=$(find . -name pom.xml -not -path '*/target/*' -not -path '*/node_modules/*' -exec dirname {} \; | sort)

list=$(
  if [ -n "$left_out" ]; then
    echo "  left out by the command line:$left_out"
  fi
  for module in $modules; do
    for report in "$module"/target/surefire-reports/TEST-*.xml "$module"/target/failsafe-reports/TEST-*.xml; do
      [ "$report" -nt "$started" ] || continue
      awk '
        function attribute(name,   text) {
          if (!match($0, " " name "=\"[^\"]*\"")) return ""
          text = substr($0, RSTART, RLENGTH)
          sub("^ " name "=\"", "", text); sub("\"$", "", text)
          gsub("&quot;", "\"", text); gsub("&lt;", "<", text); gsub("&gt;", ">", text); gsub("&amp;", "\\&", text)
          return text
        }
        /<testcase / { class = attribute("classname"); name = attribute("name") }
        /<skipped/ {
          reason = attribute("message")
          if (reason == "" && match($0, /Assumption failed: .*/)) {
            reason = substr($0, RSTART + length("Assumption failed: "))
          }
          sub(/\]\]>.*/, "", reason)
          print (reason == "" ? class "." name : class ": " reason)
        }' "$report"
    done | sort | uniq -c | awk '{ count = $1; sub(/^ *[0-9]+ /, ""); print "  skipped  " $0 (count > 1 ? " (" count " tests)" : "") }'
    if [ "$interop" = no ] && [ -d "$module/src/test/java" ]; then
      grep -rl --include='*.java' '@Tag("interop")' "$module/src/test/java" 2>/dev/null | sort |
        sed 's#^.*/src/test/java/##; s#\.java$##; s#/#.#g; s#^#  interop  #' || true
    fi
  done
  if ! nvidia-smi -L >/dev/null 2>&1; then
    echo "  gpu      llama.cpp on CUDA against llama-bench: there is no NVIDIA GPU here; on one: benchmarks/engine-gpu.sh"
  fi
)
if [ -z "$list" ]; then
  echo "Everything was run."
  exit 0
fi
echo "Not run:"
echo "$list"
case $list in *"  interop  "*) echo "The interop tests need Node, Python and more: ./mvnw verify -Pinterop" ;; esac

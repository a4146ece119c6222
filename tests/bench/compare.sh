#!/usr/bin/env bash
# plast against loops written by hand: builds both, runs them in turn on one core, and prints for each measure the ratio
# of the least times and how much the ratio varies from round to round.
#
# usage: tests/bench/compare.sh [--rounds N] [--reps N] [--core N] [--no-build] [--peers] [--only WORD]
#   --rounds N   how often C and plast take turns (3); in each round both run --reps times
#   --reps N     repetitions of plast in a round (7); the C loops always take the best of 7
#   --core N     the core everything is pinned to (the last one)
#   --no-build   take target/release/plast as it is
#   --peers      also the tools of peers.py, with the python of $PEERS_PYTHON (python3)
#   --only WORD  only measures whose name holds WORD; may be repeated
#
# Times of plast are `run_s` of `plast bench --timing json`, those of C the best line of all widths and loop orders. The
# numbers both compute must agree, or the script fails; a bar that is missed is reported and no failure.
set -euo pipefail
export LC_ALL=C
cd "$(dirname "$0")/../.."

rounds=3 reps=7 core=$(($(nproc) - 1)) build=1 peers=0 only=()
while [ $# -gt 0 ]; do
    case $1 in
    --rounds) rounds=$2; shift ;;
    --reps) reps=$2; shift ;;
    --core) core=$2; shift ;;
    --no-build) build=0 ;;
    --peers) peers=1 ;;
    --only) only+=("$2"); shift ;;
    *) sed -n '2,/^set /{/^#/s/^# \{0,1\}//p}' "$0"; exit 2 ;;
    esac
    shift
done

[ $build = 0 ] || cargo build --release
plast=$PWD/target/release/plast
bin=$(mktemp -d)
trap 'rm -rf "$bin"' EXIT
cc=${CC:-cc}
widths=256
if "$cc" -march=native -dM -E - </dev/null | grep -q __AVX512F__; then widths="256 512"; fi
"$cc" -O3 -march=native -o "$bin/limit" tests/bench/limit.c
for source in tests/bench/loops/*.c; do
    for width in $widths; do
        "$cc" -O3 -march=native -DWIDTH="$width" -o "$bin/$(basename "$source" .c)-$width" "$source"
    done
done

pinned() { taskset -c "$core" "$@"; }
cpu=$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1)
echo "$cpu, core $core of $(nproc); $("$cc" --version | head -1); $("$plast" --version)"
echo "load average before: $(cut -d' ' -f1-3 /proc/loadavg); $rounds rounds of $reps"
echo
printf '%-44s %10s %10s %7s %15s %6s  %-7s  %s\n' measure plast C ratio "of the rounds" bar "" "best line of C"

# whether a measure is asked for
wanted() {
    [ ${#only[@]} -gt 0 ] || return 0
    local word
    for word in "${only[@]}"; do case $1 in *"$word"*) return 0 ;; esac; done
    return 1
}

# the least time of `plast bench`, in seconds
bench() { "$plast" bench "$@" --threads 1 --timing json | awk '/"run_s": \{/ { here = 1 } here && /"min"/ { gsub(/[^0-9.e+-]/, "", $2); print $2; exit }'; }

# what plast computed: the first two numbers that are expected
computed() {
    { "$plast" run "$@" --format json 2>/dev/null || true; } |
        awk '/"expectations"/ { here = 1 } here && /"value"/ { gsub(/[^0-9.e+-]/, "", $2); printf "%s ", $2; if (++n == 2) exit }'
}

# the same job in C: every line that one round prints
loops() {
    local name=$1 width
    shift
    if [ "$name" = limit ]; then pinned "$bin/limit" "$@"; return; fi
    for width in $widths; do pinned "$bin/$name-$width" "$@"; done
}

disagree=0
# compare LABEL BAR PROGRAM LOOP N M T [KIND]: KIND takes only those lines of C whose name holds it
compare() {
    local label=$1 bar=$2 program=$3 loop=$4 n=$5 m=$6 t=$7 kind=${8:-}
    wanted "$label" || return 0
    local sets=(--set "T=$t")
    [ "$loop" = one_synapse ] || sets+=(--set "N=$n" --set "M=$m")
    local times="" lines best ours
    for _ in $(seq "$rounds"); do
        lines=$(loops "$loop" "$n" "$m" "$t" | grep -e "$kind")
        # limit.c prints too few digits of its seconds, and more of the time for a synapse and step
        best=$(echo "$lines" | awk -v limit="$loop" -v k="$((n * m * t))" '/ns\/synapse/ {
            s = limit == "limit" ? $2 * k * 1e-9 : $4
            if (!found++ || s < least) { least = s; name = $1 } } END { printf "%.9g %s", least, name }')
        ours=$(pinned_bench "$program" --reps "$reps" "${sets[@]}")
        times+="$ours $best"$'\n'
    done
    local here there
    read -r -a here <<<"$(computed "$program" "${sets[@]}")"
    there=$(echo "$lines" | sed -n 's/.*mean w \([^ ]*\)  *y0* \([^ ]*\).*/\1 \2/p')
    verdict "$label" "$bar" "$times"
    if ! echo "$there" | awk -v w="${here[0]:-nan}" -v y="${here[1]:-nan}" '
        function apart(a, b) { return a - b > 1e-9 * b || b - a > 1e-9 * b }
        apart($1, w) || apart($2, y) { bad = 1 } END { exit bad }'; then
        echo "    they compute different numbers: plast ${here[*]}; C $(echo "$there" | tr '\n' ';')"
        disagree=1
    fi
}
pinned_bench() { taskset -c "$core" bash -c "$(declare -f bench); plast='$plast'; bench \"\$@\"" bench "$@"; }

# verdict LABEL BAR TIMES: TIMES are lines with a time of plast and one to compare with
verdict() {
    echo "$3" | awk -v label="$1" -v bar="$2" 'NF >= 2 {
            r = $1 / $2
            if (!n++ || $1 < a) a = $1
            if (n == 1 || $2 < b) { b = $2; name = $3 }
            if (n == 1 || r < lo) lo = r
            if (n == 1 || r > hi) hi = r
        } END {
            said = bar == "-" ? "" : a / b <= bar ? "reached" : "missed"
            printf "%-44s %7.2f ms %7.2f ms %7.2f %15s %6s  %-7s  %s\n", label, a * 1e3, b * 1e3, a / b, sprintf("%.2f .. %.2f", lo, hi), bar, said, name
        }'
}

dense=protocols/bench/dense_bcm.plast
programs=tests/bench/programs
compare "dense BCM 50 x 100 x 20000" 1.25 $dense limit 50 100 20000
compare "dense BCM 1000 x 1000 x 200" 1.25 $dense limit 1000 1000 200
compare "dense BCM 4000 x 4000 x 20" 1.25 $dense limit 4000 4000 20
compare "renamed, a term and a trace more" 1.25 $programs/renamed.plast renamed 1000 1000 200
compare "Oja" 1.5 $programs/oja.plast oja 1000 1000 200
compare "covariance" 1.5 $programs/covariance.plast covariance 1000 1000 200
compare "Law-Cooper" 1.5 $programs/law_cooper.plast law_cooper 1000 1000 200
compare "multiplicative normalisation" 1.5 $programs/normalise.plast normalise 1000 1000 200
compare "  against the same arithmetic" - $programs/normalise.plast normalise 1000 1000 200 twice
compare "random(0.1) sparse BCM" 1.5 $programs/sparse.plast sparse 1000 1000 200
compare "  against inputs gathered in every tick" - $programs/sparse.plast sparse 1000 1000 200 major
compare "lateral inhibition 200 x 200 x 4000" 1.5 $programs/lateral.plast lateral 200 200 4000
compare "one synapse, a million ticks" 3 $programs/one_synapse.plast one_synapse 1 1 1000000
echo

if wanted growth; then
    echo "growth: dense BCM, N x 1000 x 200, nanoseconds for a synapse and tick; bar: flat within 1.5"
    series=""
    for n in 10 100 1000 10000 100000; do
        times=$((n > 1000 ? 2 : reps))
        s=$(pinned_bench $dense --reps "$times" --set N=$n --set M=1000 --set T=200)
        series+="$n $(awk -v s="$s" -v n=$n 'BEGIN { print s / (n * 2e5) * 1e9 }')"$'\n'
    done
    echo "$series" | awk 'NF == 2 { printf "  N = %-7d %.3f\n", $1, $2
            if (!k++ || $2 < lo) lo = $2
            if (k == 1 || $2 > hi) hi = $2 }
        END { printf "  largest / smallest %.2f: %s\n\n", hi / lo, hi / lo <= 1.5 ? "reached" : "missed" }'
fi

if wanted threads; then
    echo "two threads against one, dense BCM 1000 x 1000 x 2000; bar: 1.8 times as fast"
    sizes=(--set N=1000 --set M=1000 --set T=2000)
    if [ "$(nproc)" -lt 2 ]; then
        echo "  skipped: one core"
    elif ! "$plast" bench $dense "${sizes[@]}" --set T=200 --reps 1 --threads 2 --timing json | grep -q '"threads": 2'; then
        echo "  skipped: this build computes one case on one thread"
    else
        least() { awk '/"run_s": \{/ { here = 1 } here && /"min"/ { gsub(/[^0-9.e+-]/, "", $2); print $2; exit }'; }
        one=$(taskset -c 0,1 "$plast" bench $dense "${sizes[@]}" --reps "$reps" --threads 1 --timing json | least)
        two=$(taskset -c 0,1 "$plast" bench $dense "${sizes[@]}" --reps "$reps" --threads 2 --timing json | least)
        awk -v a="$one" -v b="$two" 'BEGIN { printf "  %.2f times as fast: %s\n", a / b, (a / b >= 1.8 ? "reached" : "missed") }'
    fi
    echo
fi

if wanted f32; then
    echo "f32 against f64; bar: 0.65, at the smallest size 0.8"
    if "$plast" bench --help | grep -q -e --precision; then
        for size in "50 100 20000 0.8" "1000 1000 200 0.65" "4000 4000 20 0.65"; do
            read -r n m t bar <<<"$size"
            sizes=(--reps "$reps" --set "N=$n" --set "M=$m" --set "T=$t")
            times=""
            for _ in $(seq "$rounds"); do
                times+="$(pinned_bench $dense "${sizes[@]}" --precision f32 --quiet) $(pinned_bench $dense "${sizes[@]}")"$'\n'
            done
            verdict "  $n x $m x $t: f32, f64" "$bar" "$times"
        done
    else
        echo "  skipped: this build has no --precision"
    fi
    echo
fi

if [ $peers = 1 ]; then
    echo "other tools (peers.py)"
    for size in "50 100 20000" "1000 1000 200"; do
        for tool in numpy jax brian2 annarchy; do
            # shellcheck disable=SC2086
            pinned "${PEERS_PYTHON:-python3}" tests/bench/peers.py $tool $size 2>/dev/null || echo "$tool: not to be run here"
        done
    done
fi
echo "load average after: $(cut -d' ' -f1-3 /proc/loadavg)"
exit $disagree

#!/bin/sh
# Makes a program of a sealed module: build.sh GAME.wasm PROGRAM
# Needs wasm2c and its runtime (Debian wabt has both) and a C compiler.
set -eu
wasm=$1
program=$2
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# a wasm2c goes with the runtime of its own installation, and there may be others on the PATH (npm's wabt has none)
wasm2c=""
IFS=:
for folder in $PATH; do
	prefix=$(dirname "$folder")
	[ -x "$folder/wasm2c" ] && [ -f "$prefix/share/wabt/wasm2c/wasm-rt-impl.c" ] || continue
	wasm2c=$folder/wasm2c
	runtime=$prefix/share/wabt/wasm2c
	break
done
unset IFS
[ -n "$wasm2c" ] || { echo "there is no wasm2c with its runtime, share/wabt/wasm2c/wasm-rt-impl.c" >&2; exit 1; }

"$wasm2c" -n game "$wasm" -o "$work/game.c"

# what the module exports and imports differs from game to game: the generated header says it
has() { grep -q "$1" "$work/game.h"; }
{
	echo '#include "game.h"'
	if has 'Z_gameZ__initialize('; then echo '#define HAS_INITIALIZE 1'; fi
	if has 'Z_gameZ_hs_init('; then echo '#define HAS_INIT 1'; fi
	arguments=$(sed -n 's/^void Z_game_instantiate(Z_game_instance_t\*\(.*\));/\1/p' "$work/game.h" | sed 's/, [^,]*/, 0/g')
	echo "#define INSTANTIATE(game) Z_game_instantiate(game$arguments)"
	printf '#define GLOBALS(game)'
	sed -n 's/^[a-z0-9]*\* \(Z_gameZ_hsZ3Ag[0-9]*\)(.*/ \1(game),/p' "$work/game.h" | tr -d '\n'
	echo
} >"$work/glue.h"

# no flag may let the compiler change what floats give
${CC:-cc} -O2 -ffp-contract=off -frounding-math -fsignaling-nans -fno-optimize-sibling-calls -w \
	-DENGINE="\"wasm2c $("$wasm2c" --version)\"" \
	-I"$work" -I"$runtime" -I"$prefix/include" "$here/host.c" "$work/game.c" "$runtime/wasm-rt-impl.c" -lm -o "$program"

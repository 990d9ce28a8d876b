#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# planted - does the simulator find bugs?  Each patch in test/sim/planted puts
# one into a copy of the tree; the first seed that shows it is printed.  A bug
# that no seed shows, or a patch that does not apply, is a failure.  Those named
# refused_* show only when something is refused: torture must find them.
#
#	test/sim/planted.sh [SEEDS]       (3000 unless said)
#	test/sim/planted.sh --apply       only whether each still applies
#	PLANTED='two_ends crowd' test/sim/planted.sh

set -eu
here=$(cd "$(dirname "$0")/../.." && pwd)
if [ "${1:-}" = --apply ]; then
	for patch in "$here"/test/sim/planted/*.patch "$here"/fuzz/planted/*.patch; do
		patch --dry-run -s -p1 -d "$here" <"$patch" || {
			echo "$patch does not apply"
			exit 1
		}
	done
	echo "ok - every planted bug applies"
	exit 0
fi
seeds=${1:-3000}
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT INT TERM
bad=0

build() {
	make -s -C "$copy" BUILD="$copy/build" "$copy/build/sim" >"$copy/log" 2>&1 || {
		cat "$copy/log"
		return 1
	}
}

mkdir "$copy/test"
cp -R "$here/Makefile" "$here/src" "$copy"
mkdir "$copy/test/sim"
cp -R "$here/test/sim/." "$copy/test/sim"
build

printf '%-22s %-8s %s\n' bug seed 'how it shows'
for patch in "$here"/test/sim/planted/*.patch; do
	name=$(basename "$patch" .patch)
	case " ${PLANTED:-$name} " in *" $name "*) ;; *) continue ;; esac
	if ! patch -s -p1 -d "$copy" <"$patch" >"$copy/log" 2>&1; then
		printf '%-22s %-8s %s\n' "$name" - 'the patch does not apply'
		bad=1
		rm -rf "$copy/src"
		cp -R "$here/src" "$copy"
		continue
	fi
	if ! build; then
		printf '%-22s %-8s %s\n' "$name" - 'the patch does not compile'
		bad=1
	else
		case $name in
		refused_*) "$copy/build/sim" --torture >"$copy/out" 2>/dev/null || true ;;
		*) "$copy/build/sim" --seed 1 --seeds "$seeds" --stop >"$copy/out" 2>/dev/null || true ;;
		esac
		seed=$(sed -n 's/^.*seed \([0-9]*\): .*/\1/p' "$copy/out" | head -1)
		how=$(sed -n 's/^.*seed [0-9]*: //p' "$copy/out" | head -1)
		printf '%-22s %-8s %s\n' "$name" "${seed:-never}" "${how:-was not found}"
		[ -n "$seed" ] || bad=1
	fi
	patch -s -R -p1 -d "$copy" <"$patch"
done
exit $bad

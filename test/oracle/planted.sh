#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# planted - does the oracle find bugs?  Each patch in test/oracle/planted puts
# one into a copy of the kernel; the first policy that shows it is printed.  A
# bug that no policy shows, or a patch that does not apply, is a failure.
#
#	test/oracle/planted.sh [PAIRS]       (20000 unless said)
#	PLANTED='subset_reversed ceiling_ignored' test/oracle/planted.sh

set -eu
pairs=${1:-20000}
here=$(cd "$(dirname "$0")/../.." && pwd)
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT INT TERM
bad=0

build() {
	env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL make -s -C "$copy" BUILD="$copy/build" \
		"$copy/build/play" >"$copy/log" 2>&1 || {
		cat "$copy/log"
		return 1
	}
}

play() {
	"${PYTHON:-python3}" "$copy/test/oracle/run.py" --play "$copy/build/play" --pairs "$pairs" \
		--stop >"$copy/out" 2>&1
}

mkdir "$copy/test" "$copy/src"
cp "$here/Makefile" "$copy"
cp -R "$here/src/core" "$here/src/policy" "$copy/src"
cp -R "$here/test/oracle" "$copy/test"
build
if ! play; then
	echo 'kernel and oracle differ before anything is planted: make oracle'
	exit 1
fi

printf '%-22s %-8s %s\n' bug policy 'how it shows'
for patch in "$here"/test/oracle/planted/*.patch; do
	name=$(basename "$patch" .patch)
	case " ${PLANTED:-$name} " in *" $name "*) ;; *) continue ;; esac
	if ! patch -s -p1 -d "$copy" <"$patch" >"$copy/log" 2>&1; then
		printf '%-22s %-8s %s\n' "$name" - 'the patch does not apply'
		bad=1
		rm -rf "$copy/src"
		mkdir "$copy/src"
		cp -R "$here/src/core" "$here/src/policy" "$copy/src"
		continue
	fi
	if ! build; then
		printf '%-22s %-8s %s\n' "$name" - 'the patch does not compile'
		bad=1
	else
		play || true
		policy=$(sed -n 's/^NOT OK: policy \([0-9]*\): .*/\1/p' "$copy/out" | head -1)
		how=$(sed -n 's/^ *\([0-9]* times: .*\)/\1/p' "$copy/out" | paste -sd ';')
		printf '%-22s %-8s %s\n' "$name" "${policy:-never}" "${how:-was not found}"
		[ -n "$policy" ] || bad=1
	fi
	patch -s -R -p1 -d "$copy" <"$patch"
done
exit $bad

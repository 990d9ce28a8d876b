#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# planted - show that the fuzzers would have found it.
#
#	fuzz/planted.sh [SECONDS] [NAME...]
#
# Each fuzz/planted/NAME.patch is one mistake that somebody could make.  The
# sources are copied, the mistake is made in the copy, and the fuzzer whose name
# the patch begins with is run on it, from its corpus, until it stops or the time
# is over (60 seconds).  A mistake that is not found is a failure of the fuzzer;
# so is a patch that no longer applies.  The tree itself is never touched.
set -eu

seconds=60
case ${1:-} in [0-9]*) seconds=$1; shift ;; esac
clang=${CLANG:-clang}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
targets="http1_request http1_response json chunk sse url litellm secret normal word number detect tagger time_zone
	jwt jwks receipt bound listing"
flags="-std=gnu17 -D_GNU_SOURCE -DFUZZING -Isrc -O1 -g -fno-omit-frame-pointer
	-fno-strict-aliasing -fwrapv -w"

[ $# -gt 0 ] || set -- $(cd fuzz/planted && ls *.patch | sed 's/\.patch$//')
failed=0
for name in "$@"; do
	target=
	for t in $targets; do
		case $name in "$t"_*) target=$t ;; esac
	done
	folders="core wire"
	compiled=
	libs=
	if [ "$target" = litellm ]; then
		folders="core wire dialect run conf import"
		libs="-lssl -lcrypto -lyaml -Wl,-Bstatic -lboost_context -Wl,-Bdynamic -lpthread -lm"
	fi
	case $target in
	number) folders="core number" ;;
	time_zone) folders="core budget" ;;
	tagger) folders="core name" ;;
	secret|normal|word|detect)
		folders="core number guess name find shape secret term detect" ;;
	bound)
		folders="core regex"
		compiled="core regex/bound.c" ;;
	listing)
		folders="core find detect"
		compiled="core find detect/dictionary.c detect/listing.c" ;;
	receipt)
		folders="core run crypt store ledger"
		compiled="core crypt store ledger/head.c ledger/node.c ledger/parcel.c ledger/proof.c
			ledger/receipt.c ledger/sheet.c ledger/tree.c run/file.c run/kernel.c"
		libs="-lcrypto -lsqlite3" ;;
	jwt|jwks)
		folders="core crypt caller run"
		compiled="core crypt/verify.c caller/jwt.c caller/jwks.c caller/flaw.c run/heap.c"
		libs=-lcrypto ;;
	esac
	rm -rf "$work/tree"
	mkdir -p "$work/tree/test" "$work/tree/src"
	for f in $folders; do [ ! -d "src/$f" ] || cp -r "src/$f" "$work/tree/src/"; done
	cp -r fuzz "$work/tree/"
	cp -r test/unit "$work/tree/test/"
	if ! (cd "$work/tree" && patch -s -p1 < "fuzz/planted/$name.patch"); then
		echo "not ok - $name: the patch does not apply"
		failed=1
		continue
	fi
	(cd "$work/tree" && $clang $flags -fsanitize=fuzzer,address,undefined \
	    -fno-sanitize-recover=undefined -o fuzzer "fuzz/$target.c" \
	    $(for f in ${compiled:-$folders}; do [ ! -e "src/$f" ] || find "src/$f" -name '*.c'; done) $libs)
	mkdir "$work/tree/found"
	begin=$(date +%s)
	if (cd "$work/tree" && ./fuzzer -max_total_time="$seconds" -max_len=4096 -timeout=10 \
	    -rss_limit_mb=2048 found "fuzz/corpus/$target" > log 2>&1); then
		echo "not ok - $name: not found in $seconds s"
		failed=1
	else
		runs=$(sed -n 's/^#\([0-9]*\).*/\1/p' "$work/tree/log" | tail -n 1)
		echo "ok - $name: found in $(($(date +%s) - begin)) s, about ${runs:-0} runs"
	fi
done
exit $failed

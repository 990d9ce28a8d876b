# SPDX-License-Identifier: Apache-2.0
#
# Plain GNU make, no configure step.  Files are found by wildcard; a folder
# that does not exist is an empty list.  Everything is written below $(BUILD).
#
#	make                       what can be made
#	make run                   install what is missing, build, serve
#	make check                 everything that must hold
#	make unit T=json           one unit test
#	make all CC=clang BUILD=build/clang
#	make unit FOLDERS="core wire" T=json    as if only these folders existed

BUILD	?= build
SAN	?=
FOLDERS	?= $(notdir $(patsubst %/,%,$(wildcard src/*/)))
PREFIX	?= /usr/local
DESTDIR	?=
ifeq ($(origin CC),default)
CC	:= gcc
endif
CLANG	?= $(or $(firstword $(notdir $(foreach c,clang clang-19 clang-18 clang-14,$(shell command -v $(c))))),clang)
JOBS	?= $(shell nproc 2>/dev/null || echo 2)
PYTHON	?= python3

# As many jobs as processors, unless make was told otherwise.
ifeq ($(MAKELEVEL)$(filter -j%,$(MAKEFLAGS)),0)
MAKEFLAGS += -j$(JOBS) --no-print-directory
endif
MAKEFLAGS += --no-builtin-rules
.SUFFIXES:
.DELETE_ON_ERROR:
.SECONDARY:

ifeq ($(V),)
Q	:= @
say	= @printf '  %-6s %s\n' $(1) $(2);
else
Q	:=
say	=
endif

# ---- where things go -------------------------------------------------------

ifeq ($(SAN),)
OUT	:= $(BUILD)
else ifeq ($(SAN),address)
OUT	:= $(BUILD)/asan
else ifeq ($(SAN),thread)
OUT	:= $(BUILD)/tsan
else
$(error SAN is 'address', 'thread' or nothing, not '$(SAN)')
endif

SRC	:= $(sort $(wildcard $(FOLDERS:%=src/%/*.c)))
OBJ	:= $(SRC:src/%.c=$(OUT)/obj/%.o)
MAIN	:= $(OUT)/obj/cli/main.o
REST	:= $(filter-out $(MAIN),$(OBJ))
PURE	:= $(filter $(foreach f,core number guess policy name find shape secret term detect mask wire dialect budget tariff,$(OUT)/obj/$(f)/%),$(OBJ))
KERNEL	:= $(filter $(OUT)/obj/policy/%,$(OBJ))
HEADERS	:= $(sort $(wildcard $(FOLDERS:%=src/%/*.h)))

UNIT	:= $(patsubst test/unit/%.c,$(OUT)/test/%,$(sort $(wildcard test/unit/$(or $(T),*).c)))
LAW	:= $(patsubst test/law/%.c,$(OUT)/law/%,$(sort $(wildcard test/law/$(or $(T),*).c)))
F	?= *
FUZZERS	:= $(filter-out driver,$(patsubst fuzz/%.c,%,$(sort $(wildcard fuzz/$(F).c))))
SIM_SRC	:= $(sort $(wildcard test/sim/*.c))
SIM_OBJ	:= $(SIM_SRC:test/sim/%.c=$(OUT)/obj/sim/%.o)
# The simulator brings its own kernel and files, and has no processes to supervise.
SIM_REST := $(filter-out $(OUT)/obj/run/kernel.o $(OUT)/obj/run/file.o $(OUT)/obj/run/supervisor.o $(OUT)/obj/cli/% $(OUT)/obj/desk/% $(OUT)/obj/serve/%,$(REST))

# Its disk, for tests of what is kept.
SIM_DISK := $(addprefix $(OUT)/obj/sim/,dice.o disk.o vfs.o)

# ---- how things are compiled -----------------------------------------------

# Patterns of operators are optional: HS=no builds without them, wherever they could be had.
HS	?= $(if $(shell pkg-config --exists libhs 2>/dev/null && echo yes),yes,no)
ifeq ($(HS),yes)
$(OUT)/obj/regex/regex.o: FLAGS_HS := -DTRIVIUM_HS $(shell pkg-config --cflags libhs)
endif

WARN	:= -Wall -Wextra -Wshadow -Wmissing-prototypes -Wvla -Werror
STRICT	:= -Wconversion
CFLAGS	?= -O2 -g
BASE	:= -std=gnu17 -D_GNU_SOURCE -Isrc -fno-omit-frame-pointer -fno-strict-aliasing \
	   -fwrapv -fstack-protector-strong -fstack-clash-protection -fPIE -fno-plt
LDFLAGS	?=
LINK	:= -pie -Wl,-z,relro,-z,now
# The library of fibers is linked statically, or the C++ runtime comes along.
LIBS	:= -lssl -lcrypto -lsqlite3 -lyaml -Wl,-Bstatic -lboost_context -Wl,-Bdynamic -lpthread -lm

ifeq ($(SAN),)
WARN	+= -Wframe-larger-than=2048
BASE	+= -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3
else ifeq ($(SAN),address)
BASE	+= -fsanitize=address,undefined -fno-sanitize-recover=undefined
LINK	+= -fsanitize=address,undefined
else
BASE	+= -fsanitize=thread
LINK	+= -fsanitize=thread
endif
export ASAN_OPTIONS ?= detect_leaks=1:strict_string_checks=1:check_initialization_order=1
export UBSAN_OPTIONS ?= print_stacktrace=1
export TSAN_OPTIONS ?= halt_on_error=1:second_deadlock_stack=1:atexit_sleep_ms=0
# What a sanitizer finds in a child is read afterwards: its parent would only start another.
REPORT	:= $(if $(SAN),ASAN_OPTIONS=$$ASAN_OPTIONS:log_path=$(abspath $(OUT))/report \
	   UBSAN_OPTIONS=$$UBSAN_OPTIONS:log_path=$(abspath $(OUT))/report \
	   TSAN_OPTIONS=$$TSAN_OPTIONS:log_path=$(abspath $(OUT))/report)
# The thread sanitizer of gcc 12 cannot map under much address randomisation.
EXEC	:= $(if $(filter thread,$(SAN)),setarch -R)

compile	= $(CC) $(BASE) $(WARN) $(CFLAGS) $(FLAGS_HS) $(1) -MMD -MP -c -o $@ $<
link	= $(CC) $(BASE) $(CFLAGS) $(LINK) $(LDFLAGS) -o $@ $(1) $(LIBS)

# A tag vX.Y.Z where there is one, else the file VERSION and the commit.
VERSION	:= $(or $(shell git describe --tags --match 'v[0-9]*' --dirty 2>/dev/null),$(shell \
	   cat VERSION 2>/dev/null || echo 0)$(addprefix +g,$(shell git rev-parse --short HEAD 2>/dev/null)))

# ---- what can be made ------------------------------------------------------

.PHONY: help
help: ## print this list
	@printf 'make TARGET [CC=gcc] [BUILD=build] [SAN=address|thread] [V=1]\n\n'
	@awk -F ':.*## ' '/^[a-z][a-z-]*:.*## / { printf "  %-10s %s\n", $$1, $$2 }' Makefile

.PHONY: all
all: $(OUT)/trivium $(OUT)/libtrivium.a ## build the program and the library

.PHONY: run
run: ## install what is missing, build, and serve on 127.0.0.1:8080
	@tool/deps build
	@$(MAKE) $(OUT)/trivium
	@exec $(OUT)/trivium run $(ARGS)

.PHONY: check
check: ## everything that must hold (about a quarter of an hour on two cores)
	@tool/deps build check
	@env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL BUILD=$(BUILD) tool/check

.PHONY: bench
bench: ## measure against nginx, and print the table; without ARGS also what needs no socket
	@tool/deps build bench
	@$(MAKE) $(OUT)/trivium
	@if [ -f bench/run.py ]; then BUILD=$(BUILD) $(PYTHON) bench/run.py $(ARGS); else echo 'no bench/run.py'; fi
	@[ -n '$(ARGS)' ] || $(MAKE) bench-pure

.PHONY: bench-pure
bench-pure: $(OUT)/bench-pure ## what parsers and the policy's decisions cost, without a socket
	@$(OUT)/bench-pure

.PHONY: bench-detect
bench-detect: $(OUT)/bench-detect ## what detection costs (ARGS='structure prose')
	@$(OUT)/bench-detect $(ARGS)

.PHONY: bench-keys
bench-keys: $(OUT)/bench-keys ## what finding a stored key costs, and whether time tells ids
	@$(OUT)/bench-keys

.PHONY: bench-key-timing
bench-key-timing: $(OUT)/trivium $(BUILD)/venv/.done ## whether time tells over HTTP which ids there are (ARGS='--samples 100000')
	@TRIVIUM=$(abspath $(OUT)/trivium) $(BUILD)/venv/bin/python bench/key-timing.py $(ARGS)

.PHONY: bench-mask
bench-mask: $(OUT)/bench-mask ## what masking and restoring cost
	@$(OUT)/bench-mask

.PHONY: bench-ledger
bench-ledger: $(OUT)/bench-ledger ## entries a second on disk (ARGS='ENTRIES BYTES RATE FOLDER')
	@$(OUT)/bench-ledger $(ARGS)

.PHONY: accuracy
accuracy: $(OUT)/trivium ## how well detection finds what is labelled (ARGS='SET...')
	@TRIVIUM=$(abspath $(OUT)/trivium) $(PYTHON) bench/accuracy $(ARGS)

.PHONY: tidy
tidy: $(OUT)/trivium ## check the house rules (layers, purity, names, sizes, words)
	$(Q)$(PYTHON) tool/tidy --objects $(OUT)/obj
	$(Q)tool/reference $(OUT)/trivium --check

.PHONY: headers
headers: $(HEADERS:src/%.h=$(OUT)/headers/%.ok) ## compile each header alone

.PHONY: asan
asan: ## unit and end-to-end tests under the address and undefined-behaviour sanitizers
	@$(MAKE) SAN=address unit
	@$(MAKE) SAN=address replay
	@$(MAKE) SAN=address e2e

.PHONY: tsan
tsan: ## end-to-end tests under the thread sanitizer
	@$(MAKE) SAN=thread e2e

.PHONY: clang
clang: ## build all and run the unit tests with the other compiler
	@$(MAKE) CC=$(CLANG) BUILD=$(BUILD)/clang all unit

.PHONY: unit
unit: $(UNIT) $(LAW) ## unit tests and laws (T=name for one)
	@if [ -z "$(strip $(UNIT) $(LAW))" ]; then echo 'no unit tests'; exit 0; fi; \
	$(EXEC) prove -j$(JOBS) --exec '' $(UNIT) $(LAW) || \
	{ echo 'again, one at a time: some of them measure time'; $(EXEC) prove --exec '' $(UNIT) $(LAW); }

.PHONY: replay
replay: $(FUZZERS:%=$(OUT)/replay/%) ## feed every fuzzer its corpus
	@for f in $(FUZZERS); do \
		if [ -d fuzz/corpus/$$f ]; then $(OUT)/replay/$$f fuzz/corpus/$$f || exit 1; fi; \
	done

.PHONY: fuzz
fuzz: $(FUZZERS:%=$(BUILD)/fuzz/%) ## fuzz each parser (F=name SECONDS=30)
	@BUILD=$(BUILD) tool/fuzz $(or $(SECONDS),30) $(FUZZERS)

.PHONY: e2e
e2e: $(OUT)/trivium unproven $(BUILD)/venv/.done node ## end-to-end tests (T=expression for some)
	@if [ ! -d test/e2e ]; then echo 'no end-to-end tests'; exit 0; fi; \
	rm -f $(OUT)/report.*; \
	TRIVIUM=$(abspath $(OUT)/trivium) TRIVIUM_UNPROVEN=$(abspath $(BUILD)/unproven/trivium) TRIVIUM_SAN=$(SAN) $(REPORT) $(EXEC) $(BUILD)/venv/bin/python \
		-m pytest -q -p no:cacheprovider --reruns 2 --reruns-delay 1 $(if $(T),-k '$(T)') $(PYTEST) test/e2e || bad=1; \
	for f in $(OUT)/report.*; do [ ! -f "$$f" ] || { cat "$$f"; bad=1; }; done; exit $${bad:-0}

# The program without its proof, to see that what the proof forbids would happen.
.PHONY: unproven
unproven:
	@$(MAKE) BUILD=$(BUILD)/unproven SAN= CFLAGS='-O1 -g -DTRIVIUM_UNPROVEN' $(BUILD)/unproven/trivium

.PHONY: sim
sim: $(OUT)/sim ## histories on the simulated kernel (SEED=7 SEEDS=1000)
	@$(OUT)/sim --seed $(or $(SEED),1) --seeds $(or $(SEEDS),1) --coverage test/sim/coverage.txt $(ARGS)

.PHONY: sim-planted
sim-planted: ## put known bugs into a copy, and see the simulator find each
	@test/sim/planted.sh $(or $(SEEDS),3000)

.PHONY: oracle
oracle: $(OUT)/play ## kernel of the policy against the oracle (PAIRS=20000 SEED=1 POLICY=7)
	@$(PYTHON) test/oracle/run.py --play $(OUT)/play --pairs $(or $(PAIRS),20000) --seed $(or $(SEED),1) \
		$(if $(POLICY),--policy $(POLICY)) $(ARGS)

.PHONY: oracle-planted
oracle-planted: ## put known bugs into a copy, and see the oracle find each
	@test/oracle/planted.sh $(or $(PAIRS),20000)

.PHONY: torture
torture: $(OUT)/sim ## refuse each allocation, send and write of the log in turn
	@$(OUT)/sim --torture $(ARGS)

.PHONY: prove
prove: ## prove the contracts of the policy's kernel, then see its mutants die
	@tool/deps build proof
	@tool/prove --build $(BUILD)
	@tool/mutate --self-test
	@CC=$(CC) tool/mutate --build $(BUILD)

.PHONY: bless
bless: $(OUT)/trivium $(UNIT) ## rewrite golden files and doc/reference (then read the diff)
	@tool/reference $(OUT)/trivium --write
	@if [ -d test/golden ]; then BLESS=1 prove -j$(JOBS) --exec '' $(UNIT); else echo 'no golden files'; fi

.PHONY: install
install: all ## install program, library and headers (PREFIX= DESTDIR=)
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/lib/pkgconfig
	install -m 755 $(OUT)/trivium $(DESTDIR)$(PREFIX)/bin/trivium
	install -m 644 $(OUT)/libtrivium.a $(DESTDIR)$(PREFIX)/lib/libtrivium.a
	@for f in core policy wire dialect; do \
		ls src/$$f/*.h src/$$f/*.tbl >/dev/null 2>&1 || continue; \
		install -d $(DESTDIR)$(PREFIX)/include/trivium/$$f; \
		install -m 644 $$(ls src/$$f/*.h src/$$f/*.tbl 2>/dev/null) \
			$(DESTDIR)$(PREFIX)/include/trivium/$$f/; \
	done
	@printf '%s\n' 'Name: libtrivium' 'Description: the pure half of Trivium: bytes and facts in, verdicts out' \
		'Version: $(VERSION:v%=%)' 'Cflags: -I$(PREFIX)/include/trivium' \
		'Libs: -L$(PREFIX)/lib -ltrivium' > $(DESTDIR)$(PREFIX)/lib/pkgconfig/libtrivium.pc

# What was installed is enough for a stranger's program.
.PHONY: installed
installed:
	@rm -rf $(OUT)/root
	@$(MAKE) install DESTDIR=$(abspath $(OUT)/root) PREFIX=/usr >/dev/null
	@export PKG_CONFIG_SYSROOT_DIR=$(abspath $(OUT)/root) PKG_CONFIG_LIBDIR=$(abspath $(OUT)/root)/usr/lib/pkgconfig; \
	set -x; $(CC) $(CFLAGS) -std=gnu17 -Wall -Wextra -o $(OUT)/root/label test/install/label.c \
		$$(pkg-config --cflags --libs libtrivium) && $(OUT)/root/label && $(OUT)/root/usr/bin/trivium version

# ---- how it is made --------------------------------------------------------

# This file changes only when the flags do, and then everything is compiled anew.
$(OUT)/obj/.flags: FORCE
	@mkdir -p $(@D)
	@echo '$(CC) $(BASE) $(WARN) $(CFLAGS) $(HS)' | cmp -s - $@ || echo '$(CC) $(BASE) $(WARN) $(CFLAGS) $(HS)' > $@

$(OUT)/obj/.version: FORCE
	@mkdir -p $(@D)
	@echo '$(VERSION)' | cmp -s - $@ || echo '$(VERSION)' > $@

.PHONY: FORCE
FORCE:

$(OUT)/obj/core/%.o: src/core/%.c $(OUT)/obj/.flags
	@mkdir -p $(@D)
	$(call say,CC,$<)$(call compile,$(STRICT))

$(OUT)/obj/policy/%.o: src/policy/%.c $(OUT)/obj/.flags
	@mkdir -p $(@D)
	$(call say,CC,$<)$(call compile,$(STRICT))

$(OUT)/obj/wire/%.o: src/wire/%.c $(OUT)/obj/.flags
	@mkdir -p $(@D)
	$(call say,CC,$<)$(call compile,$(STRICT))

# Only the file that prints the version knows it, so that a commit compiles one file.
$(filter $(OUT)/obj/cli/%version.o,$(OBJ)): $(OUT)/obj/%.o: src/%.c $(OUT)/obj/.flags $(OUT)/obj/.version
	@mkdir -p $(@D)
	$(call say,CC,$<)$(call compile,-DTRIVIUM_VERSION='"$(VERSION)"')

$(OUT)/obj/sim/%.o: test/sim/%.c $(OUT)/obj/.flags
	@mkdir -p $(@D)
	$(call say,CC,$<)$(call compile,-Itest)

$(OUT)/obj/%.o: src/%.c $(OUT)/obj/.flags
	@mkdir -p $(@D)
	$(call say,CC,$<)$(call compile)

# The packs lie in the program as they are.
PACKS	:= $(wildcard src/conf/pack/*.yaml)
$(filter $(OUT)/obj/conf/pack.o,$(OBJ)) $(BUILD)/fuzz/obj/conf/pack.o: $(PACKS)

# What the tagger of names has learned, and its lists.
$(filter $(OUT)/obj/name/tagger.o,$(OBJ)) $(BUILD)/fuzz/obj/name/tagger.o: src/name/tagger.bin
$(filter $(OUT)/obj/name/gazetteer.o,$(OBJ)) $(BUILD)/fuzz/obj/name/gazetteer.o: src/name/gazetteer.bin

# Prices that are built in.
$(filter $(OUT)/obj/tariff/seed.o,$(OBJ)) $(BUILD)/fuzz/obj/tariff/seed.o: src/tariff/seed.txt

$(OUT)/trivium: $(OBJ)
	$(call say,LD,$@)$(call link,$(OBJ))

$(OUT)/libtrivium.a: $(PURE)
	@rm -f $@
	$(call say,AR,$@)$(AR) rcs $@ $^

# What tests are linked with: everything but main().
$(OUT)/rest.a: $(REST)
	@rm -f $@
	$(call say,AR,$@)$(AR) rcs $@ $^

$(OUT)/test/store $(OUT)/test/gather $(OUT)/law/disk: $(SIM_DISK)

$(OUT)/test/%: test/unit/%.c $(OUT)/rest.a $(OUT)/obj/.flags
	@mkdir -p $(@D)
	$(call say,TEST,$<)$(CC) $(BASE) $(filter-out -Wframe%,$(WARN)) $(CFLAGS) -Itest/unit -Itest -MMD -MP -MF $@.d -MT $@ \
		$(LINK) $(LDFLAGS) -o $@ $< $(filter %.o,$^) $(OUT)/rest.a $(LIBS)

$(OUT)/law/%: test/law/%.c $(OUT)/rest.a $(OUT)/obj/.flags
	@mkdir -p $(@D)
	$(call say,LAW,$<)$(CC) $(BASE) $(filter-out -Wframe%,$(WARN)) $(CFLAGS) -Itest/unit -Itest -MMD -MP -MF $@.d -MT $@ \
		$(LINK) $(LDFLAGS) -o $@ $< $(filter %.o,$^) $(OUT)/rest.a $(LIBS)

$(OUT)/bench-detect $(OUT)/bench-keys $(OUT)/bench-mask $(OUT)/bench-ledger $(OUT)/bench-pure: $(OUT)/bench-%: bench/%.c $(OUT)/rest.a $(OUT)/obj/.flags
	$(call say,BENCH,$<)$(CC) $(BASE) $(filter-out -Wframe%,$(WARN)) $(CFLAGS) -MMD -MP -MF $@.d -MT $@ \
		$(LINK) $(LDFLAGS) -o $@ $< $(OUT)/rest.a $(LIBS) -lm

$(OUT)/replay/%: fuzz/%.c fuzz/driver.c $(OUT)/rest.a $(OUT)/obj/.flags
	@mkdir -p $(@D)
	$(call say,REPLAY,$<)$(CC) $(BASE) $(filter-out -Wframe%,$(WARN)) $(CFLAGS) -MMD -MP -MF $@.d -MT $@ \
		$(LINK) $(LDFLAGS) -o $@ $< fuzz/driver.c $(OUT)/rest.a $(LIBS)

# The simulator counts and refuses the program's allocations.
SIM_WRAP := -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=strdup,--wrap=free

$(OUT)/sim: $(SIM_OBJ) $(SIM_REST)
	$(call say,LD,$@)$(call link,$(SIM_WRAP) $(SIM_OBJ) $(SIM_REST))

# Nothing of the gateway but what decides, and what that needs of core.
$(OUT)/core.a: $(filter $(OUT)/obj/core/%,$(OBJ))
	@rm -f $@
	$(call say,AR,$@)$(AR) rcs $@ $^

$(OUT)/play: test/oracle/play.c $(KERNEL) $(OUT)/core.a $(OUT)/obj/.flags
	$(call say,PLAY,$<)$(CC) $(BASE) $(WARN) $(STRICT) $(CFLAGS) -MMD -MP -MF $@.d -MT $@ \
		$(LINK) $(LDFLAGS) -o $@ $< $(KERNEL) $(OUT)/core.a

$(OUT)/headers/%.ok: src/%.h $(OUT)/obj/.flags
	@mkdir -p $(@D)
	$(Q)$(CC) $(BASE) $(WARN) -O1 -fsyntax-only -include $< -MMD -MP -MF $@.d -MT $@ -x c /dev/null && touch $@

# ---- fuzzers: clang, with coverage -----------------------------------------

FUZZ_FLAGS := -std=gnu17 -D_GNU_SOURCE -DFUZZING -Isrc -O1 -g -fno-omit-frame-pointer \
	      -fno-strict-aliasing -fwrapv
FUZZ_OBJ := $(filter-out $(BUILD)/fuzz/obj/cli/main.o,$(SRC:src/%.c=$(BUILD)/fuzz/obj/%.o))

$(BUILD)/fuzz/obj/%.o: src/%.c
	@mkdir -p $(@D)
	$(call say,FUZZCC,$<)$(CLANG) $(FUZZ_FLAGS) -fsanitize=fuzzer-no-link,address,undefined \
		-DTRIVIUM_VERSION='"fuzz"' -MMD -MP -c -o $@ $<

$(BUILD)/fuzz/rest.a: $(FUZZ_OBJ)
	@rm -f $@
	$(call say,AR,$@)$(AR) rcs $@ $^

$(BUILD)/fuzz/%: fuzz/%.c $(BUILD)/fuzz/rest.a
	@mkdir -p $(@D)
	$(call say,FUZZ,$<)$(CLANG) $(FUZZ_FLAGS) -fsanitize=fuzzer,address,undefined \
		-MMD -MP -MF $@.d -MT $@ -o $@ $< $(BUILD)/fuzz/rest.a $(LIBS)

# ---- the tests' packages ---------------------------------------------------

$(BUILD)/venv/.done: $(wildcard test/e2e/requirements.txt)
	@mkdir -p $(BUILD)
	@if [ -f test/e2e/requirements.txt ]; then \
		$(PYTHON) -m venv $(BUILD)/venv && \
		$(BUILD)/venv/bin/pip install -q --disable-pip-version-check -r test/e2e/requirements.txt; \
	else mkdir -p $(BUILD)/venv; fi
	@touch $@

.PHONY: node
node: $(if $(wildcard test/e2e/node/package-lock.json),test/e2e/node/node_modules/.package-lock.json)

test/e2e/node/node_modules/.package-lock.json: test/e2e/node/package-lock.json
	$(Q)cd test/e2e/node && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

-include $(OBJ:.o=.d) $(SIM_OBJ:.o=.d) $(OUT)/play.d $(UNIT:%=%.d) $(LAW:%=%.d) $(FUZZ_OBJ:.o=.d)
-include $(FUZZERS:%=$(OUT)/replay/%.d) $(FUZZERS:%=$(BUILD)/fuzz/%.d)
-include $(HEADERS:src/%.h=$(OUT)/headers/%.ok.d) $(OUT)/bench-detect.d $(OUT)/bench-keys.d $(OUT)/bench-mask.d $(OUT)/bench-ledger.d

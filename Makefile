# malloc(9): every command.  `make help' lists them; `make deps' brings the
# tools that the two commands of README.md need.  GNU make.

.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules --no-print-directory
.DELETE_ON_ERROR:
.SUFFIXES:
SHELL = /bin/sh
CC = gcc

PREFIX = /usr/local

# ---------------------------------------------------------------------
# What each target needs, in Debian's packages.

DEPS_tangle  = noweb
DEPS_kernel  = $(DEPS_tangle) gcc binutils
DEPS_run     = $(DEPS_kernel) qemu-system-x86
DEPS_host    = $(DEPS_tangle) gcc libc6-dev libcunit1-dev
DEPS_check-asan = $(DEPS_host)
DEPS_check-memcheck = $(DEPS_host) valgrind
DEPS_man     = mandoc
DEPS_doxygen = $(DEPS_tangle) doxygen graphviz
DEPS_mutants = $(DEPS_host) patch
DEPS_bench   = $(DEPS_run) libc6-dev valgrind libmimalloc2.0 libjemalloc2 \
	libtcmalloc-minimal4
DEPS_bench-kmem = $(DEPS_run)
DEPS_bench-kernel = $(DEPS_run)
DEPS_bench-level = $(DEPS_run)
DEPS_models  = spin gcc libc6-dev
DEPS_check   = $(DEPS_run) $(DEPS_host) $(DEPS_man) g++ patch
DEPS_book    = $(DEPS_run) libc6-dev valgrind texlive-latex-base \
	texlive-latex-recommended texlive-pictures lmodern tex-gyre
DEPS_html    = $(DEPS_book) $(DEPS_doxygen) $(DEPS_man) pandoc poppler-utils
DEPS_pictures = $(DEPS_book) poppler-utils
DEPS_check-html = $(DEPS_html) chromium
DEPS_check-book = $(DEPS_check-html) hunspell hunspell-en-gb
DEPS_iso     = $(DEPS_run) grub-pc-bin grub-common xorriso mtools
DEPS_soak    = $(DEPS_run)
DEPS_traces  = gcc libc6-dev python3 sqlite3 git perl
DEPS_ALL     = tangle kernel run soak host man mutants models bench \
	bench-kmem bench-kernel bench-level traces doxygen \
	check check-asan check-memcheck book html check-html check-book \
	pictures iso

# $(call need,COMMAND,PACKAGE): one line where a tool is missing.
lacks = echo "make $@: $(1) is missing; it comes with the Debian package" \
	"$(2) (or: make deps, see make help)" >&2
need = command -v $(1) >/dev/null 2>&1 || { $(call lacks,$(1),$(2)); exit 1; }
header = printf '\043include <$(1)>\n' | $(CC) -E - >/dev/null 2>&1 || \
	{ $(call lacks,$(1),$(2)); exit 1; }

DEPGOALS  := $(filter deps deps-%,$(MAKECMDGOALS))
REALGOALS := $(filter-out deps deps-%,$(MAKECMDGOALS))

.PHONY: deps $(DEPS_ALL:%=deps-%)
## deps: install what run and check need; quick and silent if it is there
deps: deps-check
## deps-NAME: the same for another target: deps-book, deps-mutants, deps-iso
$(DEPS_ALL:%=deps-%): deps-%:
	@set -- $(sort $(DEPS_$*)); \
	command -v dpkg-query >/dev/null || { \
	    echo "make $@: this is no Debian system; install what these" \
		"Debian packages bring, and leave deps out: $$*" >&2; \
	    exit 1; }; \
	there=$$(dpkg-query -W -f='$${Package}=$${db:Status-Status} ' "$$@" \
	    2>/dev/null); \
	need=; for p; do case " $$there" in \
		*" $$p=installed "*) ;; \
		*) need="$$need $$p" ;; \
	esac; done; \
	[ -n "$$need" ] || exit 0; \
	[ "$$(id -u)" = 0 ] || { \
	    echo "make $@: not root; let root run: apt-get install" \
		"--no-install-recommends$$need" >&2; exit 1; }; \
	echo "make $@: installing$$need"; \
	export DEBIAN_FRONTEND=noninteractive; \
	get="apt-get -qq -y install --no-install-recommends"; \
	ls /var/lib/apt/lists/*_Packages* >/dev/null 2>&1 || \
	    apt-get -qq update || exit 1; \
	$$get $$need >/dev/null || \
	    { apt-get -qq update && $$get $$need >/dev/null; }

# Given together with other goals, deps come first, whatever -j says: the
# others are left to a second make.
ifneq ($(and $(DEPGOALS),$(REALGOALS)),)
.PHONY: $(REALGOALS)
$(firstword $(REALGOALS)): $(DEPGOALS)
	+@$(MAKE) $(REALGOALS)
$(wordlist 2,99,$(REALGOALS)): $(firstword $(REALGOALS)) ;
else

# ---------------------------------------------------------------------
# Tangling.  malloc.nw's root chunks named [[file]] become generated/file.
# All of them tangle into a directory of their own first; then those that
# differ replace the old ones, and files that no root makes any more go.
# The list, build/tangle.mk, is included, so that it is made before
# anything else is looked at; and it is made again where a generated file
# is missing, or was changed by hand.

UNTANGLED := help deps deps-% clean man install models
ifneq ($(filter-out $(UNTANGLED),$(MAKECMDGOALS)),)
ifeq ($(shell command -v notangle),)
$(error notangle is missing; it comes with the Debian package noweb (or: \
	make deps, see make help))
endif
include build/tangle.mk
endif
GENERATED_F := $(GENERATED:%=generated/%)
$(GENERATED_F): ;

ROOTS = sed -n 's/^<<\[\[\([A-Za-z0-9_/-]*\.[A-Za-z]*\)\]\]>>=$$/\1/p'

build/tangle.mk: malloc.nw $(GENERATED_F)
	@mkdir -p build generated
	@new=$$(mktemp -d build/tangle.XXXXXX) || exit 1; \
	trap 'rm -rf "$$new"' EXIT; trap 'exit 1' HUP INT TERM; \
	roots=$$($(ROOTS) malloc.nw | sort -u); \
	for f in $$roots; do \
		mkdir -p "$$(dirname "$$new/$$f")"; \
		notangle -t8 -R"[[$$f]]" malloc.nw > "$$new/$$f" || { \
			echo "make: $$f does not tangle;" \
			    "generated/ is as it was" >&2; exit 1; }; \
	done; \
	for f in $$roots; do \
		cmp -s "$$new/$$f" "generated/$$f" && continue; \
		mkdir -p "$$(dirname "generated/$$f")" && \
		    mv "$$new/$$f" "generated/$$f" || exit 1; \
	done; \
	find generated -type f | sed 's,^generated/,,' | sort > "$$new/all"; \
	printf '%s\n' $$roots | comm -13 - "$$new/all" | \
	while read -r f; do \
		echo "make: no root for generated/$$f any more; removed"; \
		rm "generated/$$f"; \
	done; \
	find generated -mindepth 1 -type d -empty -delete; \
	echo "GENERATED =" $$roots > "$$new/tangle.mk"; \
	mv "$$new/tangle.mk" $@

.PHONY: tangle
## tangle: malloc.nw's files to generated/
tangle:
	@:

# ---------------------------------------------------------------------
# The host: the suites under CUnit, with DIAGNOSTIC and without.

CFLAGS = -std=gnu11 -Wall -Wextra -Werror -g -O2 -fno-builtin-bzero \
	-fno-pie -mgeneral-regs-only
HOSTFLAGS = $(filter-out -mgeneral-regs-only,$(CFLAGS))
CPPFLAGS = -I generated -I generated/host -I tests -I build
WRAP = -Wl,--wrap=kmem_alloc,--wrap=kern_malloc,--wrap=pmap_enter,--wrap=bzero

GENERATED_C := $(filter generated/%.c,$(GENERATED_F))
TEST_C := $(filter-out generated/i386/% generated/port/%,$(GENERATED_C)) \
	$(wildcard tests/common/*.c tests/host/*.c)
DIAG_O := $(TEST_C:%.c=build/diag/%.o)
PLAIN_O := $(TEST_C:%.c=build/plain/%.o)

define compile
	@$(call need,$(CC),gcc)
	@mkdir -p $(@D)
	@echo '  cc  $@'
	@$(CC) $(1) -MMD -MP -c -o $@ $<
endef
build/diag/%.o: %.c Makefile
	$(call compile,$(CFLAGS) $(CPPFLAGS) -DDIAGNOSTIC)
build/plain/%.o: %.c Makefile
	$(call compile,$(CFLAGS) $(CPPFLAGS))

# The same for the tools that watch memory, one without DIAGNOSTIC and one
# with it; each also with a program of crimes for it to report.
WATCHED = -fno-omit-frame-pointer -fno-optimize-sibling-calls
ASANFLAGS = -fsanitize=address,undefined -fno-sanitize-recover=all
ASAN_O := $(TEST_C:%.c=build/asan/%.o)
MEMCHECK_O := $(TEST_C:%.c=build/memcheck/%.o)

build/asan/%.o: %.c Makefile
	$(call compile,$(CFLAGS) $(CPPFLAGS) $(WATCHED) $(ASANFLAGS) -DASAN)
build/memcheck/%.o: %.c Makefile
	@$(call header,valgrind/memcheck.h,valgrind)
	$(call compile,$(CFLAGS) $(CPPFLAGS) $(WATCHED) -DMEMCHECK \
	    -DDIAGNOSTIC)

# The manual pages' examples are tests.
build/examples.inc: tests/extract-examples $(wildcard man/*.9)
	@tests/extract-examples man/malloc.9 man/kmem.9 > $@
$(patsubst %,build/%/tests/common/examples.o,diag plain kernel kplain \
	klevel asan memcheck): \
	build/examples.inc

build/tests build/tests-plain build/tests-asan build/tests-memcheck:
	@$(call header,CUnit/CUnit.h,libcunit1-dev)
	@echo '  ld  $@'
	@$(CC) -g -no-pie $(LINKED) $(WRAP) -o $@ $^ -lcunit -lpthread
build/tests: $(DIAG_O)
build/tests-plain: $(PLAIN_O)
build/tests-asan: $(ASAN_O)
build/tests-memcheck: $(MEMCHECK_O)

build/crime-asan build/crime-memcheck: build/crime-%: \
		build/%/tests/memtool/crime.o
	@echo '  ld  $@'
	@$(CC) -g -no-pie $(LINKED) -o $@ $^ -lpthread
build/crime-asan: $(filter build/asan/generated/%,$(ASAN_O))
build/crime-memcheck: $(filter build/memcheck/generated/%,$(MEMCHECK_O))
build/tests-asan build/crime-asan: LINKED = $(ASANFLAGS)

.PHONY: host
## host: the suites as programs here, build/tests and build/tests-plain
host: build/tests build/tests-plain

# ---------------------------------------------------------------------
# The benchmark on the host: one program, built for malloc(9), without
# DIAGNOSTIC and with, for what is called malloc, and for no allocator.

BENCH := $(addprefix build/bench/,libc none ours diag)
BENCH_C := tests/bench/host/bench.c
BENCHFLAGS = $(HOSTFLAGS) -fno-builtin-malloc -fno-builtin-free

define build-bench
	@$(call need,$(CC),gcc)
	@$(call header,valgrind/callgrind.h,valgrind)
	@mkdir -p $(@D)
	@echo '  cc  $@'
	@$(CC) $(BENCHFLAGS) $(CPPFLAGS) $(1) -no-pie -o $@ \
	    $(filter %.c %.o,$^) -lpthread
endef
build/bench/libc build/bench/none: build/bench/%: $(BENCH_C) \
		tests/bench/host/%.c generated/replay.c
	$(call build-bench)
build/bench/ours: $(filter build/plain/generated/%,$(PLAIN_O))
build/bench/diag: $(filter build/diag/generated/%,$(DIAG_O))
build/bench/ours build/bench/diag: $(BENCH_C) tests/bench/host/ours.c
	$(call build-bench,-DOURS)
$(BENCH): tests/bench/host/bench.h Makefile

# ---------------------------------------------------------------------
# The i386 kernel.

KFLAGS = -m32 -march=i386 -ffreestanding -fno-pic -fno-pie \
	-fno-stack-protector -fno-asynchronous-unwind-tables -mno-sse \
	-mno-mmx -mno-80387 -fcf-protection=none -fno-omit-frame-pointer \
	-fno-isolate-erroneous-paths-dereference \
	-std=gnu11 -Wall -Wextra -Werror -g -O2 -DDIAGNOSTIC
KCPPFLAGS = -I generated -I generated/i386 -I tests -I build
KLDFLAGS = -m32 -nostdlib -static -no-pie -Wl,--build-id=none

KERNEL_SRC := $(filter generated/i386/%.S,$(GENERATED_F)) \
	$(filter-out generated/host/% generated/port/%,$(GENERATED_C)) \
	$(wildcard tests/common/*.c tests/kunit.c tests/kernel/*.c \
	tests/bench/*.c tests/user/*.c)
KERNEL_O := $(patsubst %,build/kernel/%.o,$(basename $(KERNEL_SRC)))

build/kernel/%.o: %.c Makefile
	$(call compile,$(KFLAGS) $(KCPPFLAGS))
build/kernel/%.o: %.S Makefile
	$(call compile,$(KFLAGS) $(KCPPFLAGS))

build/kernel.elf: $(KERNEL_O) i386/kernel.ld
	@echo '  ld  $@'
	@$(CC) $(KLDFLAGS) -T i386/kernel.ld -o $@ $(KERNEL_O)

# The same without DIAGNOSTIC, for measurement; and with the level traced.
KPLAINFLAGS = $(filter-out -DDIAGNOSTIC -fno-omit-frame-pointer,$(KFLAGS))
KPLAIN_O := $(patsubst %,build/kplain/%.o,$(basename $(KERNEL_SRC)))
KLEVEL_O := $(patsubst %,build/klevel/%.o,$(basename $(KERNEL_SRC)) \
	tests/bench/level/level)
LEVELWRAP = -Wl,--wrap=trap,--wrap=intr,--wrap=tsleep,--wrap=wakeup \
	-Wl,--wrap=cpu_switch,--wrap=machine_exit

build/kplain/%.o: %.c Makefile
	$(call compile,$(KPLAINFLAGS) $(KCPPFLAGS))
build/kplain/%.o: %.S Makefile
	$(call compile,$(KPLAINFLAGS) $(KCPPFLAGS))
build/klevel/%.o: %.c Makefile
	$(call compile,$(KPLAINFLAGS) -I tests/bench/level $(KCPPFLAGS))
build/klevel/%.o: %.S Makefile
	$(call compile,$(KPLAINFLAGS) $(KCPPFLAGS))

build/kernel-plain.elf: $(KPLAIN_O) i386/kernel.ld
	@echo '  ld  $@'
	@$(CC) $(KLDFLAGS) -T i386/kernel.ld -o $@ $(KPLAIN_O)
build/kernel-level.elf: $(KLEVEL_O) i386/kernel.ld
	@echo '  ld  $@'
	@$(CC) $(KLDFLAGS) $(LEVELWRAP) -T i386/kernel.ld -o $@ $(KLEVEL_O)

.PHONY: kernel run
## kernel: the i386 kernel, build/kernel.elf
kernel: build/kernel.elf
## run: boot the kernel: a tour, then its monitor; TRACE=FILE: a replay (MB=)
run: build/kernel.elf
	@$(call need,qemu-system-i386,qemu-system-x86)
	@i386/run $(if $(TRACE),-r '$(TRACE)') $(if $(MB),-m '$(MB)') $<

.PHONY: soak
SEED = 1 2 3
TICKS = 200000
## soak: processes and handlers that allocate, for long (SEED=, TICKS=)
soak: build/kernel.elf
	@$(call need,qemu-system-i386,qemu-system-x86)
	@tests/kernel/soak.sh $< $(TICKS) $(SEED)

CRIME_O = build/asan/tests/memtool/crime.o build/memcheck/tests/memtool/crime.o
-include $(sort $(patsubst %.o,%.d,$(DIAG_O) $(PLAIN_O) $(KERNEL_O) \
	$(KPLAIN_O) $(KLEVEL_O) $(ASAN_O) $(MEMCHECK_O) $(CRIME_O)))

# ---------------------------------------------------------------------
# Traces of programs, for the kernel (run TRACE=) and for benchmarks:
# docs/traces has what was recorded; the 386BSD workload is made.

build/workload: tests/bench/traces/workload.c generated/malloc.h
	@$(call need,$(CC),gcc)
	@mkdir -p $(@D)
	@echo '  cc  $@'
	@$(CC) $(HOSTFLAGS) $(CPPFLAGS) -no-pie -o $@ $<
build/386bsd.trace: build/workload
	@$< $@
run: $(filter build/386bsd.trace,$(TRACE))

.PHONY: traces
## traces: record docs/traces again: python3, sqlite3, git, gcc and perl
traces:
	@$(call need,$(CC),gcc)
	@tests/bench/record-all

# ---------------------------------------------------------------------
# What is checked.

.PHONY: check check-asan check-memcheck check-book mutants models bench \
	bench-kmem bench-kernel bench-level trace
## check: every test, on the host and in the booted kernel
check: build/tests build/tests-plain build/kernel.elf \
		build/kernel-level.elf build/386bsd.trace
	@$(call need,qemu-system-i386,qemu-system-x86)
	@$(call need,g++,g++)
	@$(call need,mandoc,mandoc)
	@tests/check-all
## check-asan: the host's suites under the compiler's sanitizers
check-asan: build/tests-asan build/crime-asan
	@tests/check-memtool asan
## check-memcheck: the same under Valgrind's memcheck; a few minutes
check-memcheck: build/tests-memcheck build/crime-memcheck
	@$(call need,valgrind,valgrind)
	@tests/check-memtool memcheck
## check-book: make the book, the pages and the reference, and check the texts
check-book: build/kernel.elf build/386bsd.trace
	@$(call need,hunspell,hunspell)
	@tests/check-book
## mutants: damage the allocator in each known way; the suites must notice
mutants: tangle
	@$(call need,$(CC),gcc)
	@$(call need,patch,patch)
	@$(call header,CUnit/CUnit.h,libcunit1-dev)
	@tests/run-mutants
## bench: malloc(9) beside other allocators; the kernel; the bounds (ROUNDS=)
bench: $(BENCH) build/386bsd.trace
	@$(call need,valgrind,valgrind)
	$(if $(ROUNDS),,-@$(MAKE) -k bench-kernel bench-level)
	@tests/bench/run-bench
## bench-kmem: what kmem costs in maps of 10 to 100,000 entries
bench-kmem: build/kernel.elf
	@$(call need,qemu-system-i386,qemu-system-x86)
	@tests/bench/run-kmem $<
## bench-kernel: what malloc and free cost in the kernel, in instructions
bench-kernel: build/kernel-plain.elf build/kernel.elf
	@$(call need,qemu-system-i386,qemu-system-x86)
	@tests/bench/run-kernel
## bench-level: how long the level stays raised, over all suites and the soak
bench-level: build/kernel-level.elf
	@$(call need,qemu-system-i386,qemu-system-x86)
	@tests/bench/run-level $<
## models: try every order of sleep, wakeup and interrupt, by the model checker
models:
	@$(call need,spin,spin)
	@$(call need,$(CC),gcc)
	@tests/run-models
## trace: each clause of the manual pages, its sentence and its tests
trace:
	@tests/trace

# ---------------------------------------------------------------------
# What is read: the manual pages and the book.

MAN := $(wildcard man/*.9)
MAN_0 := $(MAN:man/%.9=build/man/%.0)
MAN_HTML := $(MAN:man/%.9=build/man/%.html)

build/man/%.0: man/%.9
	@$(call need,mandoc,mandoc)
	@mkdir -p $(@D)
	@echo '  man $@'
	@mandoc -T ascii $< > $@

# Pages of ours are linked to each other, the rest to a system's manual.
$(MAN_HTML) &: $(MAN) docs/man.css
	@$(call need,mandoc,mandoc)
	@mkdir -p build/man
	@cp docs/man.css build/man
	@touch $(MAN_HTML)
	@cd build/man && for i in $(notdir $(MAN:.9=)); do \
		mandoc -T html -O \
		    'style=man.css,man=%N.html;https://man.openbsd.org/%N.%S' \
		    ../../man/$$i.9 > $$i.html || exit 1; \
		echo "  man build/man/$$i.html"; \
	done

.PHONY: man doxygen book
## man: the manual pages as text and HTML, build/man/
man: $(MAN_0) $(MAN_HTML)
## doxygen: the reference, build/doxygen/html/, from the headers' comments
doxygen: build/doxygen/html/index.html
DOXYGEN = docs/Doxyfile $(wildcard docs/doxygen* docs/reference.dox)
build/doxygen/html/index.html: $(GENERATED_F) $(DOXYGEN)
	@$(call need,doxygen,doxygen)
	@$(call need,dot,graphviz)
	@rm -rf build/doxygen && mkdir -p build/doxygen/public
	@{ cat docs/Doxyfile; printf '%s\n' 'EXTRACT_ALL = NO' \
	    'EXTRACT_STATIC = NO' 'EXTRACT_LOCAL_CLASSES = NO' \
	    'HAVE_DOT = NO' 'SOURCE_BROWSER = NO' \
	    'OUTPUT_DIRECTORY = build/doxygen/public'; } | doxygen -
	@rm -r build/doxygen/public
	@doxygen docs/Doxyfile
	@echo '  dox $@'
## book: the book, build/malloc.pdf
book: build/malloc.pdf
build/malloc.pdf: malloc.nw docs/makebook docs/index.ist \
		docs/kmem-scale.awk docs/kernel-cost.awk docs/level.awk \
		docs/classes.awk \
		docs/size.awk docs/traces.awk build/386bsd.trace \
		build/tour.txt build/monitor.txt build/sessions.txt \
		build/reports.txt build/soak.txt build/crime.txt \
		build/pair.txt docs/data/kmem-scale.dat \
		docs/data/kernel-cost.dat docs/data/level.dat \
		$(wildcard man/*.9 tests/*/*.[ch] tests/deferred)
	@$(call need,noweave,noweb)
	@$(call need,pdflatex,texlive-latex-base)
	@$(call need,makeindex,texlive-binaries)
	@docs/makebook

.PHONY: html
## html: the book, the manual pages and the reference as HTML, build/html/
html: build/html/index.html
build/html/index.html: build/malloc.pdf $(MAN_HTML) docs/makehtml \
		$(wildcard docs/html*.*) \
		build/doxygen/html/index.html
	@$(call need,pandoc,pandoc)
	@$(call need,pdftocairo,poppler-utils)
	@docs/makehtml
.PHONY: pictures
## pictures: README.md's, made again: docs/kernel.svg and docs/page.png
pictures: build/malloc.pdf
	@$(call need,pdftocairo,poppler-utils)
	@docs/makepictures
.PHONY: check-html
## check-html: its links, pictures and scripts, at two widths, in Chromium
check-html: html
	@$(call need,chromium,chromium)
	@tests/check-html

# The kernel's sessions and reports that the book shows.
build/%.txt: tests/kernel/%.sh build/kernel.elf
	@$(call need,qemu-system-i386,qemu-system-x86)
	@$< >build/$*.log || { cat build/$*.log >&2; exit 1; }

# What memcheck says of a crime, and what the compiler makes of splimp and splx.
build/crime.txt: build/crime-memcheck
	@$(call need,valgrind,valgrind)
	@valgrind -q --redzone-size=0 $< late-read 2>&1 | sed -n \
	    's/^==[0-9]*== //;/^Invalid/,/^ *$$/{/main (/d;/^ *$$/d;p;}' > $@
	@grep -q 'late_read (crime' $@ || { cat $@ >&2; exit 1; }
build/pair.txt: docs/pair.sed generated/i386/spl.h Makefile
	@$(call need,$(CC),gcc)
	@printf '#include "kern.h"\nvoid f(void) { splx(splimp()); }' | \
	    $(CC) $(KPLAINFLAGS) -g0 $(KCPPFLAGS) -S -o - -xc - | \
	    sed -nf docs/pair.sed | expand > $@
	@grep -q spl_run $@ || { cat $@ >&2; exit 1; }

# ---------------------------------------------------------------------
# What is taken away.

.PHONY: iso install clean help
## iso: a CD image that boots the kernel, build/malloc.iso; boots it once
iso: build/malloc.iso
build/malloc.iso: build/kernel.elf
	@$(call need,grub-mkrescue,grub-common)
	@$(call need,xorriso,xorriso)
	@$(call need,mformat,mtools)
	@rm -rf build/iso && mkdir -p build/iso/boot/grub
	@cp $< build/iso/boot/kernel.elf
	@printf '%s\n' 'multiboot /boot/kernel.elf' \
	    'module /boot/kernel.elf' boot > build/iso/boot/grub/grub.cfg
	@echo '  iso $@'
	@grub-mkrescue --fonts= --locales= --themes= \
	    --install-modules="normal iso9660 biosdisk multiboot" \
	    -o $@ build/iso 2>build/iso.log || \
	    { cat build/iso.log >&2; exit 1; }
	@tests/check-iso

SHARE = $(DESTDIR)$(PREFIX)/share
## install: manual pages and generated/ below PREFIX (DESTDIR is heeded)
install:
	install -d $(SHARE)/man/man9 $(SHARE)/malloc9
	install -m 644 $(MAN) $(SHARE)/man/man9
	cd generated && find . -type f -exec \
	    install -D -m 644 {} $(abspath $(SHARE))/malloc9/{} \;
	install -m 644 LICENSE $(SHARE)/malloc9

## clean: remove build/
clean:
	rm -rf build
## help: this list
help:
	@sed -n 's/^## \([^:]*\): /\1	/p' Makefile | \
	while IFS='	' read -r target what; do \
		printf '  make %-14s %s\n' "$$target" "$$what"; \
	done

endif

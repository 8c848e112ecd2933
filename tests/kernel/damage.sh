#!/bin/sh
# damage.sh: can the tour fail?  Damage a copy of malloc.nw, one place at a
# time, build a kernel from it, and take the tour: it must not end with 0, and
# the first FAILED must be in the step that the damage is about.

. tests/kernel/lib

tree=$work/tree
mkdir "$tree"
cp -pR Makefile malloc.nw generated i386 man tests "$tree"
mkdir "$tree/build"
[ ! -d build/kernel ] || cp -pR build/kernel build/tangle.mk "$tree/build"

# damage STEP WHAT SED-SCRIPT
damage() {
	sed "$3" malloc.nw > "$tree/malloc.nw"
	if cmp -s malloc.nw "$tree/malloc.nw"; then
		not_ok "step $1 notices: $2" "the damage fits nowhere: $3"
		return
	fi
	if ! MAKEFLAGS= make -C "$tree" build/kernel.elf \
	    > "$work/make" 2>&1; then
		not_ok "step $1 notices: $2" "it does not compile: $(grep -m 1 \
		    error "$work/make")"
		return
	fi
	boot "$work/out" -m 4 -a tour "$tree/build/kernel.elf"
	step=$(awk '/^[0-9]+\. / { n = $1 + 0 } /FAILED: / { print n; exit }' \
	    "$work/out")
	judge "step $1 notices: $2" \
	    "exit status $status, first FAILED in step ${step:-none}" \
	    [ "$status" -ne 0 -a "$step" = "$1" ]
}

# The damages are one to a place; blanks before it do not matter.
damage 2 "a free that does not lower the charge" \
    's/ksp->ks_memuse -= bytes;/(void)bytes;/'
damage 3 "a refusal that is not counted" \
    's/ksp->ks_limblocks++;//'
damage 4 "a limit that ignores the size of the request" \
    's/bytes <= ksp->ks_limit - ksp->ks_memuse)/'\
'(bytes \&\& ksp->ks_memuse < ksp->ks_limit))/'
damage 4 "a later request that overtakes an earlier one" \
    's/(ksp->ks_waitq == NULL || (flags/(1 || (flags/'
damage 5 "a surplus that stays" \
    's/if (kbp->kb_totalfree > kbp->kb_highwat)/if (0)/'
damage 5 "a page that is returned and still mapped" \
    's/pmap_remove(kernel_pmap, va, va + PAGE_SIZE);//'
damage 6 "an entry that is never freed" \
    's/free(e, M_VMMAPENT);/(void)e;/'
damage 7 "a refusal beside idle pages" \
    's/ && malloc_reclaim() != 0)/ \&\& 0)/'
damage 8 "a type that is not compared" \
    's/if (TAG(addr) != type) {/if (type == M_FREE) {/'
damage 9 "a hole that grows, and that the search does not learn of" \
    '/if (e->left == NULL) {/,/fix(r)/s/if (r != NULL)$/if (0)/'
damage 9 "frames for a device that cross a boundary" \
    's/return (VM_IO1_BOUNDARY >> PAGE_SHIFT);/return (IO_FRAMES);/'
damage 9 "a submap whose pages are not backed" \
    's/else if (back_entry(r, e))/else if ((r->map != kernel_map \&\& '\
'r->map != kmem_map) || back_entry(r, e))/'
damage 10 "a process's memory that the kernel does not hold" \
    's/frame_hold(pa, r->use);/if (r->from == 0) frame_hold(pa, r->use);/'
damage 10 "a process's first page, mapped for each of its pages" \
    's/pmap_extract(curpmap(), r->from + off)/'\
'pmap_extract(curpmap(), r->from)/'
damage 11 "a larger block that is charged less than it takes" \
    's/(indx == LARGE ? round_page(size)/(indx == LARGE ? size/'
finish

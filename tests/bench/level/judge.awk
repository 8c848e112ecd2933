# judge.awk: merge what kernels of the level's tracer print, a row for each
# function, and judge it.  Its input is lines of the form
#	level: FILE FUNCTION STRETCHES LONGEST OWN ENDED-BY
# and `in NAME', which says what the lines behind it come from.  Output:
#	FILE FUNCTION STRETCHES LONGEST OWN ENDED-BY IN BOUND
# by file, the longest first; of generated/ alone, and `any any', whoever it
# was.  BOUND is that of what malloc.c does within malloc and free, 0 for the
# rest.  Where OWN is over it that is told on standard error, and the status
# is 1.
#
# Variables: bound, instructions; and quiet, not to print the rows.

# Whatever raises the level in malloc.c is part of malloc and free but these,
# which administer types, report, check, or give idle pages back.
BEGIN {
	n = split("malloc_type_attach malloc_type_detach malloc_type_setlimit" \
	    " malloc_vmstat report_types report_classes malloc_check" \
	    " malloc_page malloc_reclaim kmeminit", w, " ")
	for (i = 1; i <= n; i++)
		apart[w[i]] = 1
}
$1 == "in" {
	where = $2
	next
}
$1 != "level:" { next }
$2 == "nops" {
	nops++
	if ($5 < 998 || $5 > 1002)
		wrong = wrong "1,000 instructions were measured as " $5 "\n"
	next
}
$2 !~ /^generated\// && $2 != "any" { next }
{
	sub(/^generated\//, "", $2)
	key = $2 " " $3
	if (!(key in count))
		keys[++nkeys] = key
	count[key] += $4
	if ($5 >= longest[key] + 0) {
		longest[key] = $5
		by[key] = $7
		when[key] = where
	}
	if ($6 > own[key] + 0)
		own[key] = $6
}
# Which file comes first?
function rank(key,	f)
{
	f = key
	sub(/ .*/, "", f)
	return f == "malloc.c" ? 1 : f == "kmem.c" ? 2 : f == "vm.c" ? 3 : \
	    f == "any" ? 9 : 4
}
function before(a, b)
{
	if (rank(a) != rank(b))
		return rank(a) < rank(b)
	return longest[a] != longest[b] ? longest[a] > longest[b] : a < b
}
function held(w)
{
	return w[1] == "malloc.c" && !(w[2] in apart)
}
END {
	for (i = 2; i <= nkeys; i++)
		for (j = i; j > 1 && before(keys[j], keys[j - 1]); j--) {
			t = keys[j]; keys[j] = keys[j - 1]; keys[j - 1] = t
		}
	for (i = 1; i <= nkeys; i++) {
		key = keys[i]
		split(key, w, " ")
		if (!quiet)
			print key, count[key], longest[key], own[key], by[key], \
			    when[key], held(w) ? bound : 0
		if (!held(w))
			continue
		inside += count[key]
		if (own[key] > bound)
			wrong = wrong w[2] " keeps the level raised for " \
			    own[key] " instructions, " bound " at most\n"
		if (own[key] > worst)
			worst = own[key]
	}
	if (!nops)
		wrong = wrong "the tracer does not say what it measures\n"
	if (inside < 1000)
		wrong = wrong "only " inside + 0 " stretches were seen\n"
	if (wrong != "") {
		printf "%s", wrong | "cat >&2"
		exit 1
	}
	if (quiet)
		print worst
}

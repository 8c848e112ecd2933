# What docs/data/bench-*.dat (and kernel-cost.dat, level.dat) come to.
#
#	awk [-v tex=1] -f docs/bench.awk FILE...
#
# prints two tables for a terminal: times, and each bound with its value.
# With tex=DIRECTORY, definitions for the book instead, as \bench{low}{row}{who}
# and rows of tables as \benchbounds, and in DIRECTORY what the figures draw
# (bench-*.tab).
#
# A ratio is of the lowest times of all rounds.  The same from the odd rounds
# alone and from the even ones alone shows how far it can be trusted.

function base(name) { sub(/.*\//, "", name); return name }
function min(a, b) { return a == "" || b < a ? b : a }
function median(row, program,    i, j, n, t, v) {
	for (i = 1; i <= rounds; i++)
		if ((row, program, i) in time)
			v[++n] = time[row, program, i]
	for (i = 2; i <= n; i++)
		for (j = i; j > 1 && v[j - 1] > v[j]; j--) {
			t = v[j]; v[j] = v[j - 1]; v[j - 1] = t
		}
	return n % 2 ? v[(n + 1) / 2] : (v[n / 2] + v[n / 2 + 1]) / 2
}
# The fastest of the four, and our time over its; which: all, odd or even.
function fastest(row, which,    i, who) {
	for (i = 1; i <= ntheirs; i++)
		if ((row, theirs[i], which) in low && (who == "" ||
		    low[row, theirs[i], which] < low[row, who, which]))
			who = theirs[i]
	return who
}
function ratio(row, which,    who) {
	who = fastest(row, which)
	if (who == "" || !((row, "ours", which) in low))
		return ""
	return low[row, "ours", which] / low[row, who, which]
}
function slower(row, which) {
	if (!((row, "ours", which) in low && (row, "diag", which) in low))
		return ""
	return low[row, "diag", which] / low[row, "ours", which]
}
# Geometric means: over the recorded traces, and of DIAGNOSTIC's rows.
function traces(what, which,    i, r, sum) {
	for (i = 1; i <= ntraces; i++) {
		r = what == "ratio" ? ratio("trace:" trace[i], which) :
		    what == "slower" ? slower("trace:" trace[i], which) :
		    peak("trace:" trace[i], "ours")
		if (r == "")
			return ""
		sum += log(r)
	}
	return ntraces ? exp(sum / ntraces) : ""
}
function diagnostic(which,    i, r, sum) {
	for (i = 1; i <= 6; i++) {
		r = i == 6 ? traces("slower", which) : slower(six[i], which)
		if (r == "")
			return ""
		sum += log(r)
	}
	return exp(sum / 6)
}
# Peak pages over those of the four that has fewest.
function peak(row, who,    i, least) {
	for (i = 1; i <= ntheirs; i++)
		if ((row, theirs[i]) in full)
			least = min(least, full[row, theirs[i]])
	return least && (row, who) in full ? full[row, who] / least : ""
}
function bound(key, text, most, value, odd, even) {
	nbounds++
	bkey[nbounds] = key
	btext[nbounds] = text
	bmost[nbounds] = most
	bvalue[nbounds] = value
	bodd[nbounds] = odd
	beven[nbounds] = even
}
function timed(key, text, most, row) {
	bound(key, text (fastest(row, "all") == "" ? "" : \
	    ", against " fastest(row, "all")), most, ratio(row, "all"),
	    ratio(row, "odd"), ratio(row, "even"))
}
# The free of a million blocks against the free of 2,000; pages kept.
function growth() {
	return ("free2k", "ours") in count && ("free1m", "ours") in count ?
	    count["free1m", "ours"] / count["free2k", "ours"] : ""
}
function kept(    i, sum) {
	for (i = 1; i <= 4; i++) {
		if (!((free[i], "ours") in surplus))
			return ""
		sum += surplus[free[i], "ours"]
	}
	return sum
}
function bounds() {
	timed("pair64", "64-byte pair, time", 1.05, "pair64")
	timed("pairmix", "pair of random sizes, time", 1.05, "pairmix")
	timed("order64", "1,000 then freed in order, time", 1.10, "order64")
	timed("replace10k", "replacement among 10,000, time", 1.00,
	    "replace10k")
	timed("replace1m", "replacement among 1,000,000, time", 0.80,
	    "replace1m")
	bound("traces", "recorded traces, time, geometric mean", 1.00,
	    traces("ratio", "all"), traces("ratio", "odd"),
	    traces("ratio", "even"))
	bound("diagnostic", "with DIAGNOSTIC, the six above, against without",
	    1.5, diagnostic("all"), diagnostic("odd"), diagnostic("even"))
	bound("growth", "instructions of a free, 1,000,000 against 2,000",
	    1.2, growth())
	bound("kept", "pages held after that beyond marks and stocks", 0,
	    kept())
	bound("peak", "recorded traces, peak pages, geometric mean", 1.05,
	    traces("peak"))
	bound("kernelpair", "kernel: instructions of a 64-byte pair", 80,
	    kernelpair)
	bound("kernellevel", "kernel: longest stretch with interrupts off",
	    500, kernellevel)
}
function show(value, most) {
	return value == "" ? "-" : whole(most) ? value : sprintf("%.3f", value)
}
function showmost(most) { return whole(most) ? most : sprintf("%.2f", most) }
function whole(most) { return most == 0 || most >= 10 }
function verdict(i) {
	return bvalue[i] == "" ? "not measured" : \
	    bvalue[i] <= bmost[i] ? "met" : "not met"
}
function terminal(    i, k, p) {
	printf "\n%-14s", "ns: lowest"
	for (k = 1; k <= nprograms; k++)
		printf " %9s", program[k]
	printf "\n%-14s", "    (median)"
	for (i = 1; i <= nrows; i++) {
		printf "\n%-14s", rows[i]
		for (k = 1; k <= nprograms; k++)
			printf " %9s", (rows[i], program[k], "all") in low ? \
			    sprintf("%.1f", low[rows[i], program[k], "all"]) : \
			    "-"
		printf "\n%-14s", ""
		for (k = 1; k <= nprograms; k++)
			printf " %9s", (rows[i], program[k], "all") in low ? \
			    sprintf("(%.1f)", median(rows[i], program[k])) : ""
	}
	printf "\n\n%-58s %7s %7s\n", "bound", "value", "at most"
	for (i = 1; i <= nbounds; i++) {
		printf "%-58s %7s %7s %s", btext[i],
		    show(bvalue[i], bmost[i]), showmost(bmost[i]), verdict(i)
		if (bodd[i] != "" && beven[i] != "")
			printf " (%.3f, %.3f)", bodd[i], beven[i]
		print ""
	}
	print "In brackets: from the odd rounds alone, and from the even ones."
	print "Another run may give ratios of times that differ by up to 5%."
}
function commas(n) {
	return n >= 1000 ? commas(int(n / 1000)) "," \
	    sprintf("%03d", n % 1000) : sprintf("%d", n)
}
function short(n) {
	return n >= 1000 ? commas(n) : sprintf(n >= 100 ? "%.0f" : "%.1f", n)
}
function define(what, row, program, value) {
	printf "\\expandafter\\def\\csname bench@%s@%s@%s\\endcsname{%s}\n",
	    what, row, program, value
}
function spread(i,    d) {
	d = bodd[i] == "" || beven[i] == "" ? "" : bodd[i] / beven[i] - 1
	return d == "" ? "" : sprintf("%.0f", 100 * (d < 0 ? -d : d))
}
function texbounds(    i) {
	print "\\def\\benchbounds{%"
	for (i = 1; i <= nbounds; i++)
		printf "%s & %s & %s & %s & %s\\\\\n", btext[i],
		    show(bvalue[i], bmost[i]) == "-" ? "--" : \
		    show(bvalue[i], bmost[i]), showmost(bmost[i]), \
		    verdict(i), bodd[i] == "" || beven[i] == "" ? "" : \
		    sprintf("%.2f, %.2f", bodd[i], beven[i])
	print "}"
	for (i = 1; i <= nbounds; i++) {
		define("bound", bkey[i], "value", show(bvalue[i], bmost[i]))
		define("bound", bkey[i], "verdict", verdict(i))
		define("bound", bkey[i], "spread", spread(i))
		if (spread(i) + 0 > widest)
			widest = spread(i) + 0
	}
	define("bound", "all", "spread", widest + 0)
}
function texvalues(    i, k, key, part) {
	for (i = 1; i <= nrows; i++)
		for (k = 1; k <= nprograms; k++)
			if ((rows[i], program[k], "all") in low) {
				define("low", rows[i], program[k], \
				    short(low[rows[i], program[k], "all"]))
				define("median", rows[i], program[k], \
				    short(median(rows[i], program[k])))
			}
	for (key in count) {
		split(key, part, SUBSEP)
		define("count", part[1], part[2], short(count[key]))
	}
	for (key in full) {
		split(key, part, SUBSEP)
		define("full", part[1], part[2], commas(full[key]))
		define("rest", part[1], part[2], commas(rest[key]))
		define("asked", part[1], part[2],
		    commas(asked[key] / 4096 + 0.5))
		if (rest[key] > 0)
			define("use", part[1], part[2], sprintf("%.1f",
			    100 * asked[key] / 4096 / rest[key]))
	}
	for (i = 1; i <= 5; i++)
		define("fastest", six[i], "of four", fastest(six[i], "all"))
}
# Rows of tables: a line for a trace.
function textraces(what,    i, k, row, v) {
	print "\\def\\bench" what "{%"
	for (i = 1; i <= nalltraces; i++) {
		row = "trace:" alltraces[i]
		printf "%s & %s", alltraces[i], what == "peaks" ? \
		    commas(asked[row, "ours"] / 4096 + 0.5) : \
		    commas(calls[row])
		for (k = 1; k <= nprograms; k++) {
			if (program[k] == "none" ||
			    (program[k] == "strict" && what != "times"))
				continue
			v = what == "times" ? low[row, program[k], "all"] : \
			    what == "peaks" ? full[row, program[k]] : \
			    count[row, program[k]]
			printf " & %s", v == "" ? "--" : what == "peaks" ? \
			    commas(v) : short(v)
		}
		print "\\\\"
	}
	print "}"
}
function texnames(    i) {
	printf "\\def\\benchtracenames{"
	for (i = 1; i <= nalltraces; i++)
		printf "%s%s", (i > 1 ? "," : ""), alltraces[i]
	print "}"
	printf "\\def\\benchtraceticks{"
	for (i = 1; i <= nalltraces; i++)
		printf "%s%d", (i > 1 ? "," : ""), i
	print "}"
	print "\\def\\benchtracemax{" nalltraces + 0.5 "}"
	print "\\def\\benchrounds{" rounds "}"
}
# What the figures draw: a line for a row, a column for a program.
function value(what, row, who) {
	if (what == "count")
		return count[row, who]
	if (what == "peak")
		return peak(row, who)
	if (!((row, who, "all") in low) || fastest(row, "all") == "")
		return ""
	return low[row, who, "all"] / \
	    (what == "ns" ? 1 : low[row, fastest(row, "all"), "all"])
}
function table(name, what, nfirst, first,    i, k, v, file) {
	file = tex "/bench-" name ".tab"
	printf "n blocks" > file
	for (k = 1; k <= nprograms; k++)
		printf " %s", program[k] > file
	print "" > file
	for (i = 1; i <= nfirst; i++) {
		printf "%d %d", i, blocks[i] > file
		for (k = 1; k <= nprograms; k++) {
			v = value(what, first[i], program[k])
			printf " %s", v == "" ? "nan" : v > file
		}
		print "" > file
	}
	close(file)
}
function tables(    i, name) {
	split("2000 10000 100000 1000000", blocks, " ")
	table("time", "ratio", 5, six)
	table("freetime", "ns", 4, free)
	table("freecount", "count", 4, free)
	for (i = 1; i <= nalltraces; i++)
		name[i] = "trace:" alltraces[i]
	table("trace", "ratio", nalltraces, name)
	table("peak", "peak", nalltraces, name)
}
BEGIN {
	ntheirs = split("glibc mimalloc jemalloc tcmalloc", theirs, " ")
	split("pair64 pairmix order64 replace10k replace1m traces", six, " ")
	split("free2k free10k free100k free1m", free, " ")
	nprograms = split("glibc mimalloc jemalloc tcmalloc ours diag none " \
	    "strict", program, " ")
}
FNR == 1 { file = base(FILENAME) }
tex && file == "bench-time.dat" && /^# (on|machine|huge|gcc|lib)/ {
	about[++nabout] = $0
}
/^#/ || $1 == "row" { next }
file == "bench-time.dat" {
	if (!($1 in seen)) {
		seen[$1]
		rows[++nrows] = $1
		if (sub(/^trace:/, "", $1)) {
			alltraces[++nalltraces] = $1
			if ($1 != "386bsd")	# made, not recorded
				trace[++ntraces] = $1
			$1 = "trace:" $1
		}
	}
	time[$1, $2, $3] = $4
	low[$1, $2, "all"] = min(low[$1, $2, "all"], $4)
	half = $3 % 2 ? "odd" : "even"
	low[$1, $2, half] = min(low[$1, $2, half], $4)
	if ($3 > rounds)
		rounds = $3
}
file == "bench-count.dat" {
	calls[$1] = $3
	count[$1, $2] = $4
}
file == "bench-pages.dat" {
	asked[$1, $2] = $3
	full[$1, $2] = $4
	rest[$1, $2] = $5
	surplus[$1, $2] = $7
}
# The kernel's (tests/bench/run-kernel, run-level): a pair without DIAGNOSTIC;
# and the longest stretch of what has a bound (own: without wakeup).
file == "kernel-cost.dat" && $1 == "plain" && $2 == "hit" && $3 == 64 &&
    $4 == "nowait" { kernelpair = $6 + $9 }
file == "level.dat" && $8 > 0 && $5 > kernellevel + 0 { kernellevel = $5 }
END {
	bounds()
	if (!tex)
		terminal()
	else {
		texbounds()
		texvalues()
		texnames()
		textraces("times")
		textraces("peaks")
		textraces("counts")
		tables()
	}
}

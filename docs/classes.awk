# docs/classes.awk malloc.nw generated/malloc.c: what the size classes come to,
# for the book: \classes{power} and the like, the rows of the table of classes
# as \classrows, the teeth of a figure as \classteeth, and the blocks of each
# \object{name}{bytes} that malloc.nw has.
function tell(name, value) {
	printf "\\expandafter\\def\\csname classes@%s\\endcsname{%s}\n", name,
	    value
}
function power(n,	p) {
	for (p = 16; p < n; p *= 2)
		;
	return p
}
function block(n,	i) {
	for (i = 1; size[i] < n; i++)
		;
	return size[i]
}
function percent(part, whole) {
	return sprintf("%.1f", 100 * part / whole)
}
FILENAME == "malloc.nw" {
	while (match($0, /\\object[{][^}]*[}][{][0-9]+[}]/)) {
		n = substr($0, RSTART, RLENGTH - 1)
		sub(/.*[{]/, "", n)
		object[++objects] = n + 0
		$0 = substr($0, RSTART + RLENGTH)
	}
	next
}
/^#define\tKEEPPAGES/ { keep = $3 }
/^static const unsigned short fragsize/ { on = 1; next }
on && /^}/ { on = 0 }
on {
	gsub(/,/, " ")
	for (i = 1; i <= NF; i++)
		size[++n_sizes] = $i
}
END {
	page = 4096
	printf "\\def\\classrows{"
	for (i = 1; i <= n_sizes; i++) {
		b = size[i]
		k = int(page / b)
		least = i == 1 ? 0 : size[i - 1] + 1
		printf "%d & %d & %d & %d & %d & %d\\\\\n", b, k, page - k * b,
		    keep * k, least, b - least
	}
	printf "}\n\\def\\classteeth{"
	for (i = 2; i <= n_sizes; i++)
		if (size[i - 1] >= 64 && size[i] <= 1024)
			printf "%s%d/%d/%s", (size[i - 1] > 64) ? "," : "",
			    size[i - 1], size[i],
			    percent(size[i] - size[i - 1] - 1, size[i])
	printf "}\n"
	for (n = 65; n <= 1024; n++) {
		asked += n
		powers += power(n)
		blocks += block(n)
		held += page / int(page / block(n))
	}
	tell("power", percent(powers - asked, powers))
	tell("class", percent(blocks - asked, blocks))
	tell("page", percent(held - asked, held))
	asked = powers = blocks = 0
	for (i = 1; i <= objects; i++) {
		n = object[i]
		tell("power " n, power(n))
		tell("class " n, block(n))
		asked += n
		powers += power(n)
		blocks += block(n)
	}
	tell("objects", asked)
	tell("power objects", powers)
	tell("class objects", blocks)
	tell("power rounding", sprintf("%.0f", 100 * (1 - asked / powers)))
	tell("class rounding", percent(blocks - asked, blocks))
	print "\\newcommand\\object[2]{#1 & #2 & \\classes{power #2} & " \
	    "\\classes{class #2}}"
	if (n_sizes == 0 || objects == 0 || keep == 0)
		exit 1
}

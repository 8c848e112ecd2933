# Turn docs/data/kernel-cost.dat into definitions for the book, where
# \kernelcost{plain}{hit}{64}{nowait}{malloc} is then a number (pair: malloc
# and free together), and \kernelcostrows{plain} the rows of a table: size;
# malloc and free in turn; means and largest of many; and those with a page.
function commas(n)
{
	return n >= 1000 ? commas(int(n / 1000)) "," \
	    sprintf("%03d", n % 1000) : sprintf("%d", n)
}
function define(column, value)
{
	printf "\\expandafter\\def\\csname kernel@%s@%s@%s@%s@%s\\endcsname" \
	    "{%s}\n", $1, $2, $3, $4, column, commas(value)
}
function cell(b, kind, size, column)
{
	if (!((b, kind, size) in row) || !value[b, kind, size, column])
		return "--"
	return commas(value[b, kind, size, column])
}
/^#/ { next }
!ncolumns {
	for (i = 1; i <= NF; i++)
		name[i] = $i
	ncolumns = NF
	next
}
{
	for (i = 5; i <= NF; i++) {
		define(name[i], $i)
		if ($4 == "nowait")
			value[$1, $2, $3, name[i]] = $i
	}
	define("pair", $6 + $9)
	if ($4 != "nowait" || $2 == "macro")
		next
	row[$1, $2, $3] = 1
	if (!(($1, $3) in seen)) {
		seen[$1, $3] = 1
		sizes[$1] = sizes[$1] " " $3
	}
}
END {
	OFS = " & "
	for (b in sizes) {
		printf "\\expandafter\\def\\csname kernel@rows@%s" \
		    "\\endcsname{%%\n", b
		n = split(sizes[b], size, " ")
		for (i = 1; i <= n; i++) {
			s = size[i]
			print commas(s), cell(b, "hit", s, "malloc"),
			    cell(b, "hit", s, "free"),
			    cell(b, "many", s, "malloc"),
			    cell(b, "many", s, "mallocmax"),
			    cell(b, "many", s, "free"),
			    cell(b, "many", s, "freemax"),
			    cell(b, "page", s, "malloc"),
			    cell(b, "page", s, "free") "\\\\"
		}
		print "}"
	}
}

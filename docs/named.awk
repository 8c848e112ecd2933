# docs/named.awk: each test that malloc.nw names in italics, \emph{M-FIFO: a
# later ...}, is one of the others' files.  Prints those that are not.
#	awk -f docs/named.awk malloc.nw tests/common/malloc.c ...
function bare(s) {
	gsub(/\\n|\\_/, " ", s)
	gsub(/[^A-Za-z0-9]+/, " ", s)
	return s
}
FILENAME == "malloc.nw" { book = book " " $0; next }
{ tests = tests " " $0 }
END {
	tests = bare(tests)
	while (match(book, /\\emph[{]([A-Z]+-[A-Z, E0-9-]+|E[0-9, E-]+|host|user|pmap|tsleep): [^{}]*[}]/)) {
		name = substr(book, RSTART + 6, RLENGTH - 7)
		book = substr(book, RSTART + RLENGTH)
		n++
		if (!index(tests, bare(name))) {
			print "no test is called: " name
			bad = 1
		}
	}
	print n " names of tests"
	exit bad || n < 20
}

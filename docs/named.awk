# docs/named.awk: each test that malloc.nw names in italics, \emph{M-FIFO: a
# later ...}, is one of the other files'.  Prints those that are not.
function bare(s) {
	gsub(/\\n|\\_/, " ", s)
	gsub(/[^A-Za-z0-9]+/, " ", s)
	return s
}
BEGIN {
	name = "\\\\emph[{](host|user|pmap|tsleep|[A-Z]+[-0-9][A-Z, E0-9-]*):" \
	    " [^{}]*[}]"
}
FILENAME == "malloc.nw" { book = book " " $0; next }
{ tests = tests " " $0 }
END {
	tests = bare(tests)
	for (n = 0; match(book, name); n++) {
		test = substr(book, RSTART + 6, RLENGTH - 7)
		book = substr(book, RSTART + RLENGTH)
		if (!index(tests, bare(test))) {
			print "no test is called: " test
			bad = 1
		}
	}
	exit bad || n < 20
}

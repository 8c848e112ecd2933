# docs/quoted.awk: each verbatim of malloc.nw says in the line before it
# where it is from:
#	% from FILE	its lines are FILE's, one after another, blanks apart;
#			... stands for lines that are left out
#	% words FILE...	the words of each line are in a FILE, in this order
#	% typed		what a reader is to type, without an answer
#	% sketch	code that is in no file
# Prints what is not so, and fails.
function squeeze(s) {
	gsub(/[ \t]+/, " ", s)
	gsub(/@<</, "<<", s)
	sub(/^ /, "", s)
	sub(/ $/, "", s)
	return s
}
function complain(what) {
	print "malloc.nw:" FNR ": " what
	bad = 1
}
function load(file,	line) {
	nlines = 0
	while ((r = (getline line < file)) > 0)
		if ((line = squeeze(line)) != "")
			of[++nlines] = line
	close(file)
	if (nlines == 0)
		complain(file " cannot be read")
	return nlines
}
# The quoted lines q[1..n] from line `at' of the file on?
function stands(at,	i, j, gap) {
	gap = 0
	for (i = 1; i <= n; i++) {
		if (q[i] == "...") {
			gap = 1
			continue
		}
		for (j = at; j <= nlines && gap && of[j] != q[i]; j++)
			;
		if (j > nlines || of[j] != q[i]) {
			if (i > reached) {
				reached = i
				instead = j <= nlines ? of[j] : "the end"
			}
			return 0
		}
		at = j + 1
		gap = 0
	}
	return 1
}
function compare(file,	i) {
	if (!load(file))
		return
	reached = 0
	for (i = 1; i <= nlines; i++)
		if (stands(i))
			return
	complain(file " has no such line: " q[reached])
}
# Only the words of a text, as strings in C have them.
function bare(s) {
	gsub(/\\n/, " ", s)
	gsub(/[^A-Za-z0-9]+/, " ", s)
	sub(/ *$/, " ", s)
	return s
}
function contain(files,	i, k, m, file, line, all) {
	m = split(files, file)
	for (k = 1; k <= m; k++) {
		while ((getline line < file[k]) > 0)
			all = all " " line
		close(file[k])
	}
	all = bare(all)
	for (i = 1; i <= n; i++)
		if (!index(all, bare(q[i])))
			complain(files ": no such words: " q[i])
}
/^% (from .*|words .*|typed|sketch)$/ {
	mark = $2
	file = substr($0, length(mark) + 4)
	next
}
/\\begin[{]verbatim[}]/ {
	if (mark == "")
		complain("where is this verbatim from?")
	inside = 1
	n = 0
	next
}
/\\end[{]verbatim[}]/ {
	if (mark == "from")
		compare(file)
	else if (mark == "words")
		contain(file)
	inside = 0
	mark = ""
	next
}
inside {
	line = squeeze($0)
	if (line != "")
		q[++n] = line
	next
}
!/^[{]/ { mark = "" }
END { exit bad }

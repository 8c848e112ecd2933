# Rows of the book's tables about traces, from what the recorder wrote:
# awk -f docs/traces.awk docs/traces/*.txt generated/malloc.h build/386bsd.txt
# \tracerow{program}{command}{allocations}{frees}{most KB}{most blocks}{KB}
# \workrow{type}{allocations}{M_NOWAIT}{at most}{at the end}{sizes}

function size(file,	cmd, n)
{
	cmd = "wc -c < " file
	cmd | getline n
	close(cmd)
	return n
}
function thousands(n)
{
	return n < 1000 ? n : \
	    sprintf("%d,%03d", int(n / 1000), n % 1000)
}
function escape(s)
{
	gsub(/[_#%&]/, "\\\\&", s)
	return s
}
function put(	base)
{
	if (!("allocations" in v))
		return
	base = name
	sub(/.*\//, "", base)
	rows = rows sprintf("\\tracerow{%s}{%s}{%s}{%s}{%s}{%s}{%d}\n", base,
	    escape(command), thousands(v["allocations"]),
	    thousands(v["frees"]), thousands(int(v["most-bytes"] / 1024)),
	    thousands(v["most-blocks"]), size(name ".trace") / 1024)
	split("", v)
}
FNR == 1 {
	put()
	name = FILENAME
	sub(/\.txt$/, "", name)
}
FILENAME ~ /malloc.h$/ {
	if ($1 == "#define" && $2 ~ /^M_[A-Z]+$/ && $3 ~ /^[0-9]+$/)
		type[$3] = $2
	next
}
$1 == "command" {
	command = substr($0, 9)
	next
}
$1 == "type" {
	work = work sprintf("\\workrow{%s}{%s}{%s}{%s}{%s}{%s}\n", type[$2],
	    thousands($3), thousands($4), $5, $6,
	    $7 == $8 ? $7 : $7 " to " thousands($8))
	next
}
$1 != "#" {
	v[$1] = $2
}
END {
	put()
	printf "\\newcommand\\tracerows{%%\n%s}\n", rows
	printf "\\newcommand\\workrows{%%\n%s}\n", work
}

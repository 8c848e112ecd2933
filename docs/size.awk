# Turn what size(1) says of the i386 machine's objects into definitions for
# the book: \machinerows, the rows of a table (file; instructions and
# constants; data; what most of the data is), \machinesum, its last row, and
# \machinekb, the instructions and constants of all files in KB.
function commas(n)
{
	return n >= 1000 ? commas(int(n / 1000)) "," \
	    sprintf("%03d", n % 1000) : sprintf("%d", n)
}
BEGIN {
	n = split("locore.S boot.c pmap.c trap.c symbol.c intr.c clock.c " \
	    "proc.c user.c cons.c subr.c", file)
	most["locore.S"] = "the first tables, guard and stack"
	most["boot.c"] = "the command line"
	most["pmap.c"] = "ranges of frames"
	most["trap.c"] = "the double fault's stack"
	most["intr.c"] = "software interrupts that wait"
	most["clock.c"] = "functions for the next tick"
	most["proc.c"] = "whose stack is in each slot"
	most["user.c"] = "how the last program ended"
	most["cons.c"] = "what waits to be sent"
}
{
	sub(/.*\//, "", $6)
	sub(/\.o$/, "", $6)
	text[$6] = $1
	data[$6] = $2 + $3
}
END {
	printf "\\def\\machinerows{%%\n"
	for (i = 1; i <= n; i++) {
		name = file[i]
		sub(/\..$/, "", name)
		printf "%s & %s & %s & %s \\\\\n", file[i],
		    commas(text[name]), commas(data[name]), most[file[i]]
		alltext += text[name]
		alldata += data[name]
	}
	printf "}\n\\def\\machinesum{together & %s & %s & \\\\}\n",
	    commas(alltext), commas(alldata)
	printf "\\def\\machinekb{%d}\n", alltext / 1024
}

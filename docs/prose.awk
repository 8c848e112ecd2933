# docs/prose.awk: the words of malloc.nw, for a check of their spelling:
# code, TeX's commands, formulas and pictures left out.
BEGIN {
	# Commands whose arguments are no words.
	names = "label|ref|pageref|cite|file|clause|erratum|input|panicmsg|" \
	    "texttt|begin|end|hypertarget|addcontentsline|hypersetup|said|" \
	    "verbatiminput|vspace|hspace|multicolumn|cmidrule|kernelcost|" \
	    "kmemcost|bench|levellongest|levelworst|cycle|upcall|indirect|" \
	    "climb|addplot|classes"
	command = "\\\\(" names ")\\*?([[][^]]*[]])?([{][^{}]*[}])+"
	pictures = "[{](verbatim|tikzpicture|eqnarray\\*?|thebibliography)[}]"
}
function drop(re) { gsub(re, " ") }
/^\\begin[{]document[}]/ { body = 1 }
!body { next }
/^<<.*>>=[ \t]*$/ { code = 1; next }
/^@( |$)/ {
	code = 0
	if (/^@ %def/)
		next
	sub(/^@ ?/, "")
}
code || /^[ \t]*%/ { next }
$0 ~ "\\\\begin" pictures { hidden = 1 }
$0 ~ "\\\\end" pictures { hidden = 0 }
hidden { next }
{
	drop("\\\\%")
	drop("\\\\-")
	drop("\\[\\[[^]]*(\\][^]]+)*\\]\\]+")
	drop("[$][^$]*[$]")
	sub(/\\begin[{](tabular|longtable)[}].*/, "")
	drop(command)
	drop("\\\\[A-Za-z]+\\*?")
	drop("[0-9.]+(pt|em|ex|mm|cm)")
	drop("[0-9A-Za-z]*[0-9_][0-9A-Za-z_]*")
	print
}

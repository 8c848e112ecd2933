# docs/prose.awk: the words of malloc.nw, for a check of their spelling:
# code, TeX's commands, formulas and pictures left out.
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
/\\begin[{](verbatim|tikzpicture|eqnarray\*?|thebibliography)[}]/ { hidden = 1 }
/\\end[{](verbatim|tikzpicture|eqnarray\*?|thebibliography)[}]/ { hidden = 0 }
hidden { next }
{
	drop("\\\\%")
	drop("\\\\-")
	drop("\\[\\[[^]]*(\\][^]]+)*\\]\\]+")
	drop("[$][^$]*[$]")
	sub(/\\begin[{](tabular|longtable)[}].*/, "")
	drop("\\\\(label|ref|pageref|cite|file|clause|erratum|input|panicmsg|texttt|begin|end|hypertarget|addcontentsline|hypersetup|verbatiminput|vspace|hspace|multicolumn|cmidrule|levellongest|levelworst|cycle|upcall|indirect|climb|addplot)\\*?([[][^]]*[]])?([{][^{}]*[}])+")
	drop("\\\\(kernelcost|kmemcost|bench)([{][^{}]*[}])+")
	drop("\\\\[A-Za-z]+\\*?")
	drop("[0-9A-Za-z]*[0-9_][0-9A-Za-z_]*")
	drop("[0-9.]+(pt|em|ex|mm|cm)")
	print
}

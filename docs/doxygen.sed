# docs/doxygen.sed: a file as Doxygen is to see it, line for line.  The
# comment above a function is one of Doxygen's, unless it sends to a header,
# which has the words, or is the heading of what has comments of its own; so
# is the comment behind a declaration.
/^\/\*[^*]/b above
/^\/\*$/b above
/^#e/b
s,^\(.*[^ 	].*[^ 	]\)\([ 	]*\)/\* \(.*\) \*/$,\1\2/**< \3 */,
b
:above
/\*\/[ 	]*$/!{
	N
	b above
}
/Copyright/b
/\n/!{
	$!N
	/\*\/\n#/{
		P
		D
	}
}
/See [a-z0-9/]*\.h/!s,^/\*,/**,

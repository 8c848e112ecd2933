# docs/pair.sed: the instructions of splimp and splx, each with a remark.
/^f:/d
/^\.L[0-9]*:/s/$/					# what is protected/
/	cpl, /s/$/			# splimp/
/[a-z]	%.*, cpl$/s/$/			# splx/
/	jne/{
	s/$/				# to spl_run/p
	q
}
/^\.L/p
/^	[a-z]/p

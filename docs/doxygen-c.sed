# docs/doxygen-c.sed: what is a C file's own, functions apart, left out.
/^#define/{
	:line
	/\\$/{
		N
		b line
	}
	s/[^\n]//g
}
/^extern.*;/s/.*//
/^static.*;/s/.*//
/^static.*= {$/,/^};/s/.*//
/^typedef.*;/s/.*//
/^TAILQ_HEAD/s/.*//
/^[a-z].*(.*);/s/.*//
/^[a-z][^(]*;/s/.*//

# SPDX-License-Identifier: MIT
# Debian's Packages file (stdin) -> a line a package: name, version, suite, file, SHA-256,
# what it depends on, what it provides; tabs between.  -v suite=NAME
BEGIN { OFS = "\t" }

function flush_package() {
	if (name != "")
		print name, version, suite, file, sum, depends (depends != "" && pre != "" ? ", " : "") pre, provides
	name = version = file = sum = depends = pre = provides = ""
}

function value() { return substr($0, index($0, ": ") + 2) }

/^$/ { flush_package() }
/^Package: / { name = value() }
/^Version: / { version = value() }
/^Filename: / { file = value() }
/^SHA256: / { sum = value() }
/^Depends: / { depends = value() }
/^Pre-Depends: / { pre = value() }
/^Provides: / { provides = value() }
END { flush_package() }

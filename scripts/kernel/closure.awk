# SPDX-License-Identifier: MIT
# The packages PACKAGE[=VERSION]... and all they depend on, PACKAGE=VERSION each, from
# package.sh's index (newest last).
#
# usage: awk [-v pinned="PACKAGE=VERSION..."] -f closure.awk INDEX PACKAGE[=VERSION]...
#
# They come from the release of the first; what that release itself has goes before its
# backports, so that a module is built by the release's compiler.  Of alternatives it is the
# first that there is; what is pinned goes before all if it is there.  Of version constraints only `=` counts: within a release the rest holds.
BEGIN {
	FS = "\t"
	for (i = 2; i < ARGC; i++)
		asked[i - 1] = ARGV[i]
	n_asked = ARGC - 2
	split(asked[1], first, "=")
	ARGV[2] = ARGV[1]
	ARGC = 3
	n = split(pinned, pins, " ")
	for (i = 1; i <= n; i++)
		pin[substr(pins[i], 1, index(pins[i], "=") - 1)] = substr(pins[i], index(pins[i], "=") + 1)
}

FNR == 1 { pass++ }

pass == 1 {
	if ($1 == first[1] && (first[2] == "" || $2 == first[2]))
		release = $3
	next
}

FNR == 1 { sub(/-.*/, "", release) }

# Only the packages of that release.
$3 == release || index($3, release "-") == 1 {
	at = ++many[$1]
	version[$1, at] = $2
	depends[$1, at] = $6
	backport[$1, at] = $3 ~ /-backports/
	provide($1, $7)
}

function provide(name, names,   parts, n, i) {
	n = split(names, parts, /, */)
	for (i = 1; i <= n; i++) {
		sub(/[ :(].*/, "", parts[i])
		if (!(parts[i] in provider))
			provider[parts[i]] = name
	}
}

# choose NAME EXACT: which of its rows, 0 if none; EXACT may be empty.
function choose(name, exact,   i) {
	if (exact == "" && (name in pin) && (i = choose(name, pin[name])))
		return i
	for (i = many[name]; i >= 1; i--)
		if (exact == "" ? !backport[name, i] : version[name, i] == exact)
			return i
	return exact == "" ? many[name] : 0
}

# take NAME EXACT: 1 if it is among the chosen now.
function take(name, exact,   at) {
	if (name in chosen)
		return 1
	at = choose(name, exact)
	if (!at && exact == "" && (name in provider))
		return take(provider[name], "")
	if (!at)
		return 0
	chosen[name] = at
	queue[++last] = name
	return 1
}

# depend CLAUSE: `a (>= 1) | b:any`
function depend(clause,   ways, n, i, name, exact) {
	n = split(clause, ways, / *[|] */)
	for (i = 1; i <= n; i++) {
		name = exact = ways[i]
		sub(/[ :(].*/, "", name)
		if (!sub(/.*\(= */, "", exact))
			exact = ""
		sub(/\).*/, "", exact)
		if (take(name, exact))
			return 1
	}
	return 0
}

function missing(who, what) {
	print "dexbench: error: " who " needs " what ", which the archive does not have" >"/dev/stderr"
	failed = 1
}

END {
	for (i = 1; i <= n_asked; i++) {
		split(asked[i], part, "=")
		if (!take(part[1], part[2]))
			missing("the build", asked[i])
	}
	for (i = 1; i <= last; i++) {
		n = split(depends[queue[i], chosen[queue[i]]], clauses, /, */)
		for (k = 1; k <= n; k++)
			if (!depend(clauses[k]))
				missing(queue[i], clauses[k])
	}
	for (i = 1; i <= last && !failed; i++)
		print queue[i] "=" version[queue[i], chosen[queue[i]]]
	exit failed ? 2 : 0
}

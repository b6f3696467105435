# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# Which cases a campaign has, by dexbench's own list.  Sourced by ab.sh.

# What is wanted without CASES: what says something in this mode, the primary cases, or with
# FULL=1 all; in lockstep mode those that have a brief selection, or all that contend, and what is counted
# in either.
# shellcheck disable=SC2016 # jq's variables
WANTED='
	def usual: if $mode != "lockstep" then .primary or $full != ""
		else .counted or (if $rows == "brief" then .brief else .contends end) end;
	def wanted: if $re != "" then .case | test($re) else (.modes | index($mode)) and usual end;
'

# likely_cases LIST RE: what was meant by an RE that is no case of that list, or all of them.
likely_cases() {
	jq -r --arg re "$2" --arg near "$(jq -r '.[].case' <<<"$1" | awk -f "$HERE/nearest.awk" -- "$2")" 'map(.case) |
		if any(startswith($re + "_")) then "did you mean \($re)_.*?"
		elif any(startswith($re)) then "did you mean \($re).*?"
		elif any(contains($re)) then "did you mean .*\($re).*?"
		elif $near != "" then "did you mean \($near)?"
		else "one of: \(join(" "))" end' <<<"$1"
}

# chosen LIST MODE ROWS FULL REGEX: an array of names.
chosen() {
	jq -c --arg mode "$2" --arg rows "$3" --arg full "$4" --arg re "${5:+^($5)\$}" \
		"$WANTED"'map(select(wanted) | .case)' <<<"$1" 2>/dev/null
}

# with_controls LIST MODE NAMES: those, and in lockstep mode the controls that are its alone,
# which no boot of it is without; in the list's order, as words.
with_controls() {
	jq -r --arg mode "$2" --argjson names "$3" 'map(select((.case | IN($names[])) or
		($mode == "lockstep" and .control and .modes == ["lockstep"])) | .case) | join(" ")' <<<"$1"
}

# shellcheck disable=SC2034 # $cases is for ab.sh
# select_cases MODE ROWS FULL REGEX: $cases, as words.
select_cases() {
	local list names

	list=$("$BUILD/dexbench" --list)
	names=$(chosen "$list" "$@") || die "CASES=$4: not a regular expression"
	[ "$names" != '[]' ] || die "CASES=$4 matches no case; $(likely_cases "$list" "$4")"
	jq -e --argjson names "$names" --arg mode "$1" \
		'any(.[]; (.case | IN($names[])) and (.modes | index($mode)))' <<<"$list" >/dev/null ||
		die "CASES=$4: not to be had in MODE=$1; dexbench --list names the modes of each case"
	cases=$(with_controls "$list" "$1" "$names")
}

# primary_problem LIST CASES: what is wrong with the first pattern, of standard input, that names no row.
primary_problem() {
	jq -Rnr --argjson list "$1" --arg cases "$2" '
		def wrong($of; $text): "PRIMARY=\($of.text): \($text)";
		[inputs | select(. != "")] | map({text: ., case: (. / ":")[0],
			params: (. / ":" | .[1:] | join(":") | . / "," | map(select(. != "") | . / "="))}) |
		map(. as $p | (first($list[] | select(.case == $p.case)) // {}) as $known |
			if .case | IN(($cases / " ")[]) | not then wrong($p; "no case of this campaign; its cases: \($cases)")
			elif any(.params[]; length != 2) or (.text | test(",$|:.*:|:$")) then wrong($p; "give CASE or CASE:NAME=VALUE,NAME=VALUE")
			else first(.params[] | select(.[0] != "metric") | . as [$name, $value] |
				if $known.params | has($name) | not
				then "has no parameter \($name); it has \($known.params | keys | join(", "))"
				elif [$known.params[$name][] | tostring] | index([$value]) | not
				then "\($name) is one of \([$known.params[$name][] | tostring] | join(", "))"
				else empty end) | wrong($p; "\($p.case) \(.)") end) | .[0] // empty'
}

# shellcheck disable=SC2034 # $primary is for ab.sh
# select_primary MODE PATTERNS: $primary, an array of the rows that decide, or null: all do.
select_primary() {
	local list problem asked words

	primary=null
	list=$("$BUILD/dexbench" --list)
	case $1:${2:-usual} in
	exact:usual | lockstep:usual | *:all) return ;;
	exact:* | lockstep:*) die "PRIMARY=$2: in MODE=$1 no difference is by chance; rows of parallel and timing mode alone are primary" ;;
	*:usual) asked=$(jq -r --arg cases "$cases" '.[] | select((.case | IN(($cases / " ")[])) and .decides) |
			"\(.case):\(.decides / " " | .[])"' <<<"$list") ;;
	*)
		read -rd "" -a words <<<"$2" || true
		asked=$(printf "%s\n" "${words[@]}")
		;;
	esac
	[ -n "$asked" ] || return 0
	problem=$(primary_problem "$list" "$cases" <<<"$asked")
	[ -z "$problem" ] || die "$problem"
	primary=$(jq -Rnc '[inputs]' <<<"$asked")
}

# shellcheck shell=bash disable=SC2154,SC2164 # scripts/check.sh's names and errexit
# SPDX-License-Identifier: MIT
# A number that was measured stands in documents where a command prints it, and nowhere else.

documents=$(grep -l "^<!-- shown: " ./*.md docs/*.md | sed "s|^\./||")

# What a command stands in front of is what it prints; no output without one.
blocks_are_output() {
	tests/docs/shown.sh --check "$1" || return 1
	awk '/^<!-- shown: / { shown = 1 } /^```/ && !shown { print FILENAME ": " FNR ": whose output?"; failed = 1 }
		/^<!-- end -->/ { shown = 0 } END { exit failed }' "$1"
}

no_number_in_prose() { awk -f tests/docs/numbers.awk tests/docs/numbers.tsv "$@"; }

# Where a digit of a block was changed, a number put into prose, a declaration left that nobody
# needs or one without a reason, each is found.
a_wrong_number_is_found() {
	sed '/^<!-- shown: .* summary/,/^<!-- end/s/1949/1950/' README.md >"$scratch/wrong.md"
	refute cmp -s README.md "$scratch/wrong.md"
	refute blocks_are_output "$scratch/wrong.md"
	while read -r number text; do
		{ cat README.md; printf '\n%s\n' "$text"; } >"$scratch/wrong.md"
		refute no_number_in_prose "$scratch/wrong.md" >"$scratch/said"
		grep -F "a number in prose, $number: " "$scratch/said"
	done <<-END
		17.5 It is 17.5 % faster.
		129 The walk saves 129.
		1914 | \`a page\` | 1914 |
		16.12 Of 16.12 pages.
		6.12 It is 6.12 % faster.
	END
	{ cat tests/docs/numbers.tsv; printf '4711 pages\ta reason\n8 pages\n'; } >"$scratch/wrong.tsv"
	refute awk -f tests/docs/numbers.awk "$scratch/wrong.tsv" README.md >"$scratch/said"
	grep -F 'nobody needs: 4711 pages' "$scratch/said"
	grep -F 'a phrase and a reason' "$scratch/said"
}

# make shown fills emptied blocks as they were.
blocks_are_written_anew() {
	awk '/^<!-- end -->/ { shown = 0 } !shown || /^```/ { print } /^<!-- shown: / { shown = 1 }' README.md >"$scratch/emptied.md"
	refute cmp -s README.md "$scratch/emptied.md"
	chmod 640 "$scratch/emptied.md"
	tests/docs/shown.sh "$scratch/emptied.md"
	same README.md "$scratch/emptied.md"
	[ "$(stat -c %a "$scratch/emptied.md")" = 640 ]
	same <(echo "$scratch/emptied.md") <(ls "$scratch"/emptied.md*)
}

# shown COMMAND: a document with it is refused for the reason $2, and left as it was.
shown_refuses() {
	printf '<!-- shown: %s -->\nold\n<!-- end -->\n' "$1" >"$scratch/shown.md"
	cp "$scratch/shown.md" "$scratch/kept.md"
	refused 2 "$2" tests/docs/shown.sh "$scratch/shown.md"
	same "$scratch/kept.md" "$scratch/shown.md"
}

# What a document says is run by no shell, and nothing but programs that are listed.
commands_are_few() {
	shown_refuses "touch $scratch/touched" "'touch' is no program that a document may run"
	shown_refuses "cat /dev/null | touch $scratch/touched" "'touch' is no program that a document may run"
	shown_refuses "cat \$(touch $scratch/touched)" 'only words'
	shown_refuses "cat /dev/null; touch $scratch/touched" 'only words'
	shown_refuses "cat /dev/null >$scratch/touched" 'only words'
	shown_refuses "| cat" "only words"
	shown_refuses "cat |  | cat" "only words"
	shown_refuses 'dex-compare --no-such-option' 'no-such-option'
	shown_refuses 'tests/docs/table.sh nothing results/reference' 'nothing: no such table'
	shown_refuses 'tests/docs/table.sh ladder results/nothing' 'results/nothing: no such file'
	[ ! -e "$scratch/touched" ]
	printf '<!-- shown: cat /dev/null -->\n' >"$scratch/shown.md"
	refused 2 'no <!-- end --> behind it' tests/docs/shown.sh "$scratch/shown.md"
	refused 2 'no block that a command prints' tests/docs/shown.sh CONTRIBUTING.md
	refused 2 'usage: ' tests/docs/shown.sh
}

# Tables are of the comparisons that are kept: these are what their samples say.
comparisons_are_of_their_samples() {
	local name values='[.rows[] | [.kernel, .case, .params, .metric, .value, .verdict]]'

	for name in reference distro switch trackers; do
		build/dex-compare --json "results/$name" >"$scratch/compare.json" || [ $? -eq 1 ]
		same <(zcat "results/$name/compare.json.gz" | jq -c "$values | .[]") <(jq -c "$values | .[]" "$scratch/compare.json")
	done
}

# A table that no document shows is code that nobody needs.
tables_are_shown() {
	local name

	for name in $(tests/docs/table.sh); do
		grep -qE "^<!-- shown: (.* )?tests/docs/table.sh $name " ./*.md docs/*.md || { echo "$name: shown nowhere"; return 1; }
	done
}

pictures_are_there() {
	local document

	for document in ./*.md docs/*.md; do
		grep -oE '\]\([^)#:]+[)#]' "$document" | sed 's/.*](\(.*\)[)#]$/\1/' | while read -r file; do
			[ -s "$(dirname "$document")/$file" ] || [ -d "$(dirname "$document")/$file" ] || { echo "$document: $file is missing"; exit 1; }
		done || return 1
	done
}

# What make takes of what is measured; not what tests and make's own recipes set.
variables_are_explained() {
	local name missing=''

	while read -r name; do
		grep -qw -e "$name" docs/*.md README.md CONTRIBUTING.md METHODOLOGY.md || missing="$missing $name"
	done < <(awk '$2 == "asked" { print $1 }' scripts/variables.txt)
	[ -z "$missing" ] || { echo "no document says what these are:$missing"; return 1; }
}

stale_message_is_refused() {
	mkdir -p "$scratch/tree/tests" "$scratch/tree/scripts"
	cp -r tests/docs "$scratch/tree/tests/"
	cp scripts/lib.sh "$scratch/tree/scripts/"
	cp -r bench emulator kernel-module "$scratch/tree/"
	printf 'setup\tmissing: ... was blorped today\tnothing\n' >"$scratch/tree/tests/docs/messages.tsv"
	refused 2 "no program says 'was blorped today'" "$scratch/tree/tests/docs/messages.sh" setup
	refused 2 'no such subject' tests/docs/messages.sh weather
	refused 2 'usage: messages.sh boots|campaign|' tests/docs/messages.sh
}

# Prose alone is counted: four words and eight, of two sentences one passive.
sentences_are_counted() {
	printf '%s\n' '# Heading of many words' '' 'The [cat](x.md) sat here.' 'The page was taken back by the kernel.' '' \
		'    code that is no prose' '' '| a | table. And more. |' '' '<!-- shown: cat x -->' 'Output. More of it.' '<!-- end -->' >"$scratch/plain.md"
	tests/docs/readability.sh "$scratch/plain.md" | grep -Fx "| $scratch/plain.md | 6.0 | 0 % | 50 % |"
}

readability_refuses() {
	mkdir -p "$scratch/nowhere"
	ln -sf "$(command -v bash)" "$(command -v dirname)" "$scratch/nowhere/"
	refused 2 'usage: readability.sh' tests/docs/readability.sh
	refused 2 'style: not found' env PATH="$scratch/nowhere" bash tests/docs/readability.sh README.md
}

for document in $documents; do
	check "figures: blocks of output in $document are what their commands print" blocks_are_output "$document"
done
# shellcheck disable=SC2046,SC2010 # names without blanks
check "figures: no prose carries a number that was measured" no_number_in_prose $(ls ./*.md docs/*.md results/README.md | grep -v CHANGELOG)
check "figures: comparisons that tables are made of are of their samples" comparisons_are_of_their_samples
check "figures: each table is shown" tables_are_shown
check "figures: pictures and files that are linked are there" pictures_are_there
check "documents: what make takes is explained" variables_are_explained
check "documents: a message that no program prints is refused" stale_message_is_refused
check "figures: a wrong number, one too many and an edited block are found" a_wrong_number_is_found
check "figures: blocks are written anew" blocks_are_written_anew
check "documents: readability.sh says what it needs" readability_refuses
if command -v style >/dev/null; then
	check "documents: readability.sh counts prose alone" sentences_are_counted
else
	skip "documents: readability.sh counts prose alone" "no style here; Debian's package diction has it"
fi
check "figures: a document runs programs that are listed, and no shell" commands_are_few

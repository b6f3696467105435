# SPDX-License-Identifier: MIT
# Include circles among our own files: `awk -f circles.awk LIST FILE...` prints each that LIST does not have, each
# entry of LIST that is no circle any more, and how many circles there are; status 1 if there is such a line.  A
# module's header and source are one node, called after their path without its ending; an include is looked for
# beside its file, then in bench/ and here.  An entry of LIST: the nodes, sorted, then a tab and who opens it.
FNR == 1 && ++files == 1 { list = FILENAME }

FILENAME == list {
	if (!/^#/) {
		sub(/\t.*/, "")
		entry[$0] = FNR
	}
	next
}

FNR == 1 {
	node = FILENAME
	sub(/\.[a-z]+$/, "", node)
	if (!(node in is_node)) {
		is_node[node] = 1
		nodes[n++] = node
	}
}

/^#include "/ {
	split($0, part, "\"")
	from[edges] = node
	directory[edges] = FILENAME ~ /\// ? FILENAME : "./" FILENAME
	sub(/[^\/]*$/, "", directory[edges])
	to[edges] = part[2]
	sub(/\.[a-z]+$/, "", to[edges])
	edges++
}

# Without "./" and "x/../".
function plain(path)
{
	gsub(/\/\.\//, "/", path)
	sub(/^\.\//, "", path)
	while (sub(/[^\/.]+\/\.\.\//, "", path))
		;
	return path
}

# The node that is included, or "" if it is none of ours.
function resolved(edge, name)
{
	name = plain(directory[edge] to[edge])
	if (name in is_node)
		return name
	name = plain("bench/" to[edge])
	if (name in is_node)
		return name
	return to[edge] in is_node ? to[edge] : ""
}

# All that can be reached from @start, @start itself if by a way.
function reach(start, stack, depth, here, i)
{
	stack[depth = 1] = start
	while (depth) {
		here = stack[depth--]
		for (i = 0; i < degree[here]; i++)
			if (!((start, next_of[here, i]) in reached)) {
				reached[start, next_of[here, i]] = 1
				stack[++depth] = next_of[here, i]
			}
	}
}

function sorted(words, word, count, i, j, keep)
{
	count = split(words, word, " ")
	for (i = 2; i <= count; i++)
		for (j = i; j > 1 && word[j - 1] > word[j]; j--) {
			keep = word[j]
			word[j] = word[j - 1]
			word[j - 1] = keep
		}
	words = word[1]
	for (i = 2; i <= count; i++)
		words = words " " word[i]
	return words
}

function breach(text)
{
	print text
	bad = 1
}

END {
	for (e = 0; e < edges; e++) {
		there = resolved(e)
		if (there != "" && there != from[e] && !((from[e], there) in known)) {
			known[from[e], there] = 1
			next_of[from[e], degree[from[e]]++] = there
			arrows++
		}
	}
	for (i = 0; i < n; i++)
		reach(nodes[i])
	for (i = 0; i < n; i++) {
		if (done[nodes[i]] || !((nodes[i], nodes[i]) in reached))
			continue
		circle = ""
		for (j = i; j < n; j++)
			if ((nodes[i], nodes[j]) in reached && (nodes[j], nodes[i]) in reached) {
				done[nodes[j]] = 1
				circle = circle " " nodes[j]
			}
		circle = sorted(substr(circle, 2))
		circles++
		if (circle in entry)
			delete entry[circle]
		else
			breach("include circle: " circle)
	}
	for (circle in entry)
		breach(list ":" entry[circle] ": no circle any more: " circle)
	printf "%d modules, %d arrows between them by #include; circles: %d\n", n, arrows, circles
	exit bad
}

# shellcheck shell=bash disable=SC2154,SC2164 # scripts/check.sh's names and errexit
# SPDX-License-Identifier: MIT
# What `make install` leaves works without the source tree and goes away again; man pages
# and completion know the options that the programs have.  Everything below $scratch.

recorded

root="$scratch/the root" # DESTDIR is not split at spaces
there=$root/opt/dex
programs=$(cd build && find . -maxdepth 1 -type f -name 'dex*' -perm /1 -printf '%f\n' | sort)

# Its environment is empty but for the words in front.
install_sh() { env -i PATH="$PATH" DESTDIR="$root" PREFIX=/opt/dex "$@"; }

listing() { (cd "$1" && find . -printf '%y %m %p\n' | sort); }

# What others have there stays, and whole; their empty directories too.
there_and_back() {
	rm -rf "$root"
	mkdir -p "$there/bin" "$there/share/man" "$root/var/lib/dkms/dexbench"
	echo theirs >"$there/bin/theirs"
	listing "$root" >"$scratch/install-before"
	clean_make -s install DESTDIR="$root" PREFIX=/opt/dex
	listing "$root" >"$scratch/listed"
	same <(echo "$programs") <(cd "$there/bin" && find . -name 'dex*' -printf '%f\n' | sort)
	same <(echo "$programs") <(cd "$there/share/man/man1" && basename -s .1 -- * | sort)
	clean_make -s install DESTDIR="$root" PREFIX=/opt/dex/
	same "$scratch/listed" <(listing "$root")
	clean_make -s uninstall DESTDIR="$root" PREFIX=/opt/dex 2>"$scratch/said"
	grep 'dkms still has the module' "$scratch/said"
	same "$scratch/install-before" <(listing "$root")
	clean_make -s uninstall DESTDIR="$root" PREFIX=/opt/dex 2>&1 | grep 'nothing to remove'
}

nothing_stays() {
	rm -rf "$root"
	install_sh scripts/install.sh install
	install_sh scripts/install.sh uninstall
	[ -z "$(find "$root" -mindepth 1)" ] || { listing "$root"; return 1; }
}

# Another version takes the place of the first.
another_version() {
	rm -rf "$root"
	install_sh VERSION=1 scripts/install.sh install
	install_sh VERSION=1.1+a~2 scripts/install.sh install
	same <(echo dexbench-1.1+a~2) <(ls "$there/src")
	grep -x 'PACKAGE_VERSION="1.1+a~2"' "$there/src/dexbench-1.1+a~2/dkms.conf"
	refute grep -rF '@VERSION@' "$there"
	install_sh scripts/install.sh uninstall
	[ -z "$(find "$root" -mindepth 1)" ] || { listing "$root"; return 1; }
}

# What came until it broke off is on the list.
broken_off() {
	rm -rf "$root"
	mkdir -p "$there/bin/dexbench"
	listing "$root" >"$scratch/install-before"
	refused 2 "cannot overwrite directory" install_sh scripts/install.sh install
	[ -f "$there/bin/dex-compare" ]
	rmdir "$there/bin/dexbench"
	install_sh scripts/install.sh uninstall
	[ ! -e "$there/bin/dex-compare" ]
	mkdir -p "$there/bin/dexbench"
	same "$scratch/install-before" <(listing "$root")
}

# One clear line, and nothing is there.
read_only() {
	local user=()

	rm -rf "$root"
	mkdir -m 555 "$root"
	[ "$(id -u)" -ne 0 ] || user=(setpriv --reuid=65534 --clear-groups)
	chmod a+x "$all_scratch" "$scratch" # for that user
	refused 2 "Permission denied; run this as root, or choose another PREFIX= or DESTDIR=" \
		install_sh "${user[@]}" scripts/install.sh install
	[ -z "$(find "$root" -mindepth 1)" ] || { listing "$root"; return 1; }
	rc=0
	clean_make -s install DESTDIR=/proc/version 2>"$scratch/said" || rc=$?
	cat "$scratch/said"
	[ "$rc" -eq 2 ] && [ "$(grep -vc '^make' "$scratch/said")" -eq 1 ]
}

# away COMMAND...: elsewhere, with nothing in the environment that leads back.
away() (
	cd /
	env -i PATH=/usr/bin:/bin "$@"
)

works_from_there() {
	local page plan=(--pages=256 --touches=10 --atomic-cost=3 --device-fault=9000 --cpu-fault=20000)

	rm -rf "$root"
	clean_make -s install DESTDIR="$root" PREFIX=/opt/dex
	refute grep -rIlF --exclude-dir=doc "$DEX_TOP/" "$root"
	same <(echo "dexbench $(cat build/version)") <(away "$there/bin/dexbench" --version)
	same <(build/dexbench --list) <(away "$there/bin/dexbench" --list)
	cp -r "$RECORDED" "$scratch/away"
	away "$there/bin/dex-compare" "$scratch/away" >"$scratch/printed" || [ $? -eq 1 ]
	same "$RECORDED/report.txt" "$scratch/printed"
	same <(build/dex-plan "${plan[@]}") <(away "$there/bin/dex-plan" "${plan[@]}")
	for page in "$there"/share/man/man1/*; do
		grep -F '/opt/dex/share' "$page" >/dev/null
		refute grep -F '@' "$page"
	done
}

# The scripts for bare metal, on files that stand for a machine; a remedy names what is there.
scripts_from_there() {
	local machine=$scratch/metal remedy

	mkdir -p "$machine/proc/sys/kernel" "$machine/run"
	echo 1 >"$machine/proc/sys/kernel/numa_balancing"
	away DEXBENCH_SYSROOT="$machine" "$there/libexec/dexbench/host-check" --json >"$scratch/json" || [ $? -eq 3 ]
	remedy=$(jq -r '.[] | select(.check == "numa_balancing").remedy' "$scratch/json")
	same <(echo "sudo $there/libexec/dexbench/tune.sh tune") <(echo "$remedy")
	away DEXBENCH_SYSROOT="$machine" "$there/libexec/dexbench/tune.sh" tune
	same <(echo 0) "$machine/proc/sys/kernel/numa_balancing"
	away DEXBENCH_SYSROOT="$machine" "$there/libexec/dexbench/tune.sh" untune
	same <(echo 1) "$machine/proc/sys/kernel/numa_balancing"
	same <(echo 'a;b 1') <(printf 'a\n\tffff b ([kernel.kallsyms])\n\n' |
		away "$there/libexec/dexbench/perf-record.sh" --fold)
}

# version_in DIR [VARIABLE]: what its Makefile takes for the version.
# shellcheck disable=SC2016 # make's variable
version_in() { clean_make -s -C "$@" --eval='print-version: ; @echo $(VERSION)' print-version; }

version_of_a_tarball() {
	mkdir "$scratch/tarball"
	cp -r Makefile bench plots scripts tests "$scratch/tarball/"
	same <(echo unknown) <(version_in "$scratch/tarball")
	same <(echo 2.5) <(version_in "$scratch/tarball" VERSION=2.5)
}

# What make dist leaves builds where there is no git, and says which commit it is; twice the same bytes.
dist_builds() {
	local version file from=$scratch/dist-clone

	git clone -q "$DEX_TOP" "$from"
	version=$(git -C "$from" describe --always)
	file=$from/$(clean_make -s -C "$from" dist)
	same <(echo "dexbench-${version#v}.tar.gz") <(basename "$file")
	cp "$file" "$scratch/first.tar.gz"
	clean_make -s -C "$from" dist
	cmp "$file" "$scratch/first.tar.gz"
	tar xzf "$file" -C "$scratch"
	from=$scratch/$(basename -s .tar.gz "$file")
	clean_make -s -j "$(nproc)" -C "$from" OPT=-O0 bench
	same <(echo "dexbench $version") <("$from/build/dexbench" --version)
	refused 2 "is no git repository; a release is made from a clone" "$from/scripts/dist.sh"
}

# As root on bare metal, in the clone of whoever logged in: git must not refuse to say.
version_of_anothers_clone() {
	git clone -q "$DEX_TOP" "$scratch/clone"
	git ls-files -co --exclude-standard '*.mk' Makefile | xargs cp --parents -t "$scratch/clone"
	git -C "$scratch/clone" add -A
	git -C "$scratch/clone" -c user.name=x -c user.email=x@x commit -q --allow-empty -m x
	chown -R 65534 "$scratch/clone"
	version_in "$scratch/clone" | grep -Ex '[0-9a-f]{7,}|v?[0-9].*'
}

# Options as people type them, one a line; of a value that is one of a few words, these.
help_options() {
	"build/$1" --help | sed -n '/^  \(    \|-[A-Za-z], \)--/!d; s/^  \(    \|-[A-Za-z], \)//
		s/^\(--[a-z-]*=\)[^ ]*  *\([a-z0-9]*|[a-z0-9|]*\).*/\1\2/
		s/^\(--[a-z-]*\(=[^ ]*\)\{0,1\}\).*/\1/p' | sort
}
man_options() {
	sed -n 's/^\.It Fl [A-Za-z] , Fl Fl/.It Fl Fl/
		s/^\.It Fl Fl \([^ ]*\)$/--\1/p; s/^\.It Fl Fl \([^ ]*\) Ns = Ns Ar \([^ ]*\).*/--\1=\2/p' "$1" | sort
}

# Groups, and no option that reaches into the column of descriptions (lib/core/args.h says why); three blanks
# behind one that is longer than that.
help_is_a_table() {
	[ "$("build/$1" --help | grep -c '^ [A-Z].*:$')" -ge 3 ]
	"build/$1" --help | awk '/^  (    |-[A-Za-z], )--/ {
		n++; match($0, /--[^ ]+/); end = RSTART + RLENGTH
		if (end > 29 ? substr($0, end) !~ /^   [^ ]/ : substr($0, 29, 1) != " " || substr($0, 30) ~ /^ /) { print; bad = 1 }
	} END { exit bad || n < 6 }'
}

man_has_the_options() {
	[ "$(help_options "$1" | wc -l)" -gt 5 ]
	same <(help_options "$1") <(man_options "man/$1.1")
}

# All of them, of which help_options has what stands in the first line.
man_has_the_formats() {
	formats | grep -q 'text .* html'
	same <(formats | xargs -n 1) <(sed -n 's/^\.It Fl Fl format Ns = Ns Ar //p' man/dex-compare.1 | tr '|' ' ' | xargs -n 1)
}

# The comparison itself must be able to fail, both ways.
man_check_can_fail() {
	sed '/Fl Fl json/d' man/dex-compare.1 >"$scratch/less.1"
	refute same <(help_options dex-compare) <(man_options "$scratch/less.1")
	sed 's/Fl Fl json/Fl Fl jsonl/' man/dex-compare.1 >"$scratch/other.1"
	refute same <(help_options dex-compare) <(man_options "$scratch/other.1")
}

silent() {
	"$@" >/dev/null 2>"$scratch/said" || { cat "$scratch/said"; return 1; }
	same /dev/null "$scratch/said"
}

version_is_a_line() {
	same <(echo "$1 $(cat build/version)") <("build/$1" --version)
	same <("build/$1" --version) <("build/$1" -V)
	same <("build/$1" --help) <("build/$1" -h)
}

# completes WORD...: what bash would offer for the last one, sorted.
completes() {
	# shellcheck disable=SC2016 # the inner bash's
	bash -c '. "$0"; COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
		_dexbench "$1"; [ ${#COMPREPLY[@]} -eq 0 ] || printf "%s\n" "${COMPREPLY[@]}"' \
		scripts/completion.sh "$@" | sort
}

completion_has_the_options() {
	same <(help_options "$1" | sed 's/=.*/=/') <(completes "build/$1" --)
	same <(echo --help) <(completes "build/$1" --he)
}

# "=" separates words or does not, as COMP_WORDBREAKS says.
completes_values() {
	same <(printf '%s\n' exact lockstep parallel timing) <(completes build/dexbench --mode =)
	same <(echo exact) <(completes build/dexbench --mode = e)
	same <(echo --mode=exact) <(completes build/dexbench --mode=e)
	same <(echo exact) <(completes build/dexbench --mode ex)
	same <(printf '%s\n' no yes) <(completes build/dexbench --counters '')
	same /dev/null <(completes build/dexbench --list ex)
	same <(build/dexbench --list | jq -r '.[].case' | sort) <(completes build/dexbench --cases =)
	same <(echo convert_thp) <(completes build/dex-compare --case = convert_th)
	same <(printf '%s\n' p90 p99 p999) <(completes build/dex-compare --metric = p)
	same /dev/null <(completes build/dexbench --pages =)
	same /dev/null <(completes build/dexbench --no-such-option = x)
	same /dev/null <(completes "$scratch/no-such-program" --)
}

completes_names() {
	mkdir -p "$scratch/names/a plan"
	touch "$scratch/names/a file"
	same <(printf '%s\n' "$scratch/names/a file" "$scratch/names/a plan") <(completes build/dex-compare "$scratch/names/")
	same <(echo "$scratch/names/a plan") <(completes build/dexbench --out = "$scratch/names/")
	same <(printf '%s\n' "$scratch/names/a file" "$scratch/names/a plan") <(completes build/dex-compare --verify = "$scratch/names/a")
	same /dev/null <(completes build/dexbench "$scratch/names/")
}

# Where bash-completion looks for it by the name of the command: asked as bash would, for
# a command that it has no completion for.
completion_is_found() {
	local program

	for program in $programs; do
		# shellcheck disable=SC2016
		away XDG_DATA_DIRS="$there/share" bash -c '. /usr/share/bash-completion/bash_completion
			loader=$(complete -p -D); loader=${loader#*-F }; "${loader%% *}" "$1"
			complete -p "$1"' - "$program" | grep -e "-F _dexbench $program"
	done
}

# dkms_here WORD...: with trees of its own, and no key to sign with.
dkms_here() { sign_file=/nonexistent dkms "$@" --dkmstree "$scratch/dkms/tree" --sourcetree "$scratch/dkms/src"; }

# dkms itself cannot do with spaces in the path.
install_for_dkms() {
	rm -rf "$scratch/dkms"
	mkdir -p "$scratch/dkms/tree" "$scratch/dkms/src"
	install_sh DESTDIR="$scratch/dkms/root" VERSION=1.5 scripts/install.sh install
	dkms_here add "$scratch/dkms/root/opt/dex/src/dexbench-1.5"
}

# The installed source, as dkms takes and builds it, for a kernel from the cache.
dkms_builds() {
	local kernel release

	kernel=$(scripts/kernel/kernel.sh --json "$1")
	release=$(jq -r .release <<<"$kernel")
	install_for_dkms
	dkms_here build dexbench/1.5 -k "$release" --kernelsourcedir "$(jq -r .build_tree <<<"$kernel")" ||
		{ cat "$scratch"/dkms/tree/dexbench/1.5/build/make.log; return 1; }
	modinfo "$scratch/dkms/tree/dexbench/1.5/$release/"*/module/dexbench.ko* | grep -E "^vermagic: *$release "
	same /dev/null <(sed -n '/warning:/p' "$scratch/dkms/tree/dexbench/1.5/$release/"*/log/make.log)
}

# A kernel without the path is left out, with dkms's own words, and not an error later.
dkms_leaves_out() {
	install_for_dkms
	mkdir "$scratch/dkms/kernel"
	echo '# CONFIG_DEVICE_PRIVATE is not set' >"$scratch/dkms/kernel/.config"
	refute dkms_here build dexbench/1.5 -k 6.0.0 --kernelsourcedir "$scratch/dkms/kernel" >"$scratch/said" 2>&1
	grep BUILD_EXCLUSIVE "$scratch/said"
}

check "install and uninstall: there and back" there_and_back
check "uninstall leaves nothing behind" nothing_stays
check "install: another version takes the first one's place" another_version
check "install that broke off, then uninstall" broken_off
if [ "$(id -u)" -ne 0 ] || setpriv --reuid=65534 --clear-groups test -r scripts/install.sh; then
	check "install: no permission is one line" read_only
else
	skip "install: no permission is one line" "this clone is root's alone"
fi
check "install: PREFIX is absolute" refused 2 "give an absolute path" env PREFIX=x scripts/install.sh install
check "install: VERSION names a directory" refused 2 "it names a directory" \
	env PREFIX="$root" VERSION=a/b scripts/install.sh install
check "install: usage" refused 2 "usage: install.sh install|uninstall" scripts/install.sh remove
check "installed programs work without the tree" works_from_there
check "installed scripts work without the tree" scripts_from_there
check "version of a tarball is unknown, or what is given" version_of_a_tarball
check "make dist: it builds without git, and knows its version" dist_builds
if [ "$(id -u)" -eq 0 ]; then
	check "root knows the version of another's clone" version_of_anothers_clone
else
	skip "root knows the version of another's clone" "not root"
fi
for program in $programs; do
	check "$program --version is one line" version_is_a_line "$program"
	check "man $program has the options of --help, no more" man_has_the_options "$program"
	[ "$program" != dex-compare ] || check "man dex-compare has each format" man_has_the_formats
	check "completion of $program has the options of --help" completion_has_the_options "$program"
	check "$program --help has groups, and a column for options" help_is_a_table "$program"
	if command -v mandoc >/dev/null; then
		check "man $program: mandoc -T lint" silent mandoc -T lint -W warning "man/$program.1"
	else
		skip "man $program: mandoc -T lint" "mandoc: not found; install mandoc"
	fi
	if command -v man >/dev/null; then
		check "man $program: man --warnings" silent env LC_ALL=C.UTF-8 man --warnings -E UTF-8 -Tutf8 -l "man/$program.1"
	else
		skip "man $program: man --warnings" "man: not found; install man-db"
	fi
done
check "man pages: an option too few or too many is found" man_check_can_fail
check "completion of values" completes_values
check "completion of names of files" completes_names
if [ -f /usr/share/bash-completion/bash_completion ]; then
	check "completion is where bash-completion looks" completion_is_found
else
	skip "completion is where bash-completion looks" "bash-completion is not installed"
fi
if ! command -v dkms >/dev/null; then
	skip "dkms builds the installed source" "dkms: not found; install dkms"
elif [ "$(id -u)" -ne 0 ]; then
	skip "dkms builds the installed source" "dkms works for root alone"
else
	check "dkms builds the installed source" dkms_builds rmap-6.12
	check "dkms leaves out a kernel without the path" dkms_leaves_out
fi

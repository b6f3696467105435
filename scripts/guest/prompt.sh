# shellcheck shell=dash disable=SC2154,SC2164 # guest-init.sh has set -e; SPEC, MODE, MODULE, CONSOLE, COLUMNS and LINES are shell.sh's
# SPDX-License-Identifier: MIT
# The plan of a guest for somebody at the terminal (scripts/guest/shell.sh), where boot.sh's has cases:
# guest-init.sh sources it as soon as devices work.  The prompt comes also where the module does
# not load, for then it is wanted most.
export PATH=/bin:/dexbench PS1='guest:\w# ' HOME=/results
mkdir -p /results
cd /results
stty -F "/dev/$CONSOLE" columns "$COLUMNS" rows "$LINES" 2>/dev/null || true
printf '\nThis is %s, Linux %s; /dexbench has the programs and modules.\n' "$SPEC" "$(uname -r)"
if insmod /dexbench/dexbench.ko; then
	printf 'The module is loaded.  dexbench --list names the cases; dexbench --mode=%s --cases=NAME --out=/results runs one.\n' "$MODE"
	text=$(cat /sys/module/dexbench/sections/.text 2>/dev/null) || text=
	[ -z "$text" ] || printf 'Its symbols, in gdb: add-symbol-file %s %s\n' "$MODULE" "$text"
else
	printf 'The module does not load; dmesg has the reason.\n'
fi
printf 'Nothing is kept.  exit ends the guest; Ctrl-A X kills it.\n\n'
# The first to open a terminal in a session of its own gets its Ctrl-C.
setsid sh -c "exec sh -i </dev/$CONSOLE >/dev/$CONSOLE 2>&1" || true
reboot -f

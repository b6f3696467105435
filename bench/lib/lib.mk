# SPDX-License-Identifier: MIT
# Archives: build/DIR.a has what bench/DIR has, build/guest/DIR.a the same for guests.  A room takes from those behind it
# here, as bench/lib/README.md says, and so does the linker.
rooms	:= $(patsubst %,lib/%.a,mm workers trace mem machine core)
lib	:= $(addprefix build/,$(rooms))

# Also made anew when a file goes: an archive keeps nothing that is no longer there.
archive	= rm -f $@ && $(AR) rcs $@ $(filter %.o,$^)
.SECONDEXPANSION:
build/%.a: bench/% $$(call objects,$$(sort $$(wildcard bench/$$*/*.c)))
	$(archive)

// SPDX-License-Identifier: MIT
/*
 * The device's code as PTX, which every driver compiles for its own GPU.
 *
 * Threads add 1 in chunks of CHUNK; between chunks they look at the SM's cycle counter, so
 * that a launch ends by itself, and each leaves the number of its chunks in done[thread].
 * The address of add_scatter goes through a mask that is known at run time only: with a
 * mask of 0 all threads hit one word, but the assembler cannot prove it.  Where it
 * can (add_uniform) it turns a warp's adds into one, also at system scope; the test of
 * the assembled code (tests/e2e/part-gpu.sh) shows that it does there and not here.
 *
 * sm_70 is the first with scopes; the second target is for drivers that refuse it.
 */
#include "gpu/cuda.h"

#include "gpu/gpu.h"
#include "lib/core/die.h"

static const char *const targets[CUDA_TARGETS][2] = { { "6.2", "sm_70" }, { "6.3", "sm_75" } };

/* %rd1 base, %rd2 done[], %r1 the thread, %r2 all threads, %r3 mask, %r4 chunks, %r15 scale;
 * %rd5 the first cycle, %rd6 cycles allowed, %r5 chunks done. */
#define BEGIN(name)                                                                      \
	".visible .entry " name "(.param .u64 p_base, .param .u64 p_done,\n"             \
	"  .param .u32 p_mask, .param .u32 p_chunks, .param .u64 p_cycles,\n"            \
	"  .param .u32 p_scale)\n"                                                       \
	"{ .reg .pred %p<4>; .reg .u32 %r<24>; .reg .u64 %rd<16>;\n"                     \
	"  ld.param.u64 %rd1,[p_base]; ld.param.u64 %rd2,[p_done];\n"                    \
	"  ld.param.u32 %r3,[p_mask]; ld.param.u32 %r4,[p_chunks];\n"                    \
	"  ld.param.u64 %rd6,[p_cycles]; ld.param.u32 %r15,[p_scale];\n"                 \
	"  cvta.to.global.u64 %rd1,%rd1; cvta.to.global.u64 %rd2,%rd2;\n"                \
	"  mov.u32 %r6,%ctaid.x; mov.u32 %r7,%ntid.x; mov.u32 %r8,%tid.x;\n"             \
	"  mov.u32 %r9,%nctaid.x; mad.lo.u32 %r1,%r6,%r7,%r8; mul.lo.u32 %r2,%r9,%r7;\n" \
	"  mov.u64 %rd5,%clock64; mov.u32 %r5,0; mov.u32 %r10,%r1;\n"                    \
	"CHUNK:\n"                                                                       \
	"  mov.u64 %rd7,%clock64; sub.u64 %rd7,%rd7,%rd5; setp.gt.u64 %p1,%rd7,%rd6;\n"  \
	"  @%p1 bra DONE; setp.ge.u32 %p2,%r5,%r4; @%p2 bra DONE;\n"
#define END                                                                              \
	"  add.u32 %r5,%r5,1; bra CHUNK;\n"                                              \
	"DONE:\n"                                                                        \
	"  mul.wide.u32 %rd8,%r1,4; add.u64 %rd8,%rd2,%rd8; st.global.u32 [%rd8],%r5;\n" \
	"  ret; }\n"
#define EIGHT(step) step step step step step step step step

/* The word is ((thread + i * threads) & mask) * scale / 4. */
#define SCATTER(scope)                                                                          \
	BEGIN("add_scatter_" scope)                                                             \
	EIGHT("  and.b32 %r11,%r10,%r3; mul.wide.u32 %rd9,%r11,%r15; add.u64 %rd9,%rd1,%rd9;\n" \
	      "  red.relaxed." scope ".global.add.u32 [%rd9],1; add.u32 %r10,%r10,%r2;\n")      \
	END
#define UNIFORM(scope)              \
	BEGIN("add_uniform_" scope) \
	EIGHT("  red.relaxed." scope ".global.add.u32 [%rd1],1;\n") END
/* The lowest active lane adds what all of them would have; its address is masked as above,
 * or the assembler would aggregate once more. */
#define AGGREGATED(scope)                                                                     \
	BEGIN("add_aggregated_" scope)                                                        \
	"  activemask.b32 %r12; popc.b32 %r13,%r12; mov.u32 %r14,%lanemask_lt;\n"             \
	"  and.b32 %r14,%r14,%r12; setp.eq.u32 %p3,%r14,0;\n"                                 \
	"  and.b32 %r11,%r10,%r3; mul.wide.u32 %rd9,%r11,4; add.u64 %rd9,%rd1,%rd9;\n" EIGHT( \
		"  @%p3 red.relaxed." scope ".global.add.u32 [%rd9],%r13;\n") END
/* One thread, one word a page, p_mask pages, twice; done[] are ns.  The branch on
 * the atomic's result makes the second stamp wait for it. */
#define STAMPED(scope)                                                                \
	".visible .entry stamped_" scope "(.param .u64 p_base, .param .u64 p_done,\n" \
	"  .param .u32 p_mask, .param .u32 p_chunks, .param .u64 p_cycles,\n"         \
	"  .param .u32 p_scale)\n"                                                    \
	"{ .reg .pred %p<2>; .reg .u32 %r<12>; .reg .u64 %rd<12>;\n"                  \
	"  ld.param.u64 %rd1,[p_base]; ld.param.u64 %rd2,[p_done];\n"                 \
	"  ld.param.u32 %r3,[p_mask];\n"                                              \
	"  cvta.to.global.u64 %rd1,%rd1; cvta.to.global.u64 %rd2,%rd2;\n"             \
	"  mov.u32 %r6,%tid.x; mul.wide.u32 %rd5,%r6,4; add.u64 %rd1,%rd1,%rd5;\n"    \
	"  mov.u32 %r1,0; mov.u32 %r2,0; mov.u64 %rd3,%rd1;\n"                        \
	"NEXT:\n"                                                                     \
	"  mov.u64 %rd4,%globaltimer;\n"                                              \
	"  atom.relaxed." scope ".global.add.u32 %r4,[%rd3],1;\n"                     \
	"  setp.eq.u32 %p1,%r4,0xffffffff; @%p1 bra OUT;\n"                           \
	"  mov.u64 %rd6,%globaltimer; sub.u64 %rd6,%rd6,%rd4;\n"                      \
	"  cvt.u32.u64 %r5,%rd6; st.global.u32 [%rd2],%r5;\n"                         \
	"  add.u64 %rd2,%rd2,4; add.u64 %rd3,%rd3,4096; add.u32 %r1,%r1,1;\n"         \
	"  setp.lt.u32 %p1,%r1,%r3; @%p1 bra NEXT;\n"                                 \
	"  mov.u32 %r1,0; mov.u64 %rd3,%rd1; add.u32 %r2,%r2,1;\n"                    \
	"  setp.lt.u32 %p1,%r2,2; @%p1 bra NEXT;\n"                                   \
	"OUT: ret; }\n"
#define BOTH(kernel) kernel("gpu") kernel("sys")

static const char code[] = BOTH(SCATTER) BOTH(UNIFORM) BOTH(AGGREGATED) BOTH(STAMPED);

const char *cuda_target(size_t i)
{
	return targets[i][1];
}

char *cuda_ptx(size_t i)
{
	return xasprintf(".version %s\n.target %s\n.address_size 64\n%s", targets[i][0],
			 targets[i][1], code);
}

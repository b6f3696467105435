// SPDX-License-Identifier: MIT
/*
 * The ioctl ABI, frozen: what a module and a program of different builds must
 * agree on.  A change here is a change of DEX_ABI_VERSION.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "../kernel-module/dex_uapi.h"

static void layout_is_frozen(void **state)
{
	(void)state;
	assert_int_equal(DEX_ABI_VERSION, 6);
	assert_int_equal(sizeof(struct dex_info), 24);
	assert_int_equal(sizeof(struct dex_run), 64);
	assert_int_equal(offsetof(struct dex_run, batch), 32);
	assert_int_equal(offsetof(struct dex_run, samples), 40);
	assert_int_equal(sizeof(struct dex_watch), 24);
	assert_int_equal(sizeof(struct dex_events), 8 + 8 * DEX_EVENTS * DEX_OWNERS * DEX_EXTENTS);
	assert_int_equal(DEX_EVENTS, 8);
	assert_int_equal(sizeof(struct dex_hold), 24);
	assert_int_equal(offsetof(struct dex_hold, sample), 20);
	assert_int_equal(sizeof(struct dex_loop), 88);
	assert_int_equal(offsetof(struct dex_loop, run), 24);
	assert_int_equal(sizeof(struct dex_device), 40);
	assert_int_equal(sizeof(struct dex_entry), 8);
	assert_int_equal(sizeof(struct dex_job), 88);
	assert_int_equal(offsetof(struct dex_job, burst), 72);
	assert_int_equal(sizeof(struct dex_state), 72 + 8 * DEX_MAX_ENGINES);
	assert_int_equal(offsetof(struct dex_state, samples), 64);
	assert_int_equal(sizeof(struct dex_private), 16);
	assert_int_equal(sizeof(struct dex_migrate), 72);
	assert_int_equal(offsetof(struct dex_migrate, run), 8);
	assert_int_equal(sizeof(struct dex_frames), 40);
	assert_int_equal(DEX_STAGES, 4);
	assert_int_equal(sizeof(struct dex_hmm), 96);
	assert_int_equal(offsetof(struct dex_hmm, run), 32);
}

static void sample_is_sixteen_bytes(void **state)
{
	(void)state;
	assert_int_equal(sizeof(struct dex_sample), 16);
	assert_int_equal(offsetof(struct dex_sample, ticks), 8);
	assert_int_equal(offsetof(struct dex_sample, error), 12);
	assert_int_equal(offsetof(struct dex_sample, ok), 14);
}

static void request_codes_are_frozen(void **state)
{
	(void)state;
	assert_int_equal(DEX_IOC_INFO, 0xc0187840);
	assert_int_equal(DEX_IOC_NOP, 0x7841);
	assert_int_equal(DEX_IOC_CLOCK, 0xc0407842);
	assert_int_equal(DEX_IOC_GUP, 0xc0407843);
	assert_int_equal(DEX_IOC_CONVERT, 0xc0407844);
	assert_int_equal(DEX_IOC_WATCH, 0x40187845);
	assert_int_equal(DEX_IOC_HOLD, 0x40187847);
	assert_int_equal(DEX_IOC_LOOP, 0xc0587848);
	assert_int_equal(DEX_IOC_DEVICE, 0x40287849);
	assert_int_equal(DEX_IOC_JOB, 0x4058784a);
	assert_int_equal(DEX_IOC_STATE, 0xc0c8784b);
	assert_int_equal(DEX_IOC_PIN, 0xc0407850);
	assert_int_equal(DEX_IOC_UNPIN, 0xc0407851);
	assert_int_equal(DEX_IOC_PRIVATE, 0x4010784c);
	assert_int_equal(DEX_IOC_MIGRATE, 0xc048784d);
	assert_int_equal(DEX_IOC_FRAMES, 0xc028784e);
	assert_int_equal(DEX_IOC_HMM, 0xc060784f);
}

static void zero_is_no_enumerator(void **state)
{
	(void)state;
	assert_int_equal(DEX_BODY_RANGE, 1);
	assert_int_equal(DEX_WALK_RMAP, 1);
	assert_int_equal(DEX_PATTERN_NOUVEAU, 1);
	assert_int_equal(DEX_OP_ADD, 1);
	assert_int_equal(DEX_OP_TORN, 4);
	assert_int_equal(DEX_ACCESS_ONE, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(layout_is_frozen),
		cmocka_unit_test(sample_is_sixteen_bytes),
		cmocka_unit_test(request_codes_are_frozen),
		cmocka_unit_test(zero_is_no_enumerator),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * The walk switch: one kernel image, two ways to make a page device-exclusive.
 *
 * Compiled into mm/ of a kernel that still has make_device_exclusive_range()
 * (5.14 to 6.14; folio_walk_start() is needed, so 6.12 in practice).  Upstream's
 * function is renamed inside rmap.o by a compiler flag, and this file defines
 * the name that drivers link against.  The boot parameter
 *
 *	dexbench_walk=rmap	upstream's rmap walk (the default)
 *	dexbench_walk=folio	the folio walk below
 *
 * patches a static call, so both walks run from the same image with the same
 * layout.  The folio walk changes the walk and nothing around it: one GUP per
 * range, folio trylock, the notifier pair, the entry type and the rmap removal
 * are what 6.12 does, because its fault-back and fork paths rely on them.  The
 * idea of looking up the single writable PTE of an exclusive anonymous page is
 * mainline commit 438354724f69 ("mm/rmap: implement make_device_exclusive()
 * using folio_walk instead of rmap walk").
 *
 * Not modelled, hence not part of the difference between the two walks: the
 * per-page API of 6.15, the sleeping folio lock, the untouched mapcount.
 *
 * To test the instrument itself a second parameter,
 *
 *	dexbench_inject=N	N more instructions in each call of the folio walk
 *
 * puts N = 0 to 4096 loads that nothing depends on in front of it: a call into
 * the last N of a row of them.  The detour costs the same for every N, 0
 * included; without the parameter there is none.
 */
#include <linux/export.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/mmu_notifier.h>
#include <linux/pagewalk.h>
#include <linux/rmap.h>
#include <linux/static_call.h>
#include <linux/string.h>
#include <linux/stringify.h>
#include <linux/swap.h>
#include <linux/swapops.h>

#include <asm/tlbflush.h>

int make_device_exclusive_range_rmap(struct mm_struct *mm, unsigned long start, unsigned long end,
				     struct page **pages, void *owner);
bool dexbench_walk_is_folio(void);

/* Where the call goes is decided once, at boot. */
DEFINE_STATIC_CALL(dexbench_walk, make_device_exclusive_range_rmap);
static bool walk_is_folio __ro_after_init;

/* True while the range call takes the folio walk; the module asks it. */
bool dexbench_walk_is_folio(void)
{
	return walk_is_folio;
}
EXPORT_SYMBOL_GPL(dexbench_walk_is_folio);

/* Replace the PTE found by @fw; its lock is held, its page is exclusive. */
static void replace_pte(struct folio_walk *fw, struct folio *folio, struct vm_area_struct *vma,
			unsigned long addr)
{
	pte_t old, new;

	flush_cache_page(vma, addr, page_to_pfn(fw->page));
	old = ptep_clear_flush(vma, addr, fw->ptep);
	if (pte_dirty(old))
		folio_mark_dirty(folio);

	new = swp_entry_to_pte(make_writable_device_exclusive_entry(page_to_pfn(fw->page)));
	if (pte_soft_dirty(old))
		new = pte_swp_mksoft_dirty(new);
	if (pte_uffd_wp(old))
		new = pte_swp_mkuffd_wp(new);
	set_pte_at(vma->vm_mm, addr, fw->ptep, new);
	folio_remove_rmap_pte(folio, fw->page, vma);
}

/*
 * Convert the one PTE that maps @page at @addr.  A writable PTE of an
 * anonymous folio is the only mapping of its page, so no other has to go.
 */
static bool convert_page(struct mm_struct *mm, unsigned long addr, struct page *page, void *owner)
{
	struct vm_area_struct *vma = vma_lookup(mm, addr);
	struct folio *folio = page_folio(page);
	struct mmu_notifier_range range;
	struct folio *found;
	struct folio_walk fw;
	bool done = false;

	if (!vma || !folio_test_anon(folio) || folio_test_hugetlb(folio))
		return false;

	mmu_notifier_range_init_owner(&range, MMU_NOTIFY_EXCLUSIVE, 0, mm, addr, addr + PAGE_SIZE,
				      owner);
	mmu_notifier_invalidate_range_start(&range);
	found = folio_walk_start(&fw, vma, addr, 0);
	if (found) {
		done = fw.page == page && fw.level == FW_LEVEL_PTE && pte_write(fw.pte);
		if (done)
			replace_pte(&fw, folio, vma, addr);
		folio_walk_end(&fw, vma);
	}
	mmu_notifier_invalidate_range_end(&range);
	return done;
}

static int folio_walk_range(struct mm_struct *mm, unsigned long start, unsigned long end,
			    struct page **pages, void *owner)
{
	long i, n;

	n = get_user_pages_remote(mm, start, (end - start) >> PAGE_SHIFT,
				  FOLL_GET | FOLL_WRITE | FOLL_SPLIT_PMD, pages, NULL);
	for (i = 0; i < n; i++, start += PAGE_SIZE) {
		struct folio *folio = page_folio(pages[i]);

		if (folio_trylock(folio)) {
			if (convert_page(mm, start, pages[i], owner))
				continue;
			folio_unlock(folio);
		}
		folio_put(folio);
		pages[i] = NULL;
	}
	return n;
}

/*
 * Loads, because every machine has to do something for them: QEMU makes nothing
 * of a no-op.  Each is four bytes long.
 */
#define SLED_LOADS 4096

/* clang-format off */
asm(".pushsection .text\n"
    ".type dexbench_sled, @function\n"
    "dexbench_sled:\n"
    ".rept " __stringify(SLED_LOADS) "\n"
    "	movq (%rsp), %rax\n"
    ".endr\n"
    "	ret\n"
    ".size dexbench_sled, . - dexbench_sled\n"
    ".popsection");
/* clang-format on */

extern char dexbench_sled[];
static void *sled_entry __ro_after_init;

static int folio_walk_injected(struct mm_struct *mm, unsigned long start, unsigned long end,
			       struct page **pages, void *owner)
{
	asm volatile("call *%[sled]"
		     : ASM_CALL_CONSTRAINT
		     : [sled] "m"(sled_entry)
		     : "rax", "memory");
	return folio_walk_range(mm, start, end, pages, owner);
}

int make_device_exclusive_range(struct mm_struct *mm, unsigned long start, unsigned long end,
				struct page **pages, void *owner)
{
	return static_call(dexbench_walk)(mm, start, end, pages, owner);
}
EXPORT_SYMBOL_GPL(make_device_exclusive_range);

static int __init parse_walk(char *arg)
{
	if (!arg)
		return -EINVAL;
	walk_is_folio = !strcmp(arg, "folio");
	return walk_is_folio || !strcmp(arg, "rmap") ? 0 : -EINVAL;
}
early_param("dexbench_walk", parse_walk);

static int __init parse_inject(char *arg)
{
	unsigned int loads;
	int error = arg ? kstrtouint(arg, 10, &loads) : -EINVAL;

	if (error || loads > SLED_LOADS)
		return error ? error : -ERANGE;
	sled_entry = dexbench_sled + 4 * (SLED_LOADS - loads);
	return 0;
}
early_param("dexbench_inject", parse_inject);

static int __init select_walk(void)
{
	if (walk_is_folio && sled_entry)
		static_call_update(dexbench_walk, folio_walk_injected);
	else if (walk_is_folio)
		static_call_update(dexbench_walk, folio_walk_range);
	return 0;
}
core_initcall(select_walk);

// SPDX-License-Identifier: GPL-2.0-only
/*
 * dexbench: drive the kernel's device-exclusive path and time it.
 *
 * This file is the door: open, map, check a request, hand it to the room that
 * does it, copy the answer out.  What it lets through is bounded and belongs
 * to the process that opened the device.
 */
#include <linux/capability.h>
#include <linux/fs.h>
#include <linux/log2.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "compat.h"
#include "dex.h"

static int dex_open(struct inode *inode, struct file *file)
{
	struct dex_file *f;

	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	f = kzalloc(sizeof(*f), GFP_KERNEL_ACCOUNT);
	if (!f)
		return -ENOMEM;
	sema_init(&f->lock, 1);
	spin_lock_init(&f->mirror_lock);
	f->mm = current->mm;
	mmgrab(f->mm);
	f->owner = get_task_struct(current->group_leader);
	dex_hold_init(f);
	file->private_data = f;
	return 0;
}

/* The last reference is gone, so no mapping of the buffer is left either. */
static int dex_release(struct inode *inode, struct file *file)
{
	struct dex_file *f = file->private_data;

	dex_mirror_free(f->mirror);
	dex_private_free(f);
	dex_watch_stop(f);
	dex_hold_stop(f);
	dex_buffer_free(f);
	put_task_struct(f->owner);
	mmdrop(f->mm);
	kfree(f);
	return 0;
}

static long ioc_info(void __user *arg)
{
	struct dex_info info = {
		.size = sizeof(info),
		.abi = DEX_ABI_VERSION,
		.body = DEX_BODY,
		.walk = dex_walk_flavour(),
		.clock_khz = dex_clock_khz(),
		.max_batch = dex_max_batch(),
	};
	u32 size;

	if (get_user(size, (u32 __user *)arg))
		return -EFAULT;
	if (size != sizeof(info))
		return -EINVAL;
	return copy_to_user(arg, &info, sizeof(info)) ? -EFAULT : 0;
}

int dex_check_run(struct dex_file *f, const struct dex_run *run)
{
	u64 length, last;

	if (run->size != sizeof(*run) || run->flags || run->reserved)
		return -EINVAL;
	if (!run->count || !run->batch || run->batch > DEX_MAX_BATCH)
		return -EINVAL;
	if (!IS_ALIGNED(run->start | run->stride, PAGE_SIZE))
		return -EINVAL;
	if (check_mul_overflow(run->count - 1, run->stride, &last) ||
	    check_add_overflow(last, run->start, &last))
		return -EINVAL;
	length = (u64)run->batch << PAGE_SHIFT;
	if (last > TASK_SIZE || length > TASK_SIZE - last)
		return -EINVAL;
	/* Pairs with dex_mmap(): a buffer that is seen has its size set. */
	if (!smp_load_acquire(&f->samples) || run->count > f->max_samples)
		return -ENOBUFS;
	return 0;
}

static long ioc_run(struct dex_file *f, unsigned int cmd, void __user *arg)
{
	struct dex_run run;
	int rc;

	if (copy_from_user(&run, arg, sizeof(run)))
		return -EFAULT;
	rc = dex_check_run(f, &run);
	if (rc)
		return rc;
	switch (cmd) {
	case DEX_IOC_CLOCK:
		rc = dex_clock(f, &run);
		break;
	case DEX_IOC_GUP:
		rc = run.batch == 1 ? dex_gup(f, &run) : -EINVAL;
		break;
	case DEX_IOC_PIN:
	case DEX_IOC_UNPIN:
		rc = DEX_FOLL_NOFAULT ? dex_pin(f, &run, cmd == DEX_IOC_UNPIN) : -EOPNOTSUPP;
		break;
	default:
		rc = run.batch <= dex_max_batch() ? dex_convert(f, &run) : -EOPNOTSUPP;
	}
	if ((!rc || rc == -EINTR) && copy_to_user(arg, &run, sizeof(run)))
		return -EFAULT;
	return rc;
}

static long ioc_watch(struct dex_file *f, void __user *arg)
{
	struct dex_watch watch;

	if (copy_from_user(&watch, arg, sizeof(watch)))
		return -EFAULT;
	if (watch.size != sizeof(watch) || watch.flags ||
	    !IS_ALIGNED(watch.start | watch.length, PAGE_SIZE) || watch.length > TASK_SIZE ||
	    watch.start > TASK_SIZE - watch.length)
		return -EINVAL;
	if (watch.length)
		return dex_watch_start(f, watch.start, watch.length);
	dex_watch_stop(f);
	return 0;
}

static long ioc_events(struct dex_file *f, void __user *arg)
{
	struct dex_events *events;
	long rc = 0;

	events = memdup_user(arg, sizeof(*events));
	if (IS_ERR(events))
		return PTR_ERR(events);
	if (events->size != sizeof(*events) || events->reserved) {
		rc = -EINVAL;
		goto out_free;
	}
	dex_watch_read(f, events);
	if (copy_to_user(arg, events, sizeof(*events)))
		rc = -EFAULT;
out_free:
	kfree(events);
	return rc;
}

static long ioc_hold(struct dex_file *f, void __user *arg)
{
	struct dex_hold hold;

	if (copy_from_user(&hold, arg, sizeof(hold)))
		return -EFAULT;
	if (hold.size != sizeof(hold) || hold.flags || hold.ns > DEX_MAX_HOLD_NS ||
	    !IS_ALIGNED(hold.start, PAGE_SIZE) || hold.start > TASK_SIZE - PAGE_SIZE)
		return -EINVAL;
	if (!hold.ns) {
		if (hold.start || hold.sample)
			return -EINVAL;
		dex_hold_stop(f);
		return 0;
	}
	/* Pairs with dex_mmap(), as in dex_check_run(). */
	if (!smp_load_acquire(&f->samples) || hold.sample >= f->max_samples)
		return -ENOBUFS;
	return dex_hold_start(f, &hold);
}

static int check_loop(struct dex_file *f, const struct dex_loop *loop)
{
	const struct dex_run *run = &loop->run;

	if (loop->size != sizeof(*loop) || loop->flags & ~DEX_LOOP_CURE || !loop->max_iterations ||
	    loop->max_iterations > DEX_MAX_LOOPS)
		return -EINVAL;
	switch (loop->pattern) {
	case DEX_PATTERN_NOUVEAU:
		if (run->batch != 1)
			return -EINVAL;
		break;
	case DEX_PATTERN_UVM:
		if (!is_power_of_2(run->batch) ||
		    !IS_ALIGNED(run->start | run->stride, (u64)run->batch << PAGE_SHIFT))
			return -EINVAL;
		break;
	default:
		return -EINVAL;
	}
	return dex_check_run(f, run);
}

static long ioc_loop(struct dex_file *f, void __user *arg)
{
	struct dex_loop loop;
	int rc;

	if (copy_from_user(&loop, arg, sizeof(loop)))
		return -EFAULT;
	rc = check_loop(f, &loop);
	if (rc)
		return rc;
	rc = dex_loop(f, &loop);
	if ((!rc || rc == -EINTR) && copy_to_user(arg, &loop, sizeof(loop)))
		return -EFAULT;
	return rc;
}

/* Under f->lock. */
static void set_mirror(struct dex_file *f, struct dex_mirror *m)
{
	spin_lock(&f->mirror_lock);
	f->mirror = m;
	spin_unlock(&f->mirror_lock);
}

static long ioc_device(struct dex_file *f, void __user *arg)
{
	struct dex_mirror *m = f->mirror;
	struct dex_device device;

	if (copy_from_user(&device, arg, sizeof(device)))
		return -EFAULT;
	if (device.size != sizeof(device) || device.reserved)
		return -EINVAL;
	if (device.length) {
		if (m)
			return -EBUSY;
		m = dex_mirror_new(f, &device);
		if (IS_ERR(m))
			return PTR_ERR(m);
		set_mirror(f, m);
		return 0;
	}
	if (device.flags || device.start || device.engines || device.cpu || device.granule)
		return -EINVAL;
	set_mirror(f, NULL);
	dex_mirror_free(m);
	return 0;
}

static long ioc_job(struct dex_file *f, void __user *arg)
{
	struct dex_job job;

	if (copy_from_user(&job, arg, sizeof(job)))
		return -EFAULT;
	if (job.size != sizeof(job))
		return -EINVAL;
	/* Pairs with dex_mmap(), as in dex_check_run(). */
	if (job.samples && (!smp_load_acquire(&f->samples) || job.samples > f->max_samples))
		return -ENOBUFS;
	return f->mirror ? dex_job_start(f->mirror, &job) : -ENODEV;
}

static int begin(struct dex_file *f)
{
	return down_interruptible(&f->lock) ? dex_interrupted() : 0;
}

/* Stopping and waiting is no request that others would have to wait for. */
static int stop_or_wait(struct dex_file *f, u32 flags)
{
	struct dex_mirror *m = dex_mirror_get(f);
	int rc;

	if (!m)
		return -ENODEV;
	rc = dex_job_wait(m, flags);
	dex_mirror_put(m);
	return rc;
}

static long ioc_state(struct dex_file *f, void __user *arg)
{
	struct dex_state state;
	int rc;

	if (copy_from_user(&state, arg, sizeof(state)))
		return -EFAULT;
	if (state.size != sizeof(state) || state.flags & ~(DEX_STATE_STOP | DEX_STATE_WAIT) ||
	    state.reserved)
		return -EINVAL;
	rc = stop_or_wait(f, state.flags);
	if (rc)
		return rc;
	rc = begin(f);
	if (rc)
		return rc;
	if (f->mirror)
		dex_job_state(f->mirror, &state);
	else
		rc = -ENODEV;
	up(&f->lock);
	if (!rc && copy_to_user(arg, &state, sizeof(state)))
		return -EFAULT;
	return rc;
}

static long dex_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct dex_file *f = file->private_data;
	void __user *p = (void __user *)arg;
	long rc;

	if (f->mm != current->mm)
		return -EPERM;
	if (cmd == DEX_IOC_NOP)
		return 0;
	if (cmd == DEX_IOC_STATE)
		return ioc_state(f, p);
	rc = begin(f);
	if (rc)
		return rc;
	rc = -ENOTTY;
	switch (cmd) {
	case DEX_IOC_INFO:
		rc = ioc_info(p);
		break;
	case DEX_IOC_CLOCK:
	case DEX_IOC_GUP:
	case DEX_IOC_CONVERT:
	case DEX_IOC_PIN:
	case DEX_IOC_UNPIN:
		rc = ioc_run(f, cmd, p);
		break;
	case DEX_IOC_WATCH:
		rc = ioc_watch(f, p);
		break;
	case DEX_IOC_EVENTS:
		rc = ioc_events(f, p);
		break;
	case DEX_IOC_HOLD:
		rc = ioc_hold(f, p);
		break;
	case DEX_IOC_LOOP:
		rc = ioc_loop(f, p);
		break;
	case DEX_IOC_DEVICE:
		rc = ioc_device(f, p);
		break;
	case DEX_IOC_JOB:
		rc = ioc_job(f, p);
		break;
	case DEX_IOC_PRIVATE:
	case DEX_IOC_MIGRATE:
	case DEX_IOC_FRAMES:
		rc = dex_private_ioctl(f, cmd, p);
		break;
	case DEX_IOC_HMM:
		rc = dex_hmm_ioctl(f, p);
		break;
	}
	up(&f->lock);
	return rc;
}

/* .owner keeps the module loaded while a file or a mapping is open. */
static const struct file_operations dex_fops = {
	.owner = THIS_MODULE,
	.open = dex_open,
	.release = dex_release,
	.mmap = dex_mmap,
	.unlocked_ioctl = dex_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
};

static struct miscdevice dex_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "dexbench",
	.mode = 0600,
	.fops = &dex_fops,
};
module_misc_device(dex_device);

MODULE_AUTHOR("dexbench developers");
MODULE_DESCRIPTION("Times the device-exclusive path for dexbench");
MODULE_LICENSE("GPL");

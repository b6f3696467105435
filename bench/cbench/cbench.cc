// SPDX-License-Identifier: MIT
// The only C++ file: see cbench.h for the contract.
//
// Google Benchmark carries no version macro before 1.9.2, so members that
// came later are found by overload resolution: the overload with `int` is
// taken where the member exists, the one with `long` elsewhere.
#include "cbench.h"

#include <benchmark/benchmark.h>

#include <cmath>
#include <cstring>
#include <exception>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

using benchmark::State;
// Its namespace has moved between versions; its maker's name has not.
using Bench = std::remove_pointer_t<decltype(benchmark::RegisterBenchmark(
	"", std::declval<void (*)(State &)>()))>;
using Run = benchmark::BenchmarkReporter::Run;

struct cbench_state {
	State &state;
};

namespace
{

const char skip_mark[] = "skipped: ";
std::string last_error;
bool wants_file;
bool file_is_csv;

Bench *unwrap(cbench_bench *b) { return reinterpret_cast<Bench *>(b); }
cbench_bench *wrap(Bench *b) { return reinterpret_cast<cbench_bench *>(b); }

// Nothing may be thrown into C: run, or keep the reason and return `failed`.
template <class F, class R> R guarded(F f, R failed)
{
	last_error.clear();
	try {
		return f();
	} catch (const std::exception &e) {
		last_error = e.what();
	} catch (...) {
		last_error = "unknown C++ exception";
	}
	return failed;
}

// A setter on a benchmark that may be NULL already.
template <class F> cbench_bench *set(cbench_bench *b, F f)
{
	if (!b)
		return nullptr;
	return guarded([&] { return f(unwrap(b)), b; }, (cbench_bench *)nullptr);
}

// 1.8.0: State::SkipWithMessage().
template <class S> auto skip(S &s, const std::string &m, int) -> decltype(s.SkipWithMessage(m))
{
	s.SkipWithMessage(m);
}
template <class S> void skip(S &s, const std::string &m, long)
{
	s.SkipWithError((skip_mark + m).c_str());
}

// 1.8.0: Run::error_occurred became Run::skipped, error_message skip_message.
template <class R> auto message(const R &r, int) -> decltype(r.skip_message)
{
	return r.skip_message;
}
template <class R> std::string message(const R &r, long) { return r.error_message; }

template <class R> auto outcome(const R &r, int) -> decltype(r.skipped, 0)
{
	if (!r.skipped)
		return CBENCH_OK;
	return r.skipped == decltype(r.skipped)(1) ? CBENCH_SKIPPED : CBENCH_FAILED;
}
template <class R> int outcome(const R &r, long)
{
	if (!r.error_occurred)
		return CBENCH_OK;
	return r.error_message.rfind(skip_mark, 0) == 0 ? CBENCH_SKIPPED : CBENCH_FAILED;
}

std::vector<Run> without_time(std::vector<Run> runs)
{
	for (Run &r : runs)
		r.real_accumulated_time = r.cpu_accumulated_time = 0;
	return runs;
}

// A library reporter that is shown no times.
template <class Base> class Timeless : public Base
{
      public:
	void ReportRuns(const std::vector<Run> &runs) override
	{
		Base::ReportRuns(without_time(runs));
	}
};

// Hands every single run to a C callback; aggregates are left to files.
class Forward : public benchmark::BenchmarkReporter
{
      public:
	explicit Forward(const cbench_options &o) : options(o) {}
	bool ReportContext(const Context &) override { return true; }
	void ReportRuns(const std::vector<Run> &runs) override
	{
		for (const Run &r : runs)
			if (r.run_type == Run::RT_Iteration)
				report(r);
	}

      private:
	void report(const Run &r)
	{
		std::string name = r.benchmark_name(), text = message(r, 0);
		int what = outcome(r, 0);
		bool timed = what == CBENCH_OK && r.iterations && !(options.flags & CBENCH_NO_TIME);
		double per_ns = 1e9 / (timed ? double(r.iterations) : 1);

		if (what == CBENCH_SKIPPED && text.rfind(skip_mark, 0) == 0)
			text.erase(0, sizeof(skip_mark) - 1);
		cbench_result out = { sizeof(out),
				      what,
				      name.c_str(),
				      text.c_str(),
				      r.report_label.c_str(),
				      int64_t(r.iterations),
				      timed ? r.real_accumulated_time * per_ns : 0,
				      timed ? r.cpu_accumulated_time * per_ns : 0 };
		options.report(&out, options.user);
	}

	cbench_options options;
};

std::unique_ptr<benchmark::BenchmarkReporter> display_reporter(const cbench_options &o)
{
	if (o.report)
		return std::make_unique<Forward>(o);
	if (o.flags & CBENCH_NO_TIME)
		return std::make_unique<Timeless<benchmark::ConsoleReporter>>();
	return nullptr;
}

// The library makes its own file reporter unless times must be kept from it.
std::unique_ptr<benchmark::BenchmarkReporter> file_reporter(const cbench_options &o)
{
	if (!(o.flags & CBENCH_NO_TIME) || !wants_file)
		return nullptr;
	return std::make_unique<Timeless<benchmark::JSONReporter>>();
}

} // namespace

extern "C" {

int cbench_api_version(void) { return CBENCH_API_VERSION; }

const char *cbench_last_error(void) { return last_error.c_str(); }

int cbench_init(int *argc, char **argv)
{
	for (int i = 1; i < *argc; i++) {
		wants_file |= !std::strncmp(argv[i], "--benchmark_out=", 16);
		file_is_csv |= !std::strcmp(argv[i], "--benchmark_out_format=csv");
	}
	return guarded([&] { return benchmark::Initialize(argc, argv), 0; }, -1);
}

const char *cbench_unknown_argument(int argc, char **argv) { return argc > 1 ? argv[1] : nullptr; }

cbench_bench *cbench_register(const char *name, cbench_fn fn, void *user)
{
	auto body = [fn, user](State &s) {
		cbench_state st = { s };
		fn(&st, user);
	};
	return guarded([&] { return wrap(benchmark::RegisterBenchmark(name, body)); },
		       (cbench_bench *)nullptr);
}

cbench_bench *cbench_arg(cbench_bench *b, int64_t value)
{
	return set(b, [&](Bench *p) { p->Arg(value); });
}

cbench_bench *cbench_args(cbench_bench *b, const int64_t *values, size_t n)
{
	return set(b, [&](Bench *p) { p->Args(std::vector<int64_t>(values, values + n)); });
}

cbench_bench *cbench_arg_names(cbench_bench *b, const char *const *names, size_t n)
{
	return set(b, [&](Bench *p) { p->ArgNames(std::vector<std::string>(names, names + n)); });
}

cbench_bench *cbench_range_multiplied(cbench_bench *b, int64_t lo, int64_t hi)
{
	return set(b, [&](Bench *p) { p->Range(lo, hi); });
}

cbench_bench *cbench_dense_range(cbench_bench *b, int64_t lo, int64_t hi, int step)
{
	return set(b, [&](Bench *p) { p->DenseRange(lo, hi, step); });
}

cbench_bench *cbench_args_product(cbench_bench *b, const int64_t *const *lists,
				  const size_t *lengths, size_t n)
{
	return set(b, [&](Bench *p) {
		std::vector<std::vector<int64_t>> all;

		for (size_t i = 0; i < n; i++)
			all.emplace_back(lists[i], lists[i] + lengths[i]);
		p->ArgsProduct(all);
	});
}

cbench_bench *cbench_iterations(cbench_bench *b, int64_t n)
{
	if (n <= 0) {
		last_error = "iterations must be positive";
		return nullptr;
	}
	return set(b, [&](Bench *p) { p->Iterations(n); });
}

cbench_bench *cbench_repetitions(cbench_bench *b, int n)
{
	return set(b, [&](Bench *p) { p->Repetitions(n); });
}

cbench_bench *cbench_min_time(cbench_bench *b, double seconds)
{
	return set(b, [&](Bench *p) { p->MinTime(seconds); });
}

cbench_bench *cbench_time_unit(cbench_bench *b, enum cbench_unit unit)
{
	static const benchmark::TimeUnit units[] = { benchmark::kNanosecond,
						     benchmark::kMicrosecond,
						     benchmark::kMillisecond, benchmark::kSecond };

	if (unit < CBENCH_NS || unit > CBENCH_S) {
		last_error = "unknown time unit";
		return nullptr;
	}
	return set(b, [&](Bench *p) { p->Unit(units[unit - CBENCH_NS]); });
}

cbench_bench *cbench_use_real_time(cbench_bench *b)
{
	return set(b, [](Bench *p) { p->UseRealTime(); });
}

cbench_bench *cbench_use_manual_time(cbench_bench *b)
{
	return set(b, [](Bench *p) { p->UseManualTime(); });
}

int cbench_keep_running(cbench_state *st) { return st->state.KeepRunning(); }

int cbench_keep_running_batch(cbench_state *st, int64_t n) { return st->state.KeepRunningBatch(n); }

int64_t cbench_range(const cbench_state *st, size_t i) { return st->state.range(i); }
int64_t cbench_iteration_count(const cbench_state *st) { return st->state.iterations(); }
int64_t cbench_max_iterations(const cbench_state *st) { return st->state.max_iterations; }
void cbench_pause_timing(cbench_state *st) { st->state.PauseTiming(); }
void cbench_resume_timing(cbench_state *st) { st->state.ResumeTiming(); }

void cbench_set_iteration_time(cbench_state *st, double seconds)
{
	st->state.SetIterationTime(seconds);
}

void cbench_counter(cbench_state *st, const char *name, double value,
		    enum cbench_counter_flags flags)
{
	benchmark::Counter::Flags f = benchmark::Counter::kDefaults;

	// The library would write NaN into JSON, which no parser takes.
	if (!std::isfinite(value))
		return;
	if (flags == CBENCH_COUNTER_RATE)
		f = benchmark::Counter::kIsRate;
	else if (flags == CBENCH_COUNTER_AVERAGE)
		f = benchmark::Counter::kAvgIterations;
	guarded([&] { return st->state.counters[name] = benchmark::Counter(value, f), 0; }, -1);
}

void cbench_label(cbench_state *st, const char *label) { st->state.SetLabel(label); }
void cbench_items_processed(cbench_state *st, int64_t n) { st->state.SetItemsProcessed(n); }
void cbench_bytes_processed(cbench_state *st, int64_t n) { st->state.SetBytesProcessed(n); }

void cbench_skip(cbench_state *st, const char *reason)
{
	guarded([&] { return skip(st->state, std::string(reason), 0), 0; }, -1);
}

void cbench_fail(cbench_state *st, const char *reason) { st->state.SkipWithError(reason); }

int cbench_add_context(const char *key, const char *value)
{
	return guarded([&] { return benchmark::AddCustomContext(key, value), 0; }, -1);
}

int64_t cbench_run(const struct cbench_options *options)
{
	cbench_options o = {};

	if (options) {
		if (options->size != sizeof(o)) {
			last_error = "struct cbench_options has another size";
			return -1;
		}
		o = *options;
	}
	if ((o.flags & CBENCH_NO_TIME) && wants_file && file_is_csv) {
		last_error = "CSV holds little but times; ask for JSON";
		return -1;
	}
	return guarded(
		[&]() -> int64_t {
			auto display = display_reporter(o);
			auto file = file_reporter(o);

			return benchmark::RunSpecifiedBenchmarks(display.get(), file.get());
		},
		(int64_t)-1);
}

void cbench_shutdown(void) { benchmark::Shutdown(); }

} // extern "C"

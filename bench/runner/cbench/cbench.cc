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

template <class R> auto skipped(const R &r, int) -> decltype(r.skipped, bool())
{
	return r.skipped;
}
template <class R> bool skipped(const R &r, long) { return r.error_occurred; }

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
	explicit Forward(cbench_report_fn f) : report(f) {}
	bool ReportContext(const Context &) override { return true; }
	void ReportRuns(const std::vector<Run> &runs) override
	{
		for (const Run &r : runs)
			if (r.run_type == Run::RT_Iteration)
				forward(r);
	}

      private:
	void forward(const Run &r)
	{
		std::string name = r.benchmark_name(), text = message(r, 0);

		if (text.rfind(skip_mark, 0) == 0)
			text.erase(0, sizeof(skip_mark) - 1);
		cbench_result out = { name.c_str(), skipped(r, 0) ? text.c_str() : nullptr,
				      r.report_label.c_str() };
		report(&out);
	}

	cbench_report_fn report;
};

std::unique_ptr<benchmark::BenchmarkReporter> display_reporter(unsigned int flags,
							       cbench_report_fn report)
{
	if (report)
		return std::make_unique<Forward>(report);
	if (flags & CBENCH_NO_TIME)
		return std::make_unique<Timeless<benchmark::ConsoleReporter>>();
	return nullptr;
}

// The library makes its own file reporter unless times must be kept from it.
std::unique_ptr<benchmark::BenchmarkReporter> file_reporter(unsigned int flags)
{
	if (!(flags & CBENCH_NO_TIME) || !wants_file)
		return nullptr;
	return std::make_unique<Timeless<benchmark::JSONReporter>>();
}

} // namespace

extern "C" {

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

cbench_bench *cbench_iterations(cbench_bench *b, int64_t n)
{
	if (n <= 0) {
		last_error = "iterations must be positive";
		return nullptr;
	}
	return set(b, [&](Bench *p) { p->Iterations(n); });
}

cbench_bench *cbench_use_manual_time(cbench_bench *b)
{
	return set(b, [](Bench *p) { p->UseManualTime(); });
}

int cbench_keep_running_batch(cbench_state *st, int64_t n) { return st->state.KeepRunningBatch(n); }

void cbench_set_iteration_time(cbench_state *st, double seconds)
{
	st->state.SetIterationTime(seconds);
}

void cbench_counter(cbench_state *st, const char *name, double value)
{
	// The library would write NaN into JSON, which no parser takes.
	if (!std::isfinite(value))
		return;
	guarded([&] { return st->state.counters[name] = value, 0; }, -1);
}

void cbench_label(cbench_state *st, const char *label) { st->state.SetLabel(label); }

void cbench_skip(cbench_state *st, const char *reason)
{
	guarded([&] { return skip(st->state, std::string(reason), 0), 0; }, -1);
}

int cbench_add_context(const char *key, const char *value)
{
	return guarded([&] { return benchmark::AddCustomContext(key, value), 0; }, -1);
}

int64_t cbench_run(unsigned int flags, cbench_report_fn report)
{
	if ((flags & CBENCH_NO_TIME) && wants_file && file_is_csv) {
		last_error = "CSV holds little but times; ask for JSON";
		return -1;
	}
	return guarded(
		[&]() -> int64_t {
			auto display = display_reporter(flags, report);
			auto file = file_reporter(flags);

			return benchmark::RunSpecifiedBenchmarks(display.get(), file.get());
		},
		(int64_t)-1);
}

void cbench_shutdown(void) { benchmark::Shutdown(); }

} // extern "C"

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
#include <ostream>
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
bool file_is_csv, is_other_format;
bool is_table = true;

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

// What a run's message says, without the mark of a skip.
std::string reason(const Run &r)
{
	std::string text = message(r, 0);

	return text.rfind(skip_mark, 0) == 0 ? text.substr(sizeof(skip_mark) - 1) : text;
}

// A reporter of the library's, and what it is shown: no times where there are none, and no
// number of iterations in a name, for what was asked for is not what was done.  A table for people
// has a line of ours for what was skipped, which is no error.
class Edited : public benchmark::BenchmarkReporter
{
      public:
	Edited(benchmark::BenchmarkReporter *r, bool no_time, bool table)
	    : inner(r), is_timeless(no_time), is_table(table)
	{
	}
	bool ReportContext(const Context &context) override
	{
		inner->SetOutputStream(&GetOutputStream());
		inner->SetErrorStream(&GetErrorStream());
		return inner->ReportContext(context);
	}
	void ReportRuns(const std::vector<Run> &runs) override
	{
		std::vector<Run> shown;

		for (const Run &r : runs)
			if (is_table && skipped(r, 0))
				GetOutputStream() << edited(r).benchmark_name()
						  << " skipped: " << reason(r) << std::endl;
			else
				shown.push_back(edited(r));
		if (!shown.empty())
			inner->ReportRuns(shown);
	}
	void Finalize() override { inner->Finalize(); }

      private:
	Run edited(Run r)
	{
		r.run_name.iterations.clear();
		if (is_timeless)
			r.real_accumulated_time = r.cpu_accumulated_time = 0;
		return r;
	}

	benchmark::BenchmarkReporter *inner; // the library's own, or one that lives as long
	bool is_timeless, is_table;
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
	void forward(Run r)
	{
		r.run_name.iterations.clear();
		std::string name = r.benchmark_name(), text = reason(r);
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
	return std::make_unique<Edited>(benchmark::CreateDefaultDisplayReporter(),
					flags & CBENCH_NO_TIME, is_table);
}

// Other formats are the library's own, where there are times.
std::unique_ptr<benchmark::BenchmarkReporter> file_reporter(unsigned int flags)
{
	static benchmark::JSONReporter json;

	if (!wants_file || (is_other_format && !(flags & CBENCH_NO_TIME)))
		return nullptr;
	return std::make_unique<Edited>(&json, flags & CBENCH_NO_TIME, false);
}

} // namespace

extern "C" {

const char *cbench_last_error(void) { return last_error.c_str(); }

int cbench_init(int *argc, char **argv)
{
	for (int i = 1; i < *argc; i++) {
		wants_file |= !std::strncmp(argv[i], "--benchmark_out=", 16);
		file_is_csv |= !std::strcmp(argv[i], "--benchmark_out_format=csv");
		is_other_format |= !std::strncmp(argv[i], "--benchmark_out_format=", 23) &&
				   std::strcmp(argv[i] + 23, "json");
		is_table &= std::strncmp(argv[i], "--benchmark_format=", 19) ||
			    !std::strcmp(argv[i] + 19, "console");
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

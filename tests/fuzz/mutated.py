#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Result directories as a hostile stranger would make them, and what the programs make of those.

usage: mutated.py BASE SCRATCH COUNT SEED

BASE is a small plan's directory, SCRATCH a new one.  COUNT copies are spoiled, the same ones for
the same SEED, and read by build/dex-compare and build/dex-plan; what they print is looked at, given
to gnuplot and to a shell.  Prints a line of JSON; status 1 and a line for each fault if there is one:

  crash     a signal, a status that is none, more than a minute
  line      a refusal that is not one line
  terminal  characters that a terminal obeys
  command   a command of the results ran
  outside   a file outside of the directory was read
  script    HTML in Markdown
  accepted  nonsense was not refused
"""
import copy
import gzip
import json
import os
import random
import re
import shutil
import subprocess
import sys

SECRET = "a-secret-of-this-machine"
OBEYED = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def payloads(canary):
    touch = f"touch {canary}"
    return [
        f"`{touch}`", f"$({touch})", f'"; system("{touch}"); "', f"';{touch};'", f'";{touch};"',
        f"a\n{touch}\n", f"|{touch}", f"<{touch}", f"$(shell {touch})", f"@{touch}", f"\\`{touch}\\`",
        f"x' `{touch}` $({touch}) \"; {touch}; ' y", "\x1b[31mred\x1b]0;title\x07", "\u202egnp.exe", "\x9b31m",
        "<script>alert(1)</script>", "](javascript:alert(1))", "a|b|c", "../outside", "..", ".", "/etc/passwd",
        "x" * 5000, "", "\u00e9\u20ac", "%s%n%d", "-", "--help", "NaN", "exact", "rmap-6.12",
    ]


NUMBERS = [0, -1, 1, 2, 3, 0.5, -0.5, 4096, 2**31, 2**32, 2**53 + 1, 2**63 - 1, -(2**63), 1e18, 1e300, -1e300, 1e-300]
OTHERS = [None, True, False, [], {}, [[]], [1, 2], {"a": 1}, ["x"], list(range(20))]


def case_of(files, rng):
    return files[rng.choice([p for p in sorted(files) if "/" in p and "run.json" not in p])]


def measured(files, rng):
    """A result with samples, and its file."""
    file = case_of(files, rng)
    return file, rng.choice([r for r in file["results"] if not r.get("skipped")])


def fewer_ticks(files, rng):
    result = measured(files, rng)[1]
    result["ticks"] = result["ticks"][: rng.randrange(len(result["ticks"]))]


def more_ticks(files, rng):
    result = measured(files, rng)[1]
    result["ticks"] = result["ticks"] * rng.randrange(2, 5)


def no_time(files, rng):
    result = measured(files, rng)[1]
    result["metrics"] = []
    result["ticks"] = [0] * len(result["ticks"])


def in_result(key, values):
    def put(files, rng):
        measured(files, rng)[1][key] = rng.choice(values)
    return put


def in_file(key, values):
    def put(files, rng):
        case_of(files, rng)[key] = rng.choice(values)
    return put


def in_plan(key, values):
    def put(files, rng):
        files["plan.json"][key] = rng.choice(values)
    return put


def in_schedule(key, values):
    def put(files, rng):
        rng.choice(files["plan.json"]["schedule"])[key] = rng.choice(values)
    return put


def other_case(files, rng):
    files["plan.json"]["cases"][0] = rng.choice(["../x", "/etc/passwd", "a b", "A", "x`id`", "..", "", 7, None])


def other_metric(files, rng):
    file, result = measured(files, rng)
    result["metrics"] = [{"name": "m", "unit": "", "better": "lower", "value": 1}]
    result["metrics"][0].update(rng.choice([{"name": "a b"}, {"name": "`id`"}, {"name": "../x"}, {"name": "<b>"},
                                            {"value": 1e300}, {"value": "1"}, {"better": "up"}, {"unit": 3}]))


def lists_as_params(files, rng):
    result = measured(files, rng)[1]
    result["params"][rng.choice(["x", *result["params"]])] = rng.choice([[1, 2], {}, None, 1.5, True, ""])


# What no instrument says: each has to be refused.
NONSENSE = [
    fewer_ticks, more_ticks, no_time, other_case, other_metric, lists_as_params,
    in_result("pages_per_sample", [0, -1, 10**12, 2**62, "1", None, 1.0]),
    in_result("attempted", [9 * 10**18, -1, 0, 1, 17, None, "4096"]),
    in_result("ok", [-1, 10**9, None, "4"]),
    in_result("ticks", [[], None, [-1], [1.5], ["1"], [2**32], "x", [None] * 16]),
    in_file("unit", ["ns", "s", "ticks", "", None, 3]),
    in_file("mode", ["parallel", "timing", "fast", 'exact"; system("id")', None]),
    in_file("resolution_pct", [{"samples": 1e9, "metrics": 0}, {"samples": -1}, {"samples": "1"}, {"metrics": 11}]),
    in_file("run", [0, 2, 7, -1, 10**18, "2", [1]]),
    in_file("pages", [0, -1, 2**40, 1024, None, "4096"]),
    in_file("case", ["other", "../x", None]),
    in_file("predictions", [[{}], [1], [{"when": "", "metric": None, "folio": "maybe", "because": "x"}],
                            [{"when": 1, "metric": None, "folio": "same", "because": "x"}]]),
    in_plan("boots", [-7, 0, 10**9, "4", 1.5, None]),
    in_plan("runs", [-1, 0, 10**9, "2"]),
    in_plan("pages", [0, -1, 2**40]),
    in_plan("mode", ["fast", 'exact"; system("id")', "", "EXACT", None, 3]),
    in_plan("cases", [["../x"], ["a/b"], ["`id`"], [7], {}, "convert_latency", []]),
    in_plan("schedule", [[], {}, None, "x", [1]]),
    in_plan("kernels", [[], {}, None, "x", [1], [{"spec": ""}]]),
    in_schedule("boot", ["../outside", "..", ".", "/etc", "a/b", ".hidden", "a b", "", "x" * 300, None, 7]),
    in_schedule("block", [0, -7, 10**18, "1", None]),
]


def places(value, path=()):
    """Every place in a tree of JSON, as (container, key)."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in list(items)[:64]:
        yield value, key
        yield from places(child)


def spoil_value(files, rng, strange):
    name = rng.choice(sorted(files))
    container, key = rng.choice(list(places(files[name])))
    what = rng.randrange(6)
    if what == 0:
        del container[key]
    elif what == 1 and isinstance(container, dict):
        container[rng.choice(strange) or "k"] = container.pop(key)
    elif what == 2:
        container[key] = rng.choice(NUMBERS)
    elif what == 3:
        container[key] = copy.deepcopy(rng.choice(OTHERS))
    else:
        container[key] = rng.choice(strange)


def spoil_label(files, rng, strange):
    """A kernel's name, everywhere alike, so that it is believed."""
    word = rng.choice(strange)
    old = rng.choice(files["plan.json"]["kernels"])["spec"]
    text = json.dumps(files).replace(json.dumps(old), json.dumps(word))
    files.update(json.loads(text))


def spoil_words(files, rng, strange):
    """What only stands in reports: a reason, a source, a condition, a unit."""
    word = rng.choice(strange)
    for path, file in files.items():
        if path.endswith("run.json"):
            file["host"]["kernel"]["source"] = word
            file["cpu"]["model"] = word + path
            file["dexbench"] = word
        elif "results" in file and rng.randrange(2):
            file["results"][0].update({"skipped": word or "x"})


def spoil_file(directory, rng, outside):
    """Not what is in a file, but what it is."""
    files = [os.path.join(d, f) for d, _, names in os.walk(directory) for f in sorted(names)]
    path = rng.choice(sorted(files))
    with open(path, "rb") as f:
        data = bytearray(f.read())
    what = rng.randrange(11)
    os.unlink(path)
    if what == 0:
        os.mkfifo(path)
    elif what == 1:
        os.symlink(rng.choice([outside + "/secret.json", "/dev/zero", "/dev/stdin", "/etc/passwd", "loop", path]), path)
    elif what == 2:
        os.symlink(os.path.relpath(outside + "/secret.json", os.path.dirname(path)), path)
    elif what == 3:
        os.mkdir(path)
    elif what == 4:
        pass
    elif what == 5:
        boot = os.path.dirname(path)
        if boot != directory:
            shutil.rmtree(boot)
            os.symlink(rng.choice([outside + "/boot", "../outside/boot", "/proc/self", "."]), boot)
    elif what == 6:
        with gzip.open(path + ".gz", "wb", 1) as f:
            f.write(data if rng.randrange(2) else b"[" * 10**6)
    else:
        for _ in range(rng.randrange(1, 4)):
            at = rng.randrange(len(data) or 1)
            if what == 7:
                del data[at:]
            elif what == 8 and data:
                data[at] = rng.randrange(256)
            elif what == 9:
                data[at:at] = bytes(rng.choices(b'[]{}",:\\0123456789', k=rng.randrange(1, 9)))
            else:
                data[at:at] = data[rng.randrange(len(data) or 1):][:4096]
        with open(path, "wb") as f:
            f.write(data)


def write(files, directory):
    for path, file in files.items():
        os.makedirs(os.path.dirname(f"{directory}/{path}"), exist_ok=True)
        with open(f"{directory}/{path}", "w") as f:
            json.dump(file, f)


class Room:
    def __init__(self, base, scratch, seed):
        self.seed, self.faults = seed, []
        self.canary, self.outside = f"{scratch}/canary", f"{scratch}/outside"
        self.strange = payloads(self.canary)
        self.tally = {"directories": 0, "programs": 0, "read": 0, "refused": 0, "nonsense": 0}
        self.scratch, self.top = scratch, os.getcwd()
        self.compare = f"{self.top}/build/dex-compare"
        self.files = {}
        for d, _, names in os.walk(base):
            for name in names:
                path = os.path.join(d, name)
                with open(path) as f:
                    self.files[os.path.relpath(path, base)] = json.load(f)
        self.lay_out()

    def lay_out(self):
        """What must not be read, and where a letter's commands do nothing."""
        os.makedirs(self.outside)
        secret = copy.deepcopy(self.files)
        boot = sorted(p for p in secret if p.endswith("run.json"))[0].split("/")[0]
        for path, file in secret.items():
            if path.startswith(boot) and "results" in file:
                file["results"][0]["skipped"] = SECRET
            elif path.startswith(boot):
                file["cpu"]["model"] = SECRET
        write({"boot/" + p.split("/")[1]: f for p, f in secret.items() if p.startswith(boot)}, self.outside)
        write({"secret.json": {"schema": "dexbench.run.v1", "mode": SECRET, "date": SECRET}}, self.outside)
        write({}, f"{self.scratch}/stub")
        os.makedirs(f"{self.scratch}/stub/build")
        with open(f"{self.scratch}/stub/Makefile", "w") as f:
            f.write("export KERNELS CASES OUT\nab:\n\t@:\n")
        with open(f"{self.scratch}/stub/build/dex-compare", "w") as f:
            f.write("#!/bin/sh\n")
        os.chmod(f"{self.scratch}/stub/build/dex-compare", 0o755)

    def fault(self, n, kind, what):
        self.faults.append(kind)
        line = f"{kind}: directory {n} of seed {self.seed}: {what}"[:400]
        print(line.encode("unicode_escape").decode(), flush=True)

    def run(self, n, *command, text=None, cwd=None):
        try:
            p = subprocess.run(command, input=text, capture_output=True, timeout=60, cwd=cwd)
        except subprocess.TimeoutExpired:
            self.fault(n, "crash", f"{command} takes more than a minute")
            return 2, "", "\n"
        return p.returncode, p.stdout.decode(errors="surrogateescape"), p.stderr.decode(errors="surrogateescape")

    def program(self, n, *command):
        status, said, error = self.run(n, *command)
        self.tally["programs"] += 1
        if status not in (0, 1, 2, 3):
            self.fault(n, "crash", f"{command} ends with {status}: {error[:200]}")
        if status == 2 and error.count("\n") != 1:
            self.fault(n, "line", f"{command} says {error[:200]!r}")
        if OBEYED.search(said) or OBEYED.search(error):
            self.fault(n, "terminal", f"{command} says {OBEYED.search(said + error)}")
        if SECRET in said + error:
            self.fault(n, "outside", f"{command}")
        return status, said

    def pictures(self, n, directory):
        tables = f"{directory}.tables"
        status, _ = self.program(n, self.compare, f"--dat={tables}", directory)
        if status == 0 and os.path.exists(f"{tables}/facts.gp"):
            self.run(n, "gnuplot", "-d", f"{tables}/facts.gp")
        shutil.rmtree(tables, ignore_errors=True)

    def letter(self, n, directory):
        status, said = self.program(n, self.compare, "--cover-letter", directory)
        commands = said.partition("To reproduce:\n")[2].encode(errors="surrogateescape")
        if status != 2:
            self.run(n, "bash", "-s", text=commands, cwd=f"{self.scratch}/stub")

    def markdown(self, n, directory):
        if "<script" in self.program(n, self.compare, "--format=md", directory)[1]:
            self.fault(n, "script", "--format=md")

    def look(self, n, directory):
        """What programs make of it: the table, and of what they read another view; the table's status."""
        status, _ = self.program(n, self.compare, directory)
        self.tally["refused" if status == 2 else "read"] += 1
        if status == 2 and n % 8:
            return status
        view = n // 2 % 6
        if view < 3:
            [self.pictures, self.letter, self.markdown][view](n, directory)
        elif view < 5:
            forms = ["tsv", "json", "benchstat", "gbench", "html", "bmf", "lava", "lkp", "ktap", "junit", "kcidb"]
            form = forms[n // 12 % len(forms)]
            self.program(n, self.compare, f"--format={form}", directory)
        else:
            self.program(n, f"{self.top}/build/dex-plan", "--pages=16", "--touches=1", directory)
        return status

    def one(self, n):
        rng, faults = random.Random(f"{self.seed}/{n}"), len(self.faults)
        files, directory = copy.deepcopy(self.files), f"{self.scratch}/d{n}"
        nonsense = n % 4 == 0
        if nonsense:
            NONSENSE[n // 4 % len(NONSENSE)](files, rng)
        else:
            for _ in range(rng.randrange(1, 4)):
                rng.choice([spoil_value, spoil_value, spoil_label, spoil_words])(files, rng, self.strange)
                if not all(isinstance(f, dict) for f in files.values()):
                    break
        write(files, directory)
        if not nonsense and rng.randrange(3) == 0:
            spoil_file(directory, rng, self.outside)
        status = self.look(n, directory)
        self.tally["directories"] += 1
        self.tally["nonsense"] += nonsense
        if nonsense and status != 2:
            self.fault(n, "accepted", f"{NONSENSE[n // 4 % len(NONSENSE)]} with status {status}")
        if os.path.exists(self.canary):
            self.fault(n, "command", "the canary is there")
            os.unlink(self.canary)
        if len(self.faults) == faults:
            shutil.rmtree(directory)


def main():
    base, scratch, count, seed = sys.argv[1], os.path.abspath(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
    room = Room(base, scratch, seed)
    for n in range(count):
        try:
            room.one(n)
        except (TypeError, KeyError, AttributeError, IndexError):
            # A value that was spoiled before the next one could be: the next directory.
            shutil.rmtree(f"{scratch}/d{n}", ignore_errors=True)
        if len(room.faults) > 20:
            break
        if sys.stderr.isatty() or n % 1000 == 999:
            print(f"{n + 1} of {count}", end="\r" if sys.stderr.isatty() else "\n", file=sys.stderr)
    print(json.dumps(room.tally))
    return 1 if room.faults else 0


if __name__ == "__main__":
    sys.exit(main())

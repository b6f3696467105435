#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Is what stands in a report what compare.json has?

usage: report_check.py REPORT.html COMPARE.json PICTURES

Well-formed: every element is closed, no identifier is there twice, nothing is
fetched.  Each value, difference and verdict of compare.json is in the table, as an
attribute and, rounded, as text; each picture in the directory PICTURES is there once.
"""
import html.parser
import json
import pathlib
import re
import sys

VOID = {"meta", "br", "link", "img", "input", "hr"}
# SVG's empty elements, which a browser writes with an end and gnuplot without.
problems = []


class Report(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.open, self.ids, self.values, self.deltas, self.pictures = [], set(), {}, {}, []
        self.row = self.cell = None
        self.headings = self.cells = 0

    def handle_startendtag(self, tag, attributes):
        self.seen(tag, dict(attributes))

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.seen(tag, attributes)
        if tag not in VOID:
            self.open.append(tag)
        if tag == "tr" and "data-case" in attributes:
            params = json.dumps(json.loads(attributes["data-params"]), sort_keys=True)
            self.row = (attributes["data-case"], params, attributes["data-metric"])
        if tag == "td" and self.row and "data-kernel" in attributes:
            self.cell = attributes
            self.text = ""

    def seen(self, tag, attributes):
        identifier = attributes.get("id")
        if identifier in self.ids:
            problems.append(f"id {identifier} is there twice")
        if identifier:
            self.ids.add(identifier)
        if tag in ("script", "link", "img", "iframe", "object"):
            problems.append(f"<{tag}> in a report that is to stand alone")
        for name in ("src", "href", "xlink:href"):
            if name in attributes and not attributes[name].startswith("#"):
                problems.append(f"refers to {attributes[name]}")
        if tag == "th" and "scope" not in attributes:
            problems.append("a heading without its scope")
        if tag == "figure":
            self.pictures.append(identifier.removeprefix("picture-"))
        if tag == "svg" and not attributes.get("aria-label"):
            problems.append("a picture without a text for those who cannot see it")

    def handle_endtag(self, tag):
        if not self.open or self.open[-1] != tag:
            problems.append(f"</{tag}> where <{self.open[-1] if self.open else 'nothing'}> is open")
            return
        self.open.pop()
        if tag == "td" and self.cell:
            self.keep(self.cell, self.text)
            self.cell = None
        if tag == "tr":
            self.row = None

    def handle_data(self, data):
        if self.cell is not None:
            self.text += data

    def keep(self, cell, text):
        kernel, baseline = cell["data-kernel"], cell.get("data-baseline")
        if baseline is None:
            self.values[self.row, kernel] = (number(cell["data-value"]), text)
            return
        self.deltas[self.row, kernel, baseline] = (
            number(cell["data-delta-pct"]), cell["data-verdict"], text)
        if "data-value" in cell:
            self.values[self.row, kernel] = (number(cell["data-value"]), None)


def number(text):
    return float(text) if text else None


def check_row(report, row, exact):
    name = (row["case"], json.dumps(row["params"], sort_keys=True), row["metric"])
    value, text = report.values.get((name, row["kernel"]), ("absent", None))
    if value != row["value"]:
        problems.append(f"{name} on {row['kernel']}: {value}, compare.json has {row['value']}")
    elif text is not None and value is not None and abs(float(text) - value) > (0.0051 if exact else 0.51):
        problems.append(f"{name} on {row['kernel']}: reads {text}, is {value}")
    if row["kernel"] == row["baseline"]:
        return
    delta, verdict, text = report.deltas.get((name, row["kernel"], row["baseline"]), ("absent", None, ""))
    if delta != row["delta_pct"] or verdict != row["verdict"]:
        problems.append(f"{name}: {row['kernel']} less {row['baseline']} is {delta} ({verdict}), "
                        f"compare.json has {row['delta_pct']} ({row['verdict']})")
    shown = re.search(r"([-+][\d.]+) %", text)
    if shown and abs(float(shown.group(1)) - row["delta_pct"]) > 0.0051:
        problems.append(f"{name}: {row['kernel']} less {row['baseline']} reads {text}")


def main(page, compare, pictures):
    report = Report()
    report.feed(pathlib.Path(page).read_text(encoding="utf-8"))
    report.close()
    if report.open:
        problems.append(f"<{report.open[-1]}> is not closed")
    table = json.loads(pathlib.Path(compare).read_text(encoding="utf-8"))
    for row in table["rows"]:
        check_row(report, row, table["mode"] == "exact")
    if len(report.values) != len({(r["case"], str(r["params"]), r["metric"], r["kernel"]) for r in table["rows"]}):
        problems.append("the table has other values than compare.json")
    expected = sorted(p.stem for p in pathlib.Path(pictures).glob("*.svg"))
    if sorted(report.pictures) != expected:
        problems.append(f"pictures {sorted(report.pictures)}, drawn were {expected}")
    print("\n".join(problems[:20]))
    return bool(problems)


sys.exit(main(*sys.argv[1:]))

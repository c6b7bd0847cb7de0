package main

import (
	"fmt"
	"io"
)

// bar is what a figure of ours may be at most, or at least.
type bar struct {
	figure string
	format string
	limit  float64
	floor  bool // the limit is a multiple of the floor's figure in the same run
	least  bool // more is better
}

// bars are those of the relay beside the floor, in the order of the report.
var bars = []bar{
	{"resident KiB per idle connection", "%.1f", 12, false, false},
	{"p50 ms at 5,000/s", "%.2f", 1.3, true, false},
	{"p99 ms at 5,000/s", "%.1f", 1.3, true, false},
	{"server CPU s per 1M messages at 5,000/s", "%.0f", 1.2, true, false},
	{"Redis CPU s per 1M messages at 5,000/s", "%.0f", 1.2, true, false},
	{"p99 ms at 10,000/s", "%.1f", 1.5, true, false},
	{"most messages/s with p99 under 50 ms", "%.0f", 0.8, true, true},
	{"s until all are attached again after a kill", "%.2f", 1.5, true, false},
	{"Redis bytes per stored message", "%.0f", 1800, false, false},
	{"p99 attacked to calm", "%.1f", 3, false, false},
}

// report collects figures by name and server.
type report map[string]map[string]float64

func (r report) note(figure, server string, value float64) {
	if r[figure] == nil {
		r[figure] = map[string]float64{}
	}
	r[figure][server] = value
}

// write prints what was measured of the bars as a table for docs/performance.md.
func (r report) write(to io.Writer) {
	fmt.Fprint(to, "\n| figure | floor | ours | ratio | bar | |\n| --- | --- | --- | --- | --- | --- |\n")
	for _, b := range bars {
		ours, measured := r[b.figure]["utvag"]
		if !measured {
			continue
		}
		floor, beside := r[b.figure]["script"]
		judged, ratio, base := ours, "", ""
		if beside && floor > 0 {
			ratio, base = fmt.Sprintf("%.2f", ours/floor), fmt.Sprintf(b.format, floor)
		}
		if b.floor {
			judged = ours / floor
		}
		fmt.Fprintf(to, "| %s | %s | "+b.format+" | %s | %s | %s |\n", b.figure, base, ours, ratio, b,
			b.verdict(judged, beside))
	}
}

func (b bar) String() string {
	unit, way := "", "at most"
	if b.floor {
		unit = "x"
	}
	if b.least {
		way = "at least"
	}
	return fmt.Sprintf("%s %v%s", way, b.limit, unit)
}

func (b bar) verdict(judged float64, beside bool) string {
	switch {
	case b.floor && !beside:
		return "no floor in this run"
	case b.least && judged >= b.limit, !b.least && judged <= b.limit:
		return "reached"
	}
	return "missed"
}

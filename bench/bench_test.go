package main

import (
	"encoding/xml"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/utvag/utvag/internal/redistest"
)

// Whatever a server is worth, the bench must measure it with every message there, once and in order.
func TestEveryServerCarriesEveryMessage(t *testing.T) {
	for _, name := range []string{"bare", "plain", "script", "utvag"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // the pace is the clients' own
			url := ""
			if name != "bare" {
				url = redistest.Start(t)
			}
			handler, err := handlerOf(t.Context(), name, url)
			if err != nil {
				t.Fatal(err)
			}
			site := httptest.NewServer(handler)
			defer site.Close()
			address := site.Listener.Addr().String()
			var l load
			defer l.close()
			if err := l.connectPairs(t.Context(), dialerFor(name, address), 10); err != nil {
				t.Fatal(err)
			}
			for range 2 {
				latencies, err := l.run(t.Context(), 200, time.Second)
				if err != nil {
					t.Fatal(err)
				}
				if len(latencies) != 200 || latencies[0] <= 0 {
					t.Fatalf("%d latencies, the least %v", len(latencies), latencies[0])
				}
			}
		})
	}
}

func TestAConversationOverTwoNodes(t *testing.T) {
	url := redistest.Start(t)
	d := &relayDialer{}
	for range 2 {
		handler, err := handlerOf(t.Context(), "utvag", url)
		if err != nil {
			t.Fatal(err)
		}
		site := httptest.NewServer(handler)
		defer site.Close()
		d.addresses = append(d.addresses, site.Listener.Addr().String())
	}
	var l load
	defer l.close()
	if err := l.connectPairs(t.Context(), d, 10); err != nil {
		t.Fatal(err)
	}
	if latencies, err := l.run(t.Context(), 100, time.Second); err != nil || len(latencies) != 100 {
		t.Fatalf("%d latencies, %v", len(latencies), err)
	}
}

// What one node has accepted and not delivered comes from another, once and in order; what it has not answered is sent
// again.
func TestWhoComesBackHasEverythingOnce(t *testing.T) {
	for _, name := range []string{"plain", "script", "utvag"} {
		t.Run(name, func(t *testing.T) {
			url := redistest.Start(t)
			node := func() *httptest.Server {
				handler, err := handlerOf(t.Context(), name, url)
				if err != nil {
					t.Fatal(err)
				}
				return httptest.NewServer(handler)
			}
			first := node()
			defer first.Close()
			var l load
			defer l.close()
			if err := l.connectPairs(t.Context(), dialerFor(name, first.Listener.Addr().String()), 20); err != nil {
				t.Fatal(err)
			}
			// One side of each hears nothing, so that it has something to come back for.
			for _, p := range l.pairs {
				p.sides[1].close()
			}
			const count = 400
			l.expect(count)
			l.offer(t.Context(), 10_000, count)
			l.close()
			second := node()
			defer second.Close()
			d := dialerFor(name, second.Listener.Addr().String())
			for i := range l.pairs {
				back, err := d.again(t.Context(), l.pairs[i], func(side int, text []byte) { l.heard(i, side, text) })
				if err != nil {
					t.Fatal(err)
				}
				l.pairs[i] = back
			}
			if _, err := l.await(t.Context(), count); err != nil {
				t.Fatal(err)
			}
		})
	}
}

func TestALostOrDoubledMessageShows(t *testing.T) {
	l := &load{begin: time.Now(), last: map[stream]uint64{}}
	text := make([]byte, textLength)
	text[7], text[15] = 1, 1
	l.heard(0, 0, text)
	l.heard(0, 0, text)
	if l.wrong.Load() != 1 {
		t.Error("a message that came twice does not count as wrong")
	}
	if quantile([]time.Duration{1, 2, 3, 4}, 0.99) != 4 || quantile(nil, 0.5) != 0 {
		t.Error("quantiles are off")
	}
}

func TestTheReportJudgesEachBar(t *testing.T) {
	r := report{}
	r.note("resident KiB per idle connection", "utvag", 12.5)
	r.note("p50 ms at 5,000/s", "script", 0.4)
	r.note("p50 ms at 5,000/s", "utvag", 0.5)
	r.note("most messages/s with p99 under 50 ms", "script", 10_000)
	r.note("most messages/s with p99 under 50 ms", "utvag", 7_900)
	r.note("p99 ms at 10,000/s", "utvag", 9)
	var b strings.Builder
	r.write(&b)
	for _, row := range []string{
		"| resident KiB per idle connection |  | 12.5 |  | at most 12 | missed |",
		"| p50 ms at 5,000/s | 0.40 | 0.50 | 1.25 | at most 1.3x | reached |",
		"| most messages/s with p99 under 50 ms | 10000 | 7900 | 0.79 | at least 0.8x | missed |",
		"| p99 ms at 10,000/s |  | 9.0 |  | at most 1.5x | no floor in this run |",
	} {
		if !strings.Contains(b.String(), row+"\n") {
			t.Errorf("%s\nlacks %s", b.String(), row)
		}
	}
}

func TestTheFigureIsWellFormedAndSaysItsNumbers(t *testing.T) {
	var b strings.Builder
	p := panel{title: "Memory", unit: "MiB",
		lines: []series{{"1 node", []float64{20, 110.25}}, {"2 nodes", []float64{40, 110.5}}}}
	if err := figure(&b, []int{1000, 10_000}, p); err != nil {
		t.Fatal(err)
	}
	if err := xml.Unmarshal([]byte(b.String()), new(struct{})); err != nil {
		t.Errorf("not well-formed: %v", err)
	}
	if want := "Memory, in MiB, 2 nodes: 40.0 with 1,000 connections, 110.5 with 10,000 connections."; !strings.Contains(b.String(), want) {
		t.Errorf("does not say: %s", want)
	}
	if same := apart(p.lines, func(v float64) float64 { return 200 - v }); same[0]-same[1] < 16 && same[1]-same[0] < 16 {
		t.Errorf("labels at %v lie on each other", same)
	}
}

func TestAnAxisIsReadable(t *testing.T) {
	for top, want := range map[float64]string{1.9: "0.0 0.2 0.4 0.6 0.8 1.0 1.2 1.4 1.6 1.8 2.0",
		0.065: "0.00 0.01 0.02 0.03 0.04 0.05 0.06 0.07", 240: "0 50 100 150 200 250"} {
		var b strings.Builder
		panel{lines: []series{{"", []float64{top}}}}.draw(&b, []int{1000})
		var said []string
		for _, found := range regexp.MustCompile(`text-anchor="end">([^<]*)<`).FindAllStringSubmatch(b.String(), -1) {
			said = append(said, found[1])
		}
		if got := strings.Join(said, " "); got != want {
			t.Errorf("up to %v: %s", top, got)
		}
	}
}

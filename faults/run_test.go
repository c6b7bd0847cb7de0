package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"flag"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/utvag/utvag/chat"
	"github.com/utvag/utvag/internal/redistest"
)

// TestMain lets more of these run at a time than there are processors, since they wait nearly always, and clears what
// they share.
func TestMain(m *testing.M) {
	flag.Parse()
	flag.Set("test.parallel", "6")
	status := m.Run()
	os.RemoveAll(folder)
	os.Exit(status)
}

var folder string

// program is built once for all.
var program = sync.OnceValues(func() (string, error) {
	var err error
	if folder, err = os.MkdirTemp("", "faults"); err != nil {
		return "", err
	}
	return build(context.Background(), folder)
})

func perform(t *testing.T, p plan) *result {
	t.Helper()
	p.log = io.Discard
	p.pace = 200 * time.Millisecond
	var err error
	if p.binary, err = program(); err != nil {
		t.Fatal(err)
	}
	r, err := p.run(t.Context())
	if errors.Is(err, redistest.ErrMissing) && os.Getenv("UTVAG_NO_SKIP") != "1" {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d messages accepted, %d deliveries, %d mailboxes made anew, faults %v", r.Messages, r.Delivered, r.Remade,
		r.Faults)
	if r.Messages < 4*p.conversations || r.Delivered < 2*r.Messages {
		t.Errorf("%d messages and %d deliveries show too little", r.Messages, r.Delivered)
	}
	return r
}

// The short run of what `go run ./faults` does for longer: each fault at least once, on each kind of Redis.
func TestNothingIsLost(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		redis, faults string
		remakes       string
	}{
		"a single Redis":                 {"single", "", "none"},
		"a single Redis that is emptied": {"single", "empty", "some"},
		"Sentinels":                      {"sentinels", "partition,failover,tail,split", "some"},
		"a Cluster":                      {"cluster", "", "none"},
		"a Cluster that fails over":      {"cluster", "failover,tail,split", "perhaps"}, // a shard may hold none of so few
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			all, err := chosen(c.faults, c.redis)
			if err != nil {
				t.Fatal(err)
			}
			r := perform(t, plan{redis: c.redis, faults: all, seed: 5, nodes: 2, conversations: 5})
			for _, line := range r.Wrong {
				t.Error(line)
			}
			for _, f := range all {
				if r.Faults[f.name] == 0 {
					t.Errorf("%s was not tried", f.name)
				}
			}
			if r.Faults["reshard"] > 0 && (r.Moves.slots == 0 || r.Moves.told.none()) {
				t.Errorf("nobody met a slot that moved: %+v", r.Moves)
			}
			// In a Cluster the shard that is split may hold none of so few.
			if c.redis == "sentinels" && (len(r.Splits) == 0 || slices.Max(r.Splits) == 0) {
				t.Errorf("no old primary was written to in the splits: %v", r.Splits)
			}
			if c.remakes != "perhaps" && (r.Remade > 0) != (c.remakes == "some") {
				t.Errorf("%d mailboxes were made anew", r.Remade)
			}
		})
	}
}

// A relay that does wrong is found out: what it says is spoilt between it and its clients, in one entry of seven.
func TestARelayThatDoesWrongIsFound(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		spoil func(entry []byte, held *[]byte) []byte
		want  string
	}{
		"loses":   {func([]byte, *[]byte) []byte { return nil }, "was not given entries"},
		"doubles": {func(e []byte, _ *[]byte) []byte { return append(bytes.Clone(e), e...) }, "twice"},
		"swaps":   {func(e []byte, held *[]byte) []byte { *held = bytes.Clone(e); return nil }, "again or too late"},
		"invents": {func(e []byte, _ *[]byte) []byte { e = bytes.Clone(e); e[len(e)-1] ^= 1; return e },
			"what nobody has said"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var times atomic.Int32
			enough := make(chan struct{})
			spoil := func(entry []byte, held *[]byte) []byte {
				if times.Add(1) == 6 {
					close(enough)
				}
				return c.spoil(entry, held)
			}
			r := perform(t, plan{redis: "single", seed: 3, until: enough, nodes: 1, conversations: 3,
				spoil: func() func([]byte) []byte { return spoiler(spoil) }})
			if !strings.Contains(strings.Join(r.Wrong, "\n"), c.want) {
				t.Errorf("found nothing of it: %q", r.Wrong)
			}
		})
	}
}

// spoiler changes every seventh entry in a stream of bytes from the relay. What is held back comes behind the next one.
func spoiler(spoil func(entry []byte, held *[]byte) []byte) func([]byte) []byte {
	var stream, held []byte
	upgraded, entries := false, 0
	return func(b []byte) []byte {
		stream = append(stream, b...)
		var out []byte
		if !upgraded {
			if !bytes.HasPrefix(stream, []byte("HTTP/1.1 101 ")) && len(stream) > 13 {
				out, stream = stream, nil // the directory
				return out
			}
			end := bytes.Index(stream, []byte("\r\n\r\n"))
			if end < 0 {
				return nil
			}
			upgraded, out, stream = true, bytes.Clone(stream[:end+4]), stream[end+4:]
		}
		for {
			size, header := frameSize(stream)
			if size == 0 || len(stream) < size {
				return out
			}
			one := stream[:size]
			if len(one) > header && one[0] == 0x82 && one[header] == byte(chat.KindEntry) {
				if entries++; entries%7 == 0 {
					one = spoil(one, &held)
				} else if held != nil {
					one, held = append(bytes.Clone(one), held...), nil
				}
			}
			out = append(out, one...)
			stream = stream[size:]
		}
	}
}

// frameSize reads the header of an unmasked WebSocket frame; 0 where it is not all there yet.
func frameSize(b []byte) (size, header int) {
	if len(b) < 2 {
		return 0, 0
	}
	switch n := int(b[1] & 0x7f); {
	case n < 126:
		return n + 2, 2
	case n == 126 && len(b) >= 4:
		return int(binary.BigEndian.Uint16(b[2:])) + 4, 4
	case n == 127 && len(b) >= 10:
		return int(binary.BigEndian.Uint64(b[2:])) + 10, 10
	}
	return 0, 0
}

package main

import (
	"net/http/httptest"
	"testing"
	"time"

	"github.com/utvag/utvag/internal/redistest"
)

// Whatever a server is worth, the bench must measure it with every message there, once and in order.
func TestEveryServerCarriesEveryMessage(t *testing.T) {
	for _, name := range []string{"bare", "plain", "script", "utvag"} {
		t.Run(name, func(t *testing.T) {
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
				latencies, err := l.run(t.Context(), 100, 2*time.Second)
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

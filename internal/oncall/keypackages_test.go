package oncall

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/utvag/utvag/chat"
	"github.com/utvag/utvag/intake/roster"
	"github.com/utvag/utvag/internal/config"
	"github.com/utvag/utvag/internal/live"
	"github.com/utvag/utvag/internal/quietlog"
	"github.com/utvag/utvag/internal/testkit"
)

// published holds key packages by day.
type published map[uint32]map[chat.Device][]byte

func (p published) KeyPackages(_ context.Context, _ string, day uint32) (map[chat.Device][]byte, error) {
	if p == nil {
		return nil, errors.New("no store")
	}
	return p[day], nil
}

func TestADeviceIsWarnedOfBeforeItsKeyPackagesRunOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now().UTC()
		today := uint32(start.Unix() / 86400)
		store := published{}
		var devices []roster.Device
		add := func(seed byte, alias string, role roster.Role, days ...int) {
			key := ed25519.NewKeyFromSeed(slices.Repeat([]byte{seed}, ed25519.SeedSize)).Public().(ed25519.PublicKey)
			d := roster.Device{ID: roster.IDOf(key), Role: role, Languages: []string{"sv"}, Expires: start.AddDate(0, 0, 90),
				Key: key, Alias: alias}
			devices = append(devices, d)
			for _, day := range days {
				at := today + uint32(day)
				if store[at] == nil {
					store[at] = map[chat.Device][]byte{}
				}
				store[at][chat.Device(d.ID)] = []byte("key package")
			}
		}
		add(1, "Sara", roster.Coordinator, 0, 1, 2, 3, 4, 5, 6)
		add(2, "Omar", roster.Coordinator, 0)
		add(3, "Lea", roster.Coordinator)
		add(4, "Nora", roster.Coordinator, 0, 2, 3)
		add(5, "Ines", roster.Interpreter)
		log := new(testkit.Log)
		signed, pins := testkit.Roster(t, "vidby", start, devices...)
		held := live.NewRoster(&config.Kommun{ID: "vidby", Pins: pins}, time.Now, quietlog.New(log))
		if err := held.Put(signed); err != nil {
			t.Fatal(err)
		}

		var mu sync.Mutex
		var all []string
		told := func() []string {
			mu.Lock()
			defer mu.Unlock()
			return slices.Clone(all)
		}
		w := &packageWatch{kommun: "vidby", roster: held, store: store, now: time.Now, log: quietlog.New(log),
			low: func(alias string, days int) {
				mu.Lock()
				defer mu.Unlock()
				all = append(all, fmt.Sprint(alias, " ", days))
			}}
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		go w.follow(ctx)
		time.Sleep(packagesFirst - time.Second)
		synctest.Wait()
		if len(told()) > 0 {
			t.Errorf("told %q before consoles had time to put theirs back", told())
		}
		time.Sleep(20 * time.Hour)
		synctest.Wait()
		if want := []string{"Omar 1", "Lea 0", "Nora 1"}; !slices.Equal(told(), want) {
			t.Errorf("on the first day %q, want %q, once each", told(), want)
		}
		if said := log.String(); strings.Count(said, "count=3") != 1 || strings.Contains(said, "Omar") ||
			strings.Contains(said, devices[1].ID.String()) {
			t.Errorf("the log says %q", said)
		}
		mu.Lock()
		all = nil
		mu.Unlock()
		time.Sleep(5 * 24 * time.Hour)
		synctest.Wait()
		if !slices.Contains(told(), "Sara 2") || !slices.Contains(told(), "Omar 0") {
			t.Errorf("some days later %q", told())
		}
		stop()
		synctest.Wait()
	})
}

func TestAStoreThatDoesNotAnswerWarnsOfNobody(t *testing.T) {
	log := new(testkit.Log)
	held := live.NewRoster(&config.Kommun{ID: "vidby"}, time.Now, quietlog.New(log))
	w := &packageWatch{kommun: "vidby", roster: held, store: published(nil), now: time.Now, log: quietlog.New(log),
		low: func(string, int) { t.Error("told") }}
	if err := w.look(t.Context()); err == nil {
		t.Error("no error")
	}
}

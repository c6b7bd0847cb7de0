package server

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"time"

	"github.com/utvag/utvag/internal/live"
)

// nobodys are addresses that were set aside for examples. Nothing is sent to them.
var nobodys = []string{"192.0.2.1:9", "[2001:db8::1]:9"}

// Outward is why nothing can leave this machine and what to look at, or nil. A unit or a container that takes the
// network away does so without a word, and a console rings all the same, so that nobody would notice until the night on
// which nobody looks at one.
func Outward() error { return outward(net.Dial) }

func outward(dial func(network, address string) (net.Conn, error)) error {
	var why error
	for _, address := range nobodys {
		c, err := dial("udp", address) // connecting sends nothing
		if err == nil {
			c.Close()
			return nil
		}
		if why == nil {
			why = err
		}
	}
	for inner := why; inner != nil; inner = errors.Unwrap(inner) {
		why = inner // without the address, which is nobody's
	}
	return errors.New(noWayOut + why.Error())
}

const noWayOut = "channels are configured, and nothing can leave this machine: look at PrivateNetwork and RestrictAddressFamilies of the unit, network_mode of the container, or the route. The kernel says: "

// watchOutward complains once when alarms cannot leave this machine, until they can.
func watchOutward(ctx context.Context, log *slog.Logger, dial func(network, address string) (net.Conn, error),
	every time.Duration) {
	w := live.Watch{Every: every, Look: func(context.Context) error { return outward(dial) },
		Wrong: func(problem error) { log.Error("ALARMS CANNOT LEAVE THIS MACHINE", "problem", problem) },
		Right: func() { log.Info("alarms can leave this machine again") },
	}
	w.Run(ctx)
}

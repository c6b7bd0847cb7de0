package main

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/utvag/utvag/chat"
	"github.com/utvag/utvag/chat/relay"
)

// roster is an Authority over a file that tests rewrite. Its signature is not looked at.
type roster struct {
	kommun string
	path   string
}

func (r roster) text() string {
	text, err := os.ReadFile(r.path)
	if err != nil {
		return ""
	}
	return string(text)
}

func (r roster) Device(kommun string, device chat.Device) (relay.Certificate, bool) {
	if kommun != r.kommun {
		return relay.Certificate{}, false
	}
	for line := range strings.Lines(r.text()) {
		// device <id> <role> <languages> <expiry> <key> <alias>
		fields := strings.Fields(line)
		if len(fields) < 7 || fields[0] != "device" || fields[1] != device.String() {
			continue
		}
		expires, err1 := time.Parse(time.RFC3339, fields[4])
		key, err2 := base64.StdEncoding.DecodeString(fields[5])
		return relay.Certificate{
			Key: ed25519.PublicKey(key), Expires: expires, Intake: fields[2] != "interpreter",
		}, err1 == nil && err2 == nil
	}
	return relay.Certificate{}, false
}

// follow announces each serial that the file comes to have.
func (r roster) follow(ctx context.Context, node *relay.Relay) {
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	last := r.serial()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if serial := r.serial(); serial > last {
			last = serial
			node.Announce(r.kommun, serial)
		}
	}
}

func (r roster) serial() uint64 {
	for line := range strings.Lines(r.text()) {
		if text, ok := strings.CutPrefix(line, "serial "); ok {
			serial, _ := strconv.ParseUint(strings.TrimSpace(text), 10, 64)
			return serial
		}
	}
	return 0
}

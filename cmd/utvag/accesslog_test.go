package main

import (
	"encoding/hex"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/utvag/utvag/chat"
	"github.com/utvag/utvag/internal/testkit"
)

// The real server, after a real conversation: the file holds what staff did, and nothing else.
func TestServeLogsAccessAndNothingElse(t *testing.T) {
	t.Parallel()
	folder := testkit.NewAccessFolder(t)
	s := prepareServe(t, func(text string) string {
		return strings.Replace(text, "    numbers:\n", "    access_log: {folder: "+folder+"}\n    numbers:\n", 1)
	})
	mailbox, visitor := s.story(t)
	if _, err := visitor.Ask(&chat.End{Mailbox: mailbox}); err != nil {
		t.Fatal(err)
	}
	if files := testkit.FilesIn(t, folder); len(files) != 0 && time.Now().Minute() > 0 {
		t.Errorf("within the hour there is %q", files)
	}
	s.end(t, syscall.SIGTERM)
	files := testkit.FilesIn(t, folder)
	if len(files) != 1 {
		t.Fatalf("the folder holds %q", files)
	}
	device := hex.EncodeToString(s.device[:])
	pattern := regexp.MustCompile(`^utvag access log 1 vidby \d{4}-\d\d\n(?:\d{4}-\d\d-\d\d \d\d ` + device +
		` (?:signed-in -|read [0-9a-f]{16}|claimed [0-9a-f]{16}) Sara\n){3,6}$`)
	for name, text := range files {
		if !pattern.MatchString(text) {
			t.Errorf("%s holds %q", name, text)
		}
		for _, what := range []string{"signed-in", "read", "claimed"} {
			if !strings.Contains(text, " "+what+" ") {
				t.Errorf("nothing was %s: %q", what, text)
			}
		}
		for _, secret := range []string{hex.EncodeToString(mailbox[:])[:16], string(mailbox[:]), written,
			hex.EncodeToString(s.capability)[:16], "127.0.0.1"} {
			if strings.Contains(text, secret) {
				t.Errorf("%s holds %q", name, secret)
			}
		}
	}
	for _, secret := range []string{device, hex.EncodeToString(mailbox[:])} {
		if strings.Contains(s.log.String(), secret) {
			t.Errorf("the server's own log holds %s", secret)
		}
	}
}

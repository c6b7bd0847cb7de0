package main

import (
	"encoding/hex"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/utvag/utvag/chat"
	"github.com/utvag/utvag/chat/relay"
	"github.com/utvag/utvag/intake/access"
	"github.com/utvag/utvag/internal/config"
	"github.com/utvag/utvag/internal/live"
	"github.com/utvag/utvag/internal/testkit"
)

func newTestLog(t *testing.T, folder string, log *testkit.Log) (accessLogs, *accessLog) {
	t.Helper()
	k := &config.Kommun{ID: "vidby", AccessLog: &config.AccessLog{Folder: folder, Keep: 2}}
	quiet := slog.New(slog.NewTextHandler(log, nil))
	l := newAccessLog(hosted{tenant: k, book: live.NewRoster(k, time.Now, quiet)}, time.Now, quiet)
	return accessLogs{"vidby": l}, l
}

var opened = relay.Access{Kommun: "vidby", Device: chat.Device{1}, What: relay.DidOpen, Mailbox: chat.Mailbox{1}}

// The clock of a bubble begins on 1 January 2000 at 01:00 in Stockholm.
func TestTheAccessLogIsWrittenByTheHourAndForgotten(t *testing.T) {
	folder := testkit.NewAccessFolder(t)
	for _, name := range []string{"vidby-1999-11.log", "vidby-1999-12.log", "annan-1999-01.log", "vidby-notes.txt"} {
		if err := os.WriteFile(filepath.Join(folder, name), nil, 0o640); err != nil {
			t.Fatal(err)
		}
	}
	synctest.Test(t, func(t *testing.T) {
		log := new(testkit.Log)
		all, l := newTestLog(t, folder, log)
		ctx := t.Context()
		go l.follow(ctx)
		time.Sleep(30 * time.Minute)
		if files := testkit.FilesIn(t, folder); len(files) != 3 || files["vidby-1999-11.log"] != "" {
			t.Fatalf("after the start: %q", files)
		}
		if _, err := os.Stat(filepath.Join(folder, "vidby-1999-11.log")); err == nil {
			t.Error("a file of three months ago is kept")
		}
		all.note(opened)
		all.note(relay.Access{Kommun: "another", Device: chat.Device{1}, What: relay.DidSignIn})
		time.Sleep(29 * time.Minute)
		if files := testkit.FilesIn(t, folder); len(files) != 3 {
			t.Fatalf("before the hour was over: %q", files)
		}
		time.Sleep(2 * time.Minute)
		text := testkit.FilesIn(t, folder)["vidby-2000-01.log"]
		if !regexp.MustCompile(
			`^utvag access log 1 vidby 2000-01\n2000-01-01 01 0100000000000000 opened [0-9a-f]{16} -\n$`,
		).MatchString(
			text,
		) {
			t.Fatalf("the file holds %q", text)
		}
		if info, err := os.Stat(filepath.Join(folder, "vidby-2000-01.log")); err != nil || info.Mode().Perm() != 0o640 {
			t.Errorf("%v, %v", info.Mode(), err)
		}

		// The rest comes at a clean stop; after a restart the same conversation has another reference.
		all.note(relay.Access{Kommun: "vidby", Device: chat.Device{1}, What: relay.DidSignIn})
		all.flush()
		again, _ := newTestLog(t, folder, log)
		again.note(opened)
		again.flush()
		lines := strings.Split(testkit.FilesIn(t, folder)["vidby-2000-01.log"], "\n")
		if len(lines) != 5 || lines[2] != "2000-01-01 02 0100000000000000 signed-in - -" || lines[3][34:] == lines[1][34:] {
			t.Errorf("the file holds %q", lines)
		}
		if log.String() != "" {
			t.Errorf("the log says %s", log)
		}
	})
}

func TestAnAccessLogThatCannotBeWrittenIsWrittenLater(t *testing.T) {
	folder := testkit.NewAccessFolder(t)
	log := new(testkit.Log)
	all, l := newTestLog(t, folder, log)
	name := filepath.Join(folder, "vidby-"+time.Now().In(l.tenant.Hours.Zone()).Format("2006-01")+".log")
	if err := os.Mkdir(name, 0o750); err != nil { // in its place; root may write anywhere else
		t.Fatal(err)
	}
	all.note(opened)
	all.flush()
	all.flush()
	if strings.Count(log.String(), "THE ACCESS LOG CANNOT BE WRITTEN") != 1 {
		t.Errorf("the log says %s", log)
	}
	if err := os.Remove(name); err != nil {
		t.Fatal(err)
	}
	// What a crash has left half written is cut off.
	month := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(name), "vidby-"), ".log")
	if err := os.WriteFile(name, []byte("utvag access log 1 vidby "+month+"\n2026-"), 0o640); err != nil {
		t.Fatal(err)
	}
	all.flush()
	all.flush()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	written, err := access.Parse(f)
	if err != nil || len(written.Events) != 1 {
		t.Errorf("%+v, %v", written, err)
	}
}

// The real server, after a real conversation: the file holds what staff did, and nothing else.
func TestServeLogsAccessAndNothingElse(t *testing.T) {
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

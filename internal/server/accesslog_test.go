package server

import (
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"
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
	l := newAccessLog(&live.Kommun{Config: k, Roster: live.NewRoster(k, time.Now, quiet)}, time.Now, quiet)
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
	name := filepath.Join(folder, "vidby-"+time.Now().In(l.kommun.Config.Hours.Zone()).Format("2006-01")+".log")
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

package server

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/utvag/utvag/chat"
	"github.com/utvag/utvag/chat/relay"
	"github.com/utvag/utvag/intake/access"
	"github.com/utvag/utvag/intake/roster"
	"github.com/utvag/utvag/internal/config"
	"github.com/utvag/utvag/internal/live"
)

// accessLog writes the access log of one kommun.
type accessLog struct {
	kommun *live.Kommun
	buffer *access.Buffer
	now    func() time.Time
	log    *slog.Logger

	writing sync.Mutex
	failed  string // what was complained of last
}

// accessLogs are those of a server, by kommun; a kommun that has not asked for one has none.
type accessLogs map[string]*accessLog

// note takes what the relay tells. It touches memory only.
func (a accessLogs) note(e relay.Access) {
	l := a[e.Kommun]
	if l == nil {
		return
	}
	alias := ""
	if _, r := l.kommun.Roster.Present(); r != nil {
		if d := r.Device(roster.DeviceID(e.Device)); d != nil {
			alias = d.Alias
		}
	}
	var mailbox []byte
	if e.Mailbox != (chat.Mailbox{}) {
		mailbox = e.Mailbox[:]
	}
	l.buffer.Note(l.now(), roster.DeviceID(e.Device).String(), alias, string(e.What), mailbox)
}

// flush writes what is held, whether its hour is over or not: the server stops.
func (a accessLogs) flush() {
	for _, l := range a {
		l.write(true)
	}
}

func newAccessLog(k *live.Kommun, now func() time.Time, log *slog.Logger) *accessLog {
	return &accessLog{kommun: k, buffer: access.NewBuffer(k.Config.Hours.Zone()), now: now, log: log}
}

// writeEvery is how often it is looked whether an hour is over. It is short, so that a clock that jumps holds nothing
// back.
const writeEvery = time.Minute

// follow writes each hour once it is over, and deletes what is too old, until ctx ends.
func (l *accessLog) follow(ctx context.Context) {
	w := live.Watch{Every: writeEvery, Look: func(context.Context) error {
		l.write(false)
		return l.forget()
	}, Wrong: func(problem error) {
		l.log.Error("an access log that is too old cannot be deleted", "kommun", l.kommun.Config.ID, "problem", problem)
	}}
	w.Run(ctx)
}

// write appends what is due. What could not be written stays in memory, and is tried again.
func (l *accessLog) write(all bool) {
	l.writing.Lock()
	defer l.writing.Unlock()
	var problems []error
	for month, events := range l.buffer.Over(l.now(), all) {
		if err := l.add(month, events); err != nil {
			problems = append(problems, err)
			continue
		}
		l.buffer.Written(events)
	}
	if lost := l.buffer.Lost(); lost > 0 {
		problems = append(problems, fmt.Errorf("%d events found no room in memory and are lost", lost))
	}
	switch err := errors.Join(problems...); {
	case err == nil:
		l.failed = ""
	case err.Error() != l.failed:
		l.failed = err.Error()
		l.log.Error("THE ACCESS LOG CANNOT BE WRITTEN", "kommun", l.kommun.Config.ID, "problem", err)
	}
}

func (l *accessLog) add(month string, events []access.Event) error {
	var lines strings.Builder
	for _, e := range events {
		fmt.Fprintln(&lines, e)
	}
	f, err := os.OpenFile(
		filepath.Join(l.kommun.Config.AccessLog.Folder, access.Name(l.kommun.Config.ID, month)),
		os.O_RDWR|os.O_CREATE,
		0o640,
	)
	if err != nil {
		return errors.New(config.WithoutPath(err))
	}
	defer f.Close()
	end, err := wholeLines(f)
	if err != nil {
		return errors.New(config.WithoutPath(err))
	}
	text := lines.String()
	if end == 0 {
		text = access.Head(l.kommun.Config.ID, month) + "\n" + text
	}
	_, err = f.WriteAt([]byte(text), end)
	if err := errors.Join(err, f.Chmod(0o640), f.Sync()); err != nil {
		f.Truncate(end) // the next attempt writes all of it
		return errors.New(config.WithoutPath(err))
	}
	return nil
}

// wholeLines cuts off a line that a crash has left half written, and gives where the next one begins.
func wholeLines(f *os.File) (int64, error) {
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	tail := make([]byte, min(info.Size(), 64<<10))
	if _, err := f.ReadAt(tail, info.Size()-int64(len(tail))); err != nil {
		return 0, err
	}
	end := info.Size() - int64(len(tail)) + int64(bytes.LastIndexByte(tail, '\n')+1)
	if end == info.Size() {
		return end, nil
	}
	return end, f.Truncate(end)
}

// forget deletes the files of this kommun that are too old.
func (l *accessLog) forget() error {
	files, err := os.ReadDir(l.kommun.Config.AccessLog.Folder)
	if err != nil {
		return nil // write complains
	}
	var problems []error
	for _, f := range files {
		month, ours := access.MonthOf(l.kommun.Config.ID, f.Name())
		if ours && access.Expired(month, l.now(), l.kommun.Config.Hours.Zone(), l.kommun.Config.AccessLog.Keep) {
			if err := os.Remove(filepath.Join(l.kommun.Config.AccessLog.Folder, f.Name())); err != nil {
				problems = append(problems, fmt.Errorf("that of %s: %s", month, config.WithoutPath(err)))
			}
		}
	}
	return errors.Join(problems...)
}

// Package prober is a visitor who is nobody: it opens the real page in a Chromium of its own, goes through the
// questions, writes one text, waits for a word from staff, ends the conversation, and leaves nothing behind. It can do
// what a person can do on that page, and no more.
package prober

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/chromedp/chromedp"
)

// Words are the names of what is pressed, as the page shows them.
type Words struct {
	Ask     string `json:"ask"`  // the answer to «who» that tells nothing
	Skip    string `json:"skip"` // a question
	Chat    string `json:"chat"`
	End     string `json:"end"`
	Now     string `json:"now"` // end, yes
	Clear   string `json:"clear"`
	Deleted string `json:"deleted"` // what the page says once the relay has confirmed it
	// Accepted are the words under a message that has come to the relay.
	Accepted []string `json:"accepted"`
}

// Visit is one visit to a page.
type Visit struct {
	Origin string
	// Browser is the program of Chromium; where it is empty, the usual names are looked for.
	Browser string
	Words   Words
	// Text makes what is written, at the moment when it is sent.
	Text func() (string, error)
	// Patience is how long it waits for an answer, from sending.
	Patience time.Duration
}

// What a visit may end with. ErrBrowser is no fault of the page: there is no Chromium, or it does not start.
var (
	ErrBrowser = errors.New("no Chromium could be started: install it (apt install chromium), or name it with --browser")
	ErrClosed  = errors.New(
		"the page offers no chat now: nobody is signed in on a console, or no device has a key for today")
	ErrPage   = errors.New("the page did not let a message be sent")
	ErrMissed = errors.New("nobody answered in time")
	// ErrLeft joins another error, or stands alone: the conversation could not be ended, so that it lies at the relay
	// until it expires.
	ErrLeft = errors.New("the probe's conversation could not be ended and deleted; it expires by itself")
)

const (
	// lookEvery is longer than the pause in which the page takes two presses for one.
	lookEvery = 700 * time.Millisecond
	// arrival bounds the way from the address to the message at the relay, and farewell the end of the conversation.
	arrival  = 90 * time.Second
	farewell = 30 * time.Second
	// closed is how long the page may say that nobody is there: it asks only now and then.
	closed = 10 * time.Second
	// patience bounds one thing that the browser is asked to do.
	patience = 15 * time.Second
	// stir is shorter than what makes the page cover itself.
	stir = time.Minute
)

//go:embed look.js
var look string

type seen struct {
	Do                                     string
	At                                     int
	Sent, Answered, Ended, Deleted, Broken bool
	Clear, End, Now                        int
}

// Run makes the visit, and says how long it took from sending until somebody had answered. It returns only when browser
// and profile are gone.
func (v *Visit) Run(ctx context.Context) (took time.Duration, err error) {
	home, err := os.MkdirTemp("", "utvag-probe-")
	if err != nil {
		return 0, err
	}
	defer func() {
		if gone := os.RemoveAll(home); gone != nil {
			err = errors.Join(err, fmt.Errorf("the browser's profile could not be removed: %w", gone))
		}
	}()
	tab, stop, err := v.start(ctx, home)
	if err != nil {
		return 0, err
	}
	defer stop()
	words, err := json.Marshal(v.Words)
	if err != nil {
		return 0, err
	}
	p := &page{tab: tab, look: "(" + look + ")(" + string(words) + ")"}
	if err := p.do(chromedp.Navigate(v.Origin)); err != nil {
		return 0, fmt.Errorf("%w: it cannot be opened at %s", ErrPage, v.Origin)
	}
	began, err := p.send(v.Text)
	if err == nil {
		took, err = p.wait(began, v.Patience)
	}
	if !began.IsZero() {
		err = errors.Join(err, p.end())
	}
	return took, err
}

// start opens a Chromium whose every file lies in home, and which asks nobody but the page.
func (v *Visit) start(ctx context.Context, home string) (context.Context, func(), error) {
	options := append(chromedp.DefaultExecAllocatorOptions[:len(chromedp.DefaultExecAllocatorOptions):len(
		chromedp.DefaultExecAllocatorOptions)],
		chromedp.UserDataDir(filepath.Join(home, "profile")), chromedp.WindowSize(360, 640),
		chromedp.Env("HOME="+home, "TMPDIR="+home, "XDG_CONFIG_HOME="+home, "XDG_CACHE_HOME="+home, "XDG_RUNTIME_DIR="+home),
		chromedp.Flag("incognito", true), chromedp.Flag("lang", "sv-SE"), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-breakpad", true), chromedp.Flag("disable-quic", true), chromedp.DisableGPU,
	)
	if v.Browser != "" {
		options = append(options, chromedp.ExecPath(v.Browser))
	}
	if os.Geteuid() == 0 {
		// Chromium refuses its sandbox to root.
		options = append(options, chromedp.NoSandbox)
	}
	allocator, endAll := chromedp.NewExecAllocator(ctx, options...)
	tab, endTab := chromedp.NewContext(allocator)
	if err := chromedp.Do(tab); err != nil {
		endTab()
		endAll()
		return nil, nil, fmt.Errorf("%w (%v)", ErrBrowser, err)
	}
	return tab, func() {
		// Waits for the process: what it writes on its way out is removed with the rest.
		_ = chromedp.Cancel(tab)
		endTab()
		endAll()
	}, nil
}

type page struct {
	tab  context.Context
	look string
}

func (p *page) do(steps ...chromedp.Action[chromedp.Void]) error {
	ctx, cancel := context.WithTimeout(p.tab, patience)
	defer cancel()
	return chromedp.Do(ctx, steps...)
}

func evaluate[T any](p *page, script string) (T, error) {
	ctx, cancel := context.WithTimeout(p.tab, patience)
	defer cancel()
	return chromedp.Run(ctx, chromedp.Evaluate[T](script))
}

func (p *page) see() (seen, error) { return evaluate[seen](p, p.look) }

// click clicks with a mouse, as a person would, in the middle of what a script finds.
func (p *page) click(element string) error {
	at, err := evaluate[[]float64](p, `((one) => {
		one.scrollIntoView({ block: "center" });
		const box = one.getBoundingClientRect();
		return [box.x + box.width / 2, box.y + box.height / 2];
	})(`+element+`)`)
	if err != nil || len(at) != 2 {
		return errors.Join(err, errGone)
	}
	return p.do(chromedp.MouseClickXY(at[0], at[1]))
}

// errGone is what a press on something that is not there any more ends with.
var errGone = errors.New("it has gone from the page")

func (p *page) write(words string) error {
	if err := p.click(`document.querySelector("#w")`); err != nil {
		return err
	}
	if _, err := evaluate[bool](p, `(document.querySelector("#w").select(), true)`); err != nil {
		return err
	}
	return p.do(chromedp.KeyEvent(words))
}

// press presses a button by its number. What has gone from under it is seen at the next look.
func (p *page) press(at int) { _ = p.click(fmt.Sprintf(`document.querySelectorAll("button")[%d]`, at)) }

// each looks at the page until act is done or the time is over.
func (p *page) each(limit time.Duration, act func(seen) (done bool, err error)) error {
	timeout := time.NewTimer(limit)
	defer timeout.Stop()
	for {
		if s, err := p.see(); err == nil {
			if done, err := act(s); done || err != nil {
				return err
			}
		}
		select {
		case <-p.tab.Done():
			return p.tab.Err()
		case <-timeout.C:
			return context.DeadlineExceeded
		case <-time.After(lookEvery):
		}
	}
}

// send goes through the questions and writes. began is when the text was sent; zero where nothing was.
func (p *page) send(text func() (string, error)) (began time.Time, err error) {
	var shut time.Time
	last := "nothing"
	err = p.each(arrival, func(s seen) (bool, error) {
		last = s.Do
		switch s.Do {
		case "press":
			p.press(s.At)
		case "closed":
			if shut.IsZero() {
				shut = time.Now()
			} else if time.Since(shut) > closed {
				return false, ErrClosed
			}
		case "write":
			if s.At < 0 || !began.IsZero() {
				return false, nil
			}
			words, err := text()
			if err != nil {
				return false, err
			}
			if p.write(words) != nil {
				return false, nil
			}
			began = time.Now()
			p.press(s.At)
		case "chat":
			if s.Broken {
				return false, fmt.Errorf("%w: it was written, and the page then said that something is wrong", ErrPage)
			}
			return s.Sent || s.Answered, nil
		}
		return false, nil
	})
	if errors.Is(err, context.DeadlineExceeded) {
		err = fmt.Errorf("%w within %v (the last step seen was «%s»)", ErrPage, arrival, last)
	}
	return began, err
}

func (p *page) wait(began time.Time, limit time.Duration) (time.Duration, error) {
	stirred := time.Now()
	var took time.Duration
	err := p.each(limit-time.Since(began), func(s seen) (bool, error) {
		took = time.Since(began)
		if time.Since(stirred) > stir {
			stirred = time.Now()
			_ = p.do(chromedp.MouseEvent(chromedp.MouseMoved, float64(stirred.Second()%10), 5))
		}
		if s.Do == "press" {
			p.press(s.At) // the cover
		}
		switch {
		case s.Answered:
		case s.Ended:
			return false, ErrMissed // somebody ended it without a word
		case s.Broken:
			return false, fmt.Errorf("%w to the end: it said while it waited that something is wrong", ErrPage)
		}
		return s.Answered, nil
	})
	if errors.Is(err, context.DeadlineExceeded) {
		err = ErrMissed
	}
	return took, err
}

// end takes the conversation away on both sides, and waits until the page says that it is deleted.
func (p *page) end() error {
	err := p.each(farewell, func(s seen) (bool, error) {
		switch {
		case s.Broken:
			return false, ErrLeft
		case s.Do == "press":
			p.press(s.At)
		case s.Ended && s.Deleted:
			p.press(s.Clear)
			return true, nil
		case s.Ended:
		case s.Now >= 0 && s.Do == "chat":
			p.press(s.Now)
		case s.End >= 0 && s.Do == "chat":
			p.press(s.End)
		}
		return false, nil
	})
	if err != nil {
		return ErrLeft
	}
	return nil
}

package main

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/utvag/utvag/i18n"
	"github.com/utvag/utvag/intake/flow"
	"github.com/utvag/utvag/internal/config"
)

type flowPreviewCommand struct {
	File   string `arg:"" optional:"" help:"A flow to walk through; without one and without --config, that of this release."`
	Words  string `placeholder:"FILE" help:"Words of the kommun to it."`
	Config string `placeholder:"FILE" help:"Walk as a visitor of the first kommun of this configuration."`
	Kommun string `placeholder:"ID" help:"Another kommun of the configuration."`
	Lang   string `default:"sv" placeholder:"TAG" help:"Language to read."`
}

// Run shows screen after screen until an exit, the end of the input, or q.
func (c *flowPreviewCommand) Run(t terminal) error {
	all, err := chooseFlows(t, c.Config, c.File, c.Words)
	if err != nil {
		return err
	}
	i := 0
	if c.Kommun != "" {
		if i = slices.IndexFunc(all, func(s config.ShownFlow) bool { return s.Kommun.ID == c.Kommun }); i < 0 {
			return fmt.Errorf("%w: --kommun: the configuration has no kommun «%s»", errUsage, c.Kommun)
		}
	}
	if offered := all[i].Languages; !slices.Contains(offered, c.Lang) {
		return fmt.Errorf("%w: --lang: offered are %s", errUsage, strings.Join(offered, ", "))
	}
	w := &walker{shown: all[i], lang: c.Lang, in: bufio.NewScanner(t.stdin), out: t.stdout, answers: flow.Answers{}}
	return w.walk()
}

type walker struct {
	shown   config.ShownFlow
	lang    string
	in      *bufio.Scanner
	out     io.Writer
	answers flow.Answers
}

func (w *walker) walk() error {
	for {
		place, err := w.shown.Flow.Walk(w.answers)
		if err != nil {
			return err
		}
		if place.Exit != "" {
			return w.end(place.Exit)
		}
		step := w.shown.Flow.Steps[place.Step]
		w.screen(place.Step, &step)
		if !w.in.Scan() {
			return w.in.Err()
		}
		switch typed := strings.TrimSpace(w.in.Text()); typed {
		case "q":
			return nil
		case "b":
			w.answers, _ = w.shown.Flow.Back(w.answers)
		default:
			keys, ok := read(&step, typed)
			if !ok {
				fmt.Fprintf(w.out, "\n«%s» is no choice here.\n", typed)
				continue
			}
			w.answers[place.Step] = keys
		}
	}
}

// read turns what was typed into chosen keys, in the order of the flow.
func read(step *flow.Step, typed string) ([]string, bool) {
	keys := []string{}
	if typed == "s" {
		return keys, step.Skip
	}
	chosen := map[int]bool{}
	for _, word := range strings.Fields(typed) {
		n, err := strconv.Atoi(word)
		if err != nil || n < 1 || n > len(step.Choices) {
			return nil, false
		}
		chosen[n-1] = true
	}
	for i, c := range step.Choices {
		if chosen[i] {
			keys = append(keys, c.Key)
		}
	}
	return keys, len(keys) == 1 || step.Kind == flow.Many
}

func (w *walker) screen(id string, step *flow.Step) {
	fmt.Fprintf(w.out, "\n[%s]  %s\n\n", id, w.say("danger.bar"))
	for _, key := range append([]string{step.Ask, step.Help}, step.Texts...) {
		if text := w.say(key); text != "" {
			fmt.Fprintln(w.out, text)
		}
	}
	for _, id := range step.Call {
		for _, n := range w.shown.Kommun.Numbers {
			if n.ID == id {
				fmt.Fprintln(w.out, "  tel", n.Number)
			}
		}
	}
	for _, link := range step.Links {
		if address := w.shown.Kommun.Links[link]; address != "" {
			fmt.Fprintf(w.out, "  %s: %s\n", w.say("link."+link), address)
		}
	}
	for i, c := range step.Choices {
		fmt.Fprintf(w.out, "%3d  %s\n", i+1, w.say(c.Key))
	}
	if step.Kind == flow.Many {
		fmt.Fprintf(w.out, "     (%s)\n", w.say("thread.many"))
	}
	if step.Skip {
		fmt.Fprintf(w.out, "  s  %s\n", w.say("common.skip"))
	}
	fmt.Fprintf(w.out, "  b  %s\n  q  (quit)\n> ", w.say("common.back"))
}

// end tells what would be sent, and how urgent it would be.
func (w *walker) end(exit string) error {
	pairs, err := w.shown.Flow.Pairs(w.answers)
	if err != nil {
		return err
	}
	fmt.Fprintf(w.out, "\nExit: %s\n", exit)
	if exit == flow.Call || exit == flow.Stop {
		fmt.Fprintln(w.out, "Nothing is sent.")
		return nil
	}
	fmt.Fprintf(w.out, "Priority %d. Sent, encrypted, with the first message:\n", w.shown.Flow.Of(pairs))
	for _, pair := range pairs {
		fmt.Fprintf(w.out, "  %s: %s\n", pair[0], pair[1])
	}
	return nil
}

// say is the sentence that may stand for a key; "" where none may.
func (w *walker) say(key string) string {
	if key == "" {
		return ""
	}
	standing, err := i18n.Honest(key, w.shown.Facts)
	if err != nil || standing == "" {
		return ""
	}
	text := config.PlainText(w.lang, standing)
	if own, ok := w.shown.Kommun.Words[w.lang][standing]; ok {
		text = own
	}
	return strings.NewReplacer(
		"{kommun}",
		w.shown.Kommun.Name,
		"{hours}",
		strconv.Itoa(w.shown.Kommun.LiveHours),
		"{days}",
		strconv.Itoa(w.shown.Kommun.MessageDays),
	).Replace(
		text,
	)
}

package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/utvag/utvag/intake/alarm"
	"github.com/utvag/utvag/intake/alarm/webpush"
	"github.com/utvag/utvag/intake/roster"
	"github.com/utvag/utvag/internal/config"
	"github.com/utvag/utvag/internal/oncall"
	"github.com/utvag/utvag/internal/quietlog"
	"github.com/utvag/utvag/internal/server"
)

type alarmCommands struct {
	Keys alarmKeysCommand `cmd:"" help:"Make the key for Web Push."`
	Test alarmTestCommand `cmd:"" help:"Ring people for real, and say what worked."`
}

type alarmKeysCommand struct {
	Out string `required:"" placeholder:"FILE" help:"Where the key goes; name it as key_file under channels.push."`
}

// Run makes a key, and never replaces one: with another key everybody would have to turn alarms on again.
func (c *alarmKeysCommand) Run(t terminal) error {
	key, err := webpush.NewKey()
	if err != nil {
		return fmt.Errorf("making the key: %w", err)
	}
	if err := createFile(c.Out, []byte(key.Text()), 0o600); err != nil {
		return err
	}
	fmt.Fprintf(
		t.stderr,
		"The key is in %s. Let the server's user alone read it, and keep a copy: with another one everybody has to turn alarms on again.\n",
		c.Out,
	)
	return nil
}

type alarmTestCommand struct {
	Config  string `required:"" placeholder:"FILE" help:"Configuration file."`
	Kommun  string `placeholder:"ID" help:"This kommun alone."`
	Person  string `placeholder:"ALIAS" help:"This person alone."`
	Channel string `placeholder:"NAME" help:"This channel alone: push, ntfy, mail, webhook, sms or voice."`
}

// trial is one alarm of a test.
type trial struct {
	call    alarm.Call
	channel alarm.Name
	took    time.Duration
	err     error
}

// Run rings everybody that is meant, at the same time, by every channel that is meant.
func (c *alarmTestCommand) Run(t terminal) error {
	if c.Channel != "" && !alarm.Known(c.Channel) {
		return fmt.Errorf("%w: there is no channel «%s»: known are %v", errUsage, c.Channel, alarm.Names)
	}
	checked, err := config.Load(c.Config, t.now())
	if err != nil {
		return err
	}
	store, err := server.OpenStore(t.ctx, checked)
	if err != nil {
		return checked.Wrong("redis.url", "%v", err)
	}
	defer store.Close()
	a := oncall.NewPersonChannels(checked.Channels, store, t.now, quietlog.New(t.stderr))
	defer a.Close()
	defer context.AfterFunc(t.ctx, a.Close)()
	trials, err := c.trials(t.ctx, a, checked, t.now())
	if err != nil {
		return err
	}
	var ringing sync.WaitGroup
	for i := range trials {
		ringing.Go(func() {
			begun := time.Now()
			trials[i].err = a.Try(trials[i].channel, trials[i].call)
			trials[i].took = time.Since(begun)
		})
	}
	ringing.Wait()
	failed := 0
	for _, one := range trials {
		who := fmt.Sprintf("%s, %s, %s: ", one.call.Kommun, one.call.Alias, one.channel)
		if one.err != nil {
			failed++
			fmt.Fprintf(t.stdout, "%sFAILED after %v: %v\n", who, one.took.Round(time.Millisecond), one.err)
			continue
		}
		fmt.Fprintf(t.stdout, "%saccepted in %v\n", who, one.took.Round(time.Millisecond))
	}
	if failed > 0 {
		return fmt.Errorf("%d of %d alarms failed", failed, len(trials))
	}
	fmt.Fprintln(
		t.stderr,
		"Accepted is not heard. Ask each of them, and let them confirm it on the console, Menu, «Larm», within a quarter of an hour.",
	)
	return nil
}

func (c *alarmTestCommand) trials(
	ctx context.Context,
	a *oncall.PersonChannels,
	checked *config.Checked,
	now time.Time,
) ([]trial, error) {
	var all []trial
	known := false
	for _, k := range checked.Kommuner {
		if c.Kommun != "" && c.Kommun != k.ID {
			continue
		}
		signed, err := config.ReadRoster(k.RosterFile)
		if err != nil {
			return nil, fmt.Errorf("the roster of %s: %s", k.ID, config.WithoutPath(err))
		}
		r, err := k.Pins.Verify(signed, k.ID, now, 0)
		if err != nil {
			return nil, fmt.Errorf("the roster of %s: %w", k.ID, err)
		}
		a.Add(k, verified{r})
		names := slices.Collect(maps.Keys(k.People))
		for i := range r.Devices {
			names = append(names, r.Devices[i].Alias)
		}
		slices.Sort(names)
		for _, alias := range slices.Compact(names) {
			if c.Person != "" && c.Person != alias {
				continue
			}
			known = true
			for _, name := range alarm.Names {
				if c.Channel != "" && c.Channel != string(name) {
					continue
				}
				address, there, err := a.Address(ctx, k.ID, alias, name)
				if err != nil {
					return nil, fmt.Errorf("the store did not answer: %w", err)
				}
				if there {
					all = append(all, trial{channel: name,
						call: alarm.Call{Kommun: k.ID, Alias: alias, Address: address, Key: oncall.NewKey(), Test: true}})
				}
			}
		}
	}
	switch {
	case !known && c.Person != "":
		return nil, fmt.Errorf("nobody is called «%s», neither under people nor in the roster", c.Person)
	case len(all) == 0:
		return nil, errors.New(
			"nobody can be called so: write addresses under people, or let them turn alarms on in the console")
	}
	return all, nil
}

// verified is a roster that nobody changes while people are rung.
type verified struct{ roster *roster.Roster }

// Present returns no signed form, which ringing needs nothing of.
func (v verified) Present() ([]byte, *roster.Roster) { return nil, v.roster }

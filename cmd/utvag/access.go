package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"text/tabwriter"
	"time"

	"github.com/utvag/utvag/intake/access"
	"github.com/utvag/utvag/intake/hours"
	"github.com/utvag/utvag/intake/rota"
	"github.com/utvag/utvag/internal/config"
)

type accessCommands struct {
	Review accessReviewCommand `cmd:"" help:"Print what each device opened in a month, and sign that it was reviewed."`
	Verify accessVerifyCommand `cmd:"" help:"Check a signed review, and that files are those it was about."`
}

type accessReviewCommand struct {
	Log    []string `required:"" placeholder:"FILE" sep:"none" help:"Access log of the month, one of each server. Repeatable."`
	Month  string   `placeholder:"2026-11" help:"The month that is meant; files of another are refused."`
	Config string   `placeholder:"FILE" help:"Configuration, for the opening hours; nothing else in it has to be right on this machine."`
	Rota   []string `placeholder:"FILE" sep:"none" help:"Calendar of who was on duty. Repeatable, in the order of the configuration."`

	TeamKey        string `placeholder:"FILE" help:"Sign with this team key."`
	PassphraseFile string `placeholder:"FILE" help:"File whose first line is the passphrase; asked for if left out."`
	Identity       string `placeholder:"FILE" help:"An age identity file that opens the key instead of the passphrase."`
	Out            string `placeholder:"FILE" help:"Where the signed review goes; it must not be there yet."`
	By             string `placeholder:"NAME" help:"Who reviewed."`
	Remark         string `placeholder:"TEXT" help:"What was asked or found, in one line. Names nobody but staff."`
}

// Run prints the table and signs it where that is asked for.
func (c *accessReviewCommand) Run(t terminal) error {
	signing := c.TeamKey != "" || c.Out != "" || c.By != "" || c.Remark != ""
	if signing && (c.TeamKey == "" || c.Out == "" || c.By == "") {
		return fmt.Errorf("%w: to sign name --team-key, --out and --by", errUsage)
	}
	if err := access.CheckSaid(c.By, 100); err != nil {
		return fmt.Errorf("%w: --by: %w", errUsage, err)
	}
	if err := access.CheckSaid(c.Remark, access.MaxRemark); err != nil {
		return fmt.Errorf("%w: --remark: %w", errUsage, err)
	}
	logs, err := readLogs(c.Log)
	if err != nil {
		return err
	}
	kommun, month := logs[0].Kommun, logs[0].Month
	if c.Month != "" && c.Month != month {
		return fmt.Errorf("%s is of %s, not of %s", c.Log[0], month, c.Month)
	}
	against, err := c.against(t.ctx, kommun, month)
	if err != nil {
		return err
	}
	signed := &access.Signed{Kommun: kommun, Month: month, At: t.now(), By: c.By, Remark: c.Remark,
		Counts: access.Review(logs, against)}
	for _, l := range logs {
		signed.Sums = append(signed.Sums, l.Sum)
	}
	showReview(t.stdout, signed)
	if !signing {
		return nil
	}
	flags := teamKeyFlags{TeamKey: c.TeamKey, PassphraseFile: c.PassphraseFile, Identity: c.Identity}
	key, err := flags.unlock(t)
	if err != nil {
		return err
	}
	text, err := signed.Sign(key)
	if err != nil {
		return err
	}
	return createFile(c.Out, text, 0o640)
}

// readLogs reads files of one kommun and month.
func readLogs(names []string) ([]*access.Log, error) {
	var logs []*access.Log
	for _, name := range names {
		f, err := os.Open(name)
		if err != nil {
			return nil, fmt.Errorf("the access log %s cannot be read: %s", name, config.WithoutPath(err))
		}
		l, err := access.Parse(f)
		f.Close()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if len(logs) > 0 && (l.Kommun != logs[0].Kommun || l.Month != logs[0].Month) {
			return nil, fmt.Errorf("%s is of %s in %s, and %s of %s in %s: review each by itself", name, l.Kommun, l.Month,
				names[0], logs[0].Kommun, logs[0].Month)
		}
		if slices.ContainsFunc(logs, func(o *access.Log) bool { return o.Sum == l.Sum }) {
			return nil, fmt.Errorf("%s is named twice", name)
		}
		logs = append(logs, l)
	}
	return logs, nil
}

func (c *accessReviewCommand) against(ctx context.Context, kommun, month string) (access.Against, error) {
	var written *hours.Hours
	if c.Config != "" {
		var err error
		if written, err = config.HoursOf(c.Config, kommun); err != nil {
			return access.Against{}, err
		}
	}
	a := access.Against{Zone: written.Zone()}
	open := written
	if len(c.Rota) > 0 {
		held, err := readRota(ctx, month, a.Zone, c.Rota)
		if err != nil {
			return a, err
		}
		a.Shifts = func(alias string, from, to time.Time) []hours.Span {
			var spans []hours.Span
			for _, shift := range held.Between(from, to) {
				if shift.Alias == alias {
					spans = append(spans, hours.Span{Start: shift.Start, End: shift.End})
				}
			}
			return spans
		}
		open = written.With(held.Hours())
	}
	if c.Config != "" {
		a.Open = open.Meant
	}
	return a, nil
}

func readRota(ctx context.Context, month string, zone *time.Location, files []string) (*rota.Rota, error) {
	first, err := time.ParseInLocation("2006-01", month, zone)
	if err != nil {
		return nil, err
	}
	var texts [][]byte
	for _, name := range files {
		f, err := os.Open(name)
		if err != nil {
			return nil, fmt.Errorf("the calendar %s cannot be read: %s", name, config.WithoutPath(err))
		}
		text, err := io.ReadAll(io.LimitReader(f, rota.MaxCalendar+1))
		f.Close()
		if err == nil && len(text) > rota.MaxCalendar {
			err = fmt.Errorf("it has more than %d bytes", rota.MaxCalendar)
		}
		if err != nil {
			return nil, fmt.Errorf("the calendar %s cannot be read: %s", name, config.WithoutPath(err))
		}
		texts = append(texts, text)
	}
	ctx, cancel := context.WithTimeout(ctx, config.RotaTimeout)
	defer cancel()
	return rota.Read(ctx, first, zone, texts...)
}

func showReview(w io.Writer, s *access.Signed) {
	fmt.Fprintf(w, "Access log of %s, %s\n", s.Kommun, s.Month)
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(
		table,
		"alias\tdevice\thours signed in\topened\tjoined\tread\tclaimed\tleft\tended\tdays\toutside hours\toutside shifts",
	)
	for _, c := range s.Counts {
		fmt.Fprintf(table, "%s\t%s\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%s\t%s\n", c.Alias, c.Device, c.Hours, c.Opened, c.Joined,
			c.Read, c.Claimed, c.Left, c.Ended, c.Days,
			looked(c.Closed), looked(c.Unplanned))
	}
	table.Flush()
}

// looked is a count, or says that nobody looked.
func looked(n int) string {
	if n < 0 {
		return "not looked at"
	}
	return strconv.Itoa(n)
}

type accessVerifyCommand struct {
	Pin  []string `required:"" placeholder:"KEY" sep:"none" help:"Team key that may have signed. Repeatable."`
	Log  []string `placeholder:"FILE" sep:"none" help:"Access log that must be one of those that were reviewed. Repeatable."`
	File string   `arg:"" placeholder:"REVIEW" help:"The signed review."`
}

// Run prints a signed review. It fails where the signature, or a log, is not as it must be.
func (c *accessVerifyCommand) Run(t terminal) error {
	if _, err := parsePins(c.Pin); err != nil {
		return err
	}
	f, err := os.Open(c.File)
	if err != nil {
		return fmt.Errorf("the review %s cannot be read: %s", c.File, config.WithoutPath(err))
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, access.MaxSigned+1))
	if err != nil {
		return fmt.Errorf("the review %s cannot be read: %s", c.File, config.WithoutPath(err))
	}
	s, err := access.Open(text, c.Pin...)
	if err != nil {
		return fmt.Errorf("%s: %w", c.File, err)
	}
	showReview(t.stdout, s)
	fmt.Fprintf(t.stdout, "Reviewed by %s on %s, signed with a pinned key of %s.\n", s.By, s.At.Format(time.DateOnly),
		s.Kommun)
	if s.Remark != "" {
		fmt.Fprintf(t.stdout, "Remark: %s\n", s.Remark)
	}
	var problems []error
	for _, name := range c.Log {
		logs, err := readLogs([]string{name})
		switch {
		case err != nil:
			problems = append(problems, err)
		case !s.Holds(logs[0].Sum):
			problems = append(problems, fmt.Errorf(
				"%s is none of the files that were reviewed: it was changed since, or is another", name))
		}
	}
	if len(problems) == 0 {
		fmt.Fprintf(t.stdout, "%d of its %d files were compared, and are the same.\n", len(c.Log), len(s.Sums))
	}
	return errors.Join(problems...)
}

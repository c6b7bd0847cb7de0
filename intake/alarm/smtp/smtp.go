// Package smtp sends mail through a server that speaks TLS, by STARTTLS or from the first byte; never without.
package smtp

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"strings"

	"github.com/wneessen/go-mail"

	"github.com/utvag/utvag/intake/alarm"
	"github.com/utvag/utvag/intake/alarm/internal/outbound"
)

// Config says which server, as whom.
type Config struct {
	Host string
	Port int
	// Implicit means TLS from the first byte, as on port 465; otherwise STARTTLS is required.
	Implicit bool
	// User and Password are empty where the server asks for none.
	User, Password string
	// From is a bare address, such as jour@vidby.example.
	From   string
	Limits alarm.Limits
}

type channel struct {
	config Config
	limits alarm.Limits
	domain string
}

// New makes the channel. A Call's address is a mail address.
func New(c Config) alarm.Channel {
	_, domain, _ := strings.Cut(c.From, "@")
	return &channel{c, c.Limits.Filled(), domain}
}

func (s *channel) Call(ctx context.Context, c alarm.Call) error {
	message, err := s.message(c)
	if err != nil {
		return alarm.Failed("the mail cannot be made: check the addresses")
	}
	return s.limits.Do(ctx, func(ctx context.Context) error { return s.send(ctx, message) })
}

func (s *channel) message(c alarm.Call) (*mail.Msg, error) {
	m := mail.NewMsg(mail.WithNoDefaultUserAgent(), mail.WithEncoding(mail.EncodingQP))
	if err := errors.Join(m.From(s.config.From), m.To(c.Address)); err != nil {
		return nil, err
	}
	// The same key gives the same id, by which mailboxes know a mail that comes twice.
	m.SetMessageIDWithValue(c.Key + "@" + s.domain)
	m.SetGenHeader("Auto-Submitted", "auto-generated")
	m.SetImportance(mail.ImportanceHigh)
	m.Subject(alarm.Words())
	m.SetBodyString(mail.TypeTextPlain, alarm.Words()+"\n")
	return m, nil
}

func (s *channel) send(ctx context.Context, m *mail.Msg) error {
	client, err := s.client(ctx)
	if err != nil {
		return alarm.Failed("the mail server's name or port cannot be used")
	}
	if err := client.DialWithContext(ctx); err != nil {
		return s.describe(ctx, err)
	}
	err = client.Send(m)
	// What was accepted stays so, however the server says good-bye.
	_ = client.Close()
	if err != nil {
		return s.describe(ctx, err)
	}
	return nil
}

func (s *channel) client(ctx context.Context) (*mail.Client, error) {
	options := []mail.Option{
		mail.WithPort(s.config.Port), mail.WithTimeout(s.limits.Try), mail.WithHELO(s.domain), mail.WithoutNoop(),
		mail.WithTLSConfig(&tls.Config{ServerName: s.config.Host, RootCAs: s.limits.Roots, MinVersion: tls.VersionTLS12}),
		mail.WithDialContextFunc(s.dial(ctx)),
	}
	if s.config.Implicit {
		// dial has made it TLS already; with this policy the library looks whether it is, and offers the password only then.
		options = append(options, mail.WithTLSPolicy(mail.TLSOpportunistic))
	} else {
		options = append(options, mail.WithTLSPolicy(mail.TLSMandatory))
	}
	if s.config.User != "" {
		options = append(options, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover), mail.WithUsername(s.config.User),
			mail.WithPassword(s.config.Password))
	}
	return mail.NewClient(s.config.Host, options...)
}

// dial makes connections that end with the attempt: a server that sends a byte now and then would outlast any timeout
// of its own.
func (s *channel) dial(attempt context.Context) mail.DialContextFunc {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(ctx, network, address)
		if err != nil {
			return nil, err
		}
		if s.config.Implicit {
			secured := tls.Client(conn, &tls.Config{ServerName: s.config.Host, RootCAs: s.limits.Roots,
				MinVersion: tls.VersionTLS12})
			if err := secured.HandshakeContext(attempt); err != nil {
				conn.Close()
				return nil, err
			}
			conn = secured
		}
		context.AfterFunc(attempt, func() { conn.Close() })
		return conn, nil
	}
}

func (s *channel) describe(ctx context.Context, err error) *alarm.Failure {
	var sent *mail.SendError
	var network net.Error
	text := err.Error()
	switch {
	case ctx.Err() != nil:
		return outbound.Describe(ctx.Err(), s.limits.Try, true)
	case errors.As(err, &sent) && sent.ErrorCode() >= 500:
		return alarm.Failed("the mail server refuses the message or the address for good")
	case errors.As(err, &sent) && sent.IsTemp():
		return &alarm.Failure{Problem: "the mail server cannot take it now", Again: true}
	case strings.Contains(text, "STARTTLS"):
		return alarm.Failed(
			"the mail server offers no STARTTLS, and nothing is sent without: use its TLS port with tls: implicit")
	case strings.Contains(text, "SMTP AUTH") || strings.HasPrefix(text, "535 "):
		return alarm.Failed("the mail server does not take the user and the password")
	case errors.As(err, &network):
		return outbound.Describe(err, s.limits.Try, true)
	}
	return outbound.Describe(err, s.limits.Try, true)
}

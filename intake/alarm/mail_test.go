package alarm_test

import (
	"context"
	"fmt"
	"io"
	"mime"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/utvag/utvag/intake/alarm"
	"github.com/utvag/utvag/intake/alarm/smtp"
	"github.com/utvag/utvag/internal/mailtest"
)

// patient are limits for servers that answer, on a machine that has much else to do.
var patient = alarm.Limits{Try: 20 * time.Second, Pause: 10 * time.Millisecond}

func mailChannel(s *mailtest.Server, change func(*smtp.Config)) alarm.Channel {
	c := smtp.Config{Host: s.Host, Port: s.StartTLS, User: s.User, Password: s.Password, From: "noreply@vidby.test",
		Limits: patient}
	c.Limits.Roots = s.Roots
	if change != nil {
		change(&c)
	}
	return smtp.New(c)
}

func TestMailOnARealServer(t *testing.T) {
	s := mailtest.Start(t)
	ways := []alarm.Channel{mailChannel(s, nil),
		mailChannel(s, func(c *smtp.Config) { c.Port, c.Implicit = s.Implicit, true })}
	for i, call := range differing("sara@vidby.test") {
		if err := ways[i%2].Call(context.Background(), call); err != nil {
			t.Fatalf("call %d: %v", i, err)
		}
	}
	mails := s.Mails(t, len(differing("")))
	slices.Sort(mails)
	var first string
	var ids []string
	for _, text := range mails {
		m, err := mail.ReadMessage(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
		if err != nil || subject != alarm.Words() {
			t.Errorf("the subject is %q", subject)
		}
		body, err := io.ReadAll(quotedprintable.NewReader(m.Body))
		if err != nil || strings.TrimSpace(string(body)) != alarm.Words() {
			t.Errorf("the body is %q", body)
		}
		if protocol := m.Header.Get("Received"); !strings.Contains(protocol, "esmtpsa") {
			t.Errorf("it came by %q, not by TLS and with a login", protocol)
		}
		ids = append(ids, m.Header.Get("Message-Id"))
		// What the server adds, and what every mail must have of its own.
		if got := without(text, "Received", "Return-path", "Envelope-to", "Delivery-date", "Date",
			"Message-ID"); first == "" {
			first = got
		} else if got != first {
			t.Errorf("two mails differ:\n%s\n%s", first, got)
		}
		if sizeOf(m.Header.Get("Message-Id")) != 32+len("<@vidby.test>") ||
			sizeOf(m.Header.Get("Date")) != len("Wed, 25 Nov 2026 13:00:00 +0000") {
			t.Errorf("a size varies: %q %q", m.Header.Get("Message-Id"), m.Header.Get("Date"))
		}
		for _, word := range []string{"Sara", "Vidby kommun", "norrby", "Ali"} {
			if strings.Contains(without(text, "Received", "Envelope-to", "To", "Return-path"), word) {
				t.Errorf("the mail says %s", word)
			}
		}
	}
	if !slices.Contains(ids, "<"+key(1)+"@vidby.test>") {
		t.Errorf("no id is the key: %v", ids)
	}
}

// without takes headers out, whose lines go on with a blank.
func without(text string, headers ...string) string {
	var kept []string
	dropping, inHead := false, true
	for line := range strings.Lines(text) {
		if strings.TrimSpace(line) == "" {
			inHead = false
		}
		if inHead && !strings.HasPrefix(line, " ") && !strings.HasPrefix(line, "\t") {
			name, _, _ := strings.Cut(line, ":")
			dropping = slices.ContainsFunc(headers, func(h string) bool { return strings.EqualFold(h, name) })
		}
		if !inHead || !dropping {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "")
}

func sizeOf(text string) int { return len(text) }

func TestMailThatCannotBeSentSaysWhy(t *testing.T) {
	s := mailtest.Start(t)
	for _, c := range []struct {
		name, to, want string
		change         func(*smtp.Config)
	}{
		{"a wrong password", "sara@vidby.test", "user and the password",
			func(c *smtp.Config) { c.Password = "wrong-secret" }},
		{"no password", "sara@vidby.test", "refuses", func(c *smtp.Config) { c.User, c.Password = "", "" }},
		{"a server without STARTTLS", "sara@vidby.test", "no STARTTLS", func(c *smtp.Config) { c.Port = s.Plain }},
		{"a certificate of somebody else", "sara@vidby.test", "not signed by anybody",
			func(c *smtp.Config) { c.Limits.Roots = nil }},
		{"a certificate for another name", "sara@vidby.test", "another name", func(c *smtp.Config) { c.Host = "127.0.0.1" }},
		{"TLS where none is", "sara@vidby.test", "does not speak TLS", func(c *smtp.Config) { c.Implicit = true }},
		{"an address that nobody has", "sara@norrby.test", "refuses", nil},
		{"a full mailbox", "full@vidby.test", "refuses", nil},
		{"a mailbox that is closed for now", "later@vidby.test", "cannot take it now", nil},
		{"nobody there", "sara@vidby.test", "nobody listens", func(c *smtp.Config) { c.Port = 1 }},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := mailChannel(s, c.change).Call(context.Background(),
				alarm.Call{Kommun: "vidby", Alias: "Sara", Address: c.to, Key: key(1)})
			tells(t, err, c.want, c.to, "sara", "localhost", "127.0.0.1", strconv.Itoa(s.StartTLS), "hunter2", "wrong-secret")
		})
	}
	if files := s.Mails(t, 0); len(files) != 0 {
		t.Errorf("%d mails were delivered", len(files))
	}
}

// A server that hangs, or that sends a byte now and then for ever, costs one attempt its own time.
func TestMailServersThatHang(t *testing.T) {
	for name, serve := range map[string]func(net.Conn){
		"silent": func(net.Conn) {},
		"dripping": func(c net.Conn) {
			fmt.Fprint(c, "220-")
			for range time.Tick(20 * time.Millisecond) {
				if _, err := fmt.Fprint(c, "x"); err != nil {
					return
				}
			}
		},
		"silent after the greeting": func(c net.Conn) { fmt.Fprint(c, "220 hello\r\n") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			port := listen(t, serve)
			limits := alarm.Limits{Try: 300 * time.Millisecond, Tries: 2, Pause: time.Millisecond}
			begun := time.Now()
			err := smtp.New(smtp.Config{Host: "127.0.0.1", Port: port, From: "noreply@vidby.test", Limits: limits}).
				Call(context.Background(), alarm.Call{Address: "sara@vidby.test", Key: key(1)})
			tells(t, err, "no whole answer came within 300ms", "sara", "127.0.0.1", strconv.Itoa(port))
			if took := time.Since(begun); took > 10*time.Second {
				t.Errorf("it took %v", took)
			}
		})
	}
}

// listen serves connections until the test ends.
func listen(t *testing.T, serve func(net.Conn)) (port int) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			t.Cleanup(func() { conn.Close() })
			go serve(conn)
		}
	}()
	return l.Addr().(*net.TCPAddr).Port
}

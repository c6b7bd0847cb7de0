// Package outbound makes the HTTP requests of the alarm channels. It follows no redirect, uses no proxy, reads little
// of an answer, and tells of an error without saying where it went.
package outbound

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/netip"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/utvag/utvag/intake/alarm"
)

// answerBytes is how much of an answer is read; headerBytes bounds its headers.
const (
	answerBytes = 4 << 10
	headerBytes = 16 << 10
)

// Client sends requests within limits.
type Client struct {
	limits alarm.Limits
	http   *http.Client
}

// New makes a client. publicOnly refuses to connect to anything but the internet, whatever a name resolves to at that
// moment.
func New(limits alarm.Limits, publicOnly bool) *Client {
	limits = limits.Filled()
	dialer := &net.Dialer{}
	if publicOnly {
		dialer.Control = func(_, address string, _ syscall.RawConn) error {
			if at, err := netip.ParseAddrPort(address); err != nil || !alarm.Public(at.Addr()) {
				return errInner
			}
			return nil
		}
	}
	return &Client{limits: limits, http: &http.Client{
		Transport: &http.Transport{
			DialContext:            dialer.DialContext,
			TLSClientConfig:        &tls.Config{RootCAs: limits.Roots, MinVersion: tls.VersionTLS12},
			DisableKeepAlives:      true,
			DisableCompression:     true,
			MaxResponseHeaderBytes: headerBytes,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

var errInner = errors.New("an inner address")

// Sending says how a request may be repeated.
type Sending struct {
	// Request is asked for a new request at each attempt.
	Request func(ctx context.Context) (*http.Request, error)
	// Same says that whoever receives the same request twice makes one alarm of it. Where it does not, a request is
	// repeated only if it cannot have arrived, or was turned away unread.
	Same bool
	// Accept judges an answer of the 2xx kind; nil takes any.
	Accept func(body []byte) error
}

// Do sends until it is accepted, or the limits are reached. Status is the last answer's, 0 where there was none. The
// error is an *alarm.Failure.
func (c *Client) Do(ctx context.Context, s Sending) (status int, err error) {
	err = c.limits.Do(ctx, func(ctx context.Context) error {
		var failed error
		status, failed = c.once(ctx, s)
		return failed
	})
	return status, err
}

func (c *Client) once(ctx context.Context, s Sending) (int, error) {
	var written atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteHeaders: func() { written.Store(true) }})
	request, err := s.Request(ctx)
	if err != nil {
		return 0, alarm.Failed("the message cannot be made: check the address and the key")
	}
	request.Header.Set("User-Agent", "utvag")
	answer, err := c.http.Do(request)
	if err != nil {
		return 0, c.unreached(err, s.Same || !written.Load())
	}
	defer answer.Body.Close()
	status := answer.StatusCode
	if status/100 != 2 {
		return status, refused(answer, s.Same)
	}
	body, err := io.ReadAll(io.LimitReader(answer.Body, answerBytes))
	if err != nil {
		return status, c.unreached(err, s.Same)
	}
	if s.Accept != nil {
		return status, s.Accept(body)
	}
	return status, nil
}

func refused(answer *http.Response, same bool) *alarm.Failure {
	status := answer.StatusCode
	f := &alarm.Failure{Problem: "the answer was " + strconv.Itoa(status)}
	switch {
	case status/100 == 3:
		f.Problem += ", a redirect, which is never followed: configure the final address"
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		f.Problem += ": check the user, the password or the token"
	case status == http.StatusNotFound || status == http.StatusGone:
		f.Problem += ": nobody is there under this address any more"
	case status == http.StatusRequestEntityTooLarge || status == http.StatusBadRequest ||
		status == http.StatusUnprocessableEntity:
		f.Problem += ": the service does not take this message or this address"
	case status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable:
		// Turned away at the door.
		f.Problem += ": the service has too much to do"
		f.Again = true
		f.After = retryAfter(answer.Header.Get("Retry-After"))
	case status >= 500:
		f.Problem += ": the service has a fault of its own"
		f.Again = same
	}
	return f
}

// retryAfter reads seconds. A date, or nonsense, counts as long.
func retryAfter(text string) time.Duration {
	if text == "" {
		return 0
	}
	n, err := strconv.Atoi(strings.TrimSpace(text))
	if err != nil || n < 0 || n > 3600 {
		return time.Hour
	}
	return time.Duration(n) * time.Second
}

// unreached puts an error of the network into words without its addresses.
func (c *Client) unreached(err error, again bool) *alarm.Failure {
	return Describe(err, c.limits.Try, again)
}

// Describe puts an error of the network into words. again says whether another attempt is harmless.
func Describe(err error, within time.Duration, again bool) *alarm.Failure {
	f := &alarm.Failure{Again: again}
	var (
		dns       *net.DNSError
		authority x509.UnknownAuthorityError
		hostname  x509.HostnameError
		invalid   x509.CertificateInvalidError
		verify    *tls.CertificateVerificationError
		record    tls.RecordHeaderError
		timeout   interface{ Timeout() bool }
	)
	switch {
	case errors.Is(err, errInner):
		f.Problem, f.Again = "the address leads into a private network, where no push service is", false
	case errors.Is(err, context.Canceled):
		f.Problem, f.Again = "it was broken off", false
	case errors.As(err, &authority):
		f.Problem, f.Again = "its certificate is not signed by anybody that this machine trusts", false
	case errors.As(err, &hostname):
		f.Problem, f.Again = "its certificate is for another name", false
	case errors.As(err, &invalid), errors.As(err, &verify):
		f.Problem, f.Again = "its certificate is not valid", false
	case errors.As(err, &record):
		f.Problem, f.Again = "it does not speak TLS there: check the address and the port", false
	case errors.As(err, &dns) && dns.IsNotFound:
		f.Problem, f.Again = "no such host: check the name, and this machine's DNS", false
	case errors.As(err, &dns):
		f.Problem = "the name could not be looked up: check this machine's DNS"
	case errors.Is(err, syscall.ECONNREFUSED):
		f.Problem = "nobody listens there: check the address, the port and the firewall"
	case errors.As(err, &timeout) && timeout.Timeout():
		f.Problem = "no whole answer came within " + within.String()
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err,
		syscall.EPIPE):
		f.Problem = "the connection was closed without an answer"
	default:
		f.Problem = "the connection failed"
	}
	return f
}

// Package webpush sends Web Push messages (RFC 8030), encrypted to the browser (RFC 8291) and signed with the
// operator's key (RFC 8292). Every message is a whole record of 4,096 bytes. The browser's maker runs the service that
// carries it, and learns when it came.
package webpush

import (
	"context"
	"crypto/ecdh"
	"encoding/base64"
	"errors"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/SherClockHolmes/webpush-go"

	"github.com/utvag/utvag/intake/alarm"
	"github.com/utvag/utvag/intake/alarm/internal/outbound"
)

// Subscription is where a browser has asked to be woken.
type Subscription struct {
	// Device is whose it is, for Subscriptions.Gone.
	Device string
	// Endpoint is a secret: whoever knows it, the operator's key too, can wake the device.
	Endpoint string
	Key      []byte // 65 bytes: a point of P-256
	Secret   []byte // 16 bytes
}

// EndpointSize is the longest endpoint that is taken.
const EndpointSize = 1024

// Check says what is wrong with a subscription. private allows an endpoint on this machine or its network, for tests.
func (s Subscription) Check(private bool) error {
	u, err := url.Parse(s.Endpoint)
	switch {
	case err != nil || len(s.Endpoint) > EndpointSize || u.Scheme != "https" || u.Hostname() == "" || u.User != nil ||
		u.Fragment != "":
		return errors.New("not an endpoint")
	case !private && inner(u.Hostname()):
		return errors.New("the endpoint is not on the internet")
	case len(s.Secret) != 16:
		return errors.New("not an authentication secret")
	}
	if _, err := ecdh.P256().NewPublicKey(s.Key); err != nil {
		return errors.New("not a key of P-256")
	}
	return nil
}

// inner finds names and addresses of this machine or its network. A public name that leads there is refused when it is
// connected to.
func inner(host string) bool {
	if ip, err := netip.ParseAddr(host); err == nil {
		return !alarm.Public(ip)
	}
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	last := host[strings.LastIndexByte(host, '.')+1:]
	// A name without a dot, or with a number for its last label, is nobody's on the internet.
	return !strings.Contains(host, ".") || strings.Trim(last, "0123456789") == "" || strings.HasPrefix(last, "0x") ||
		last == "localhost" || last == "local" || last == "internal"
}

// Subscriptions keeps what browsers have asked for.
type Subscriptions interface {
	// Of gives those of a person's devices.
	Of(ctx context.Context, kommun, alias string) ([]Subscription, error)
	// Gone erases one whose service says that it is no more.
	Gone(ctx context.Context, kommun string, s Subscription) error
}

// Config says who sends.
type Config struct {
	Key *Key
	// Contact is a mail address or https URL at which a push service reaches the operator.
	Contact       string
	Subscriptions Subscriptions
	// Private allows endpoints on this machine or its network, for tests.
	Private bool
	Limits  alarm.Limits
}

// timeToLive is how long a push service keeps a message for a phone that is off: the escalation has gone on long
// before.
const timeToLive = 15 * time.Minute

// topic lets the newest message replace one that still waits, so that a phone that was off does not tell how often it
// was called.
const topic = "kontakt"

type channel struct {
	config Config
	client *outbound.Client
}

// New makes the channel. A Call goes to every device of the person, and is accepted when one of them has.
func New(c Config) alarm.Channel {
	return &channel{c, outbound.New(c.Limits, !c.Private)}
}

func (p *channel) Call(ctx context.Context, c alarm.Call) error {
	all, err := p.config.Subscriptions.Of(ctx, c.Kommun, c.Alias)
	if err != nil {
		return alarm.Failed("the store does not say which devices there are")
	}
	if len(all) == 0 {
		return alarm.Failed(
			"no browser of this person has asked for alarms: it is turned on there, on the console, under Menu")
	}
	failures := make([]error, len(all))
	var sending sync.WaitGroup
	for i, s := range all {
		sending.Go(func() { failures[i] = p.send(ctx, c.Kommun, s) })
	}
	sending.Wait()
	for _, err := range failures {
		if err == nil {
			return nil
		}
	}
	return failures[0]
}

func (p *channel) send(ctx context.Context, kommun string, s Subscription) error {
	if err := s.Check(p.config.Private); err != nil {
		return alarm.Failed("what the browser asked for cannot be used: turn it off and on again there")
	}
	status, err := p.client.Do(ctx, outbound.Sending{
		Same:    true, // the topic makes one of two
		Request: func(ctx context.Context) (*http.Request, error) { return p.request(ctx, s) },
	})
	if status == http.StatusGone || status == http.StatusNotFound {
		if p.config.Subscriptions.Gone(ctx, kommun, s) == nil {
			return alarm.Failed("the browser no longer takes alarms: it is turned on there again, on the console, under Menu")
		}
	}
	return err
}

// request lets the library encrypt and sign, and takes the request from it: sending is outbound's.
func (p *channel) request(ctx context.Context, s Subscription) (*http.Request, error) {
	var taken taker
	encode := base64.RawURLEncoding.EncodeToString
	_, err := webpush.SendNotificationWithContext(ctx, []byte(alarm.Words()), &webpush.Subscription{
		Endpoint: s.Endpoint, Keys: webpush.Keys{P256dh: encode(s.Key), Auth: encode(s.Secret)},
	}, &webpush.Options{
		HTTPClient: &taken, TTL: int(timeToLive / time.Second), Urgency: webpush.UrgencyHigh, Topic: topic,
		Subscriber: p.config.Contact, VAPIDPublicKey: p.config.Key.Public(), VAPIDPrivateKey: p.config.Key.private(),
	})
	if err != nil && !errors.Is(err, errTaken) {
		return nil, err
	}
	return taken.request, nil
}

// taker is an HTTP client that sends nothing.
type taker struct{ request *http.Request }

var errTaken = errors.New("taken")

func (t *taker) Do(r *http.Request) (*http.Response, error) {
	t.request = r
	return nil, errTaken
}

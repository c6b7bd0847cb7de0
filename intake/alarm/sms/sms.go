// Package sms sends text messages and rings telephones through an HTTP gateway in 46elks' form: POST /sms and POST
// /calls below a base address, a form as body, the account in Basic authentication (46elks.se/docs).
package sms

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"

	"github.com/utvag/utvag/intake/alarm"
	"github.com/utvag/utvag/intake/alarm/internal/outbound"
)

// Config says which gateway, as whom.
type Config struct {
	// Base is https://api.46elks.com/a1 at 46elks.
	Base           *url.URL
	User, Password string
	// From is a telephone number in international form, or, for text messages alone, a name of 3 to 11 letters and digits.
	From   string
	Limits alarm.Limits
}

// Text makes the channel that sends a text message to the Call's address.
func Text(c Config) alarm.Channel {
	return newChannel(c, "sms", url.Values{"from": {c.From}, "message": {alarm.Words()}})
}

// Voice makes the channel that rings the Call's address. Whoever answers hears sound, a URL or one of the gateway's own
// sounds.
func Voice(c Config, sound string) alarm.Channel {
	start, err := json.Marshal(map[string]string{"play": sound})
	if err != nil {
		panic(err) // one string
	}
	return newChannel(c, "calls", url.Values{"from": {c.From}, "voice_start": {string(start)}, "timeout": {"45"}})
}

type channel struct {
	config Config
	path   string
	form   url.Values
	client *outbound.Client
}

func newChannel(c Config, path string, form url.Values) alarm.Channel {
	return &channel{c, path, form, outbound.New(c.Limits, false)}
}

func (s *channel) Call(ctx context.Context, c alarm.Call) error {
	form := url.Values{"to": {c.Address}}
	for name, values := range s.form {
		form[name] = values
	}
	_, err := s.client.Do(ctx, outbound.Sending{
		// The gateway knows no key, and a second message costs money and trust: what may have arrived is left to the next
		// step.
		Same: false,
		Request: func(ctx context.Context) (*http.Request, error) {
			r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.config.Base.JoinPath(s.path).String(),
				strings.NewReader(form.Encode()))
			if err != nil {
				return nil, err
			}
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.SetBasicAuth(s.config.User, s.config.Password)
			return r, nil
		},
		Accept: func(body []byte) error {
			var answer struct {
				ID string `json:"id"`
			}
			if json.Unmarshal(body, &answer) != nil || answer.ID == "" {
				return alarm.Failed("whoever answers there is no gateway in 46elks' form: check the address")
			}
			return nil
		},
	})
	return err
}

// Package ntfy publishes to a topic of an ntfy server, in the documented HTTP form (docs.ntfy.sh/publish).
package ntfy

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"

	"github.com/utvag/utvag/intake/alarm"
	"github.com/utvag/utvag/intake/alarm/internal/outbound"
)

// Config says which server.
type Config struct {
	Server *url.URL
	// Token is an access token with the right to publish; empty where the server asks for none.
	Token  string
	Limits alarm.Limits
}

type channel struct {
	config Config
	client *outbound.Client
}

// New makes the channel. A Call's address is a topic.
func New(c Config) alarm.Channel {
	return &channel{c, outbound.New(c.Limits, false)}
}

func (n *channel) Call(ctx context.Context, c alarm.Call) error {
	_, err := n.client.Do(ctx, outbound.Sending{
		// ntfy knows no key: a message that was lost on its way back rings twice, which is better than not at all.
		Same: true,
		Request: func(ctx context.Context) (*http.Request, error) {
			r, err := http.NewRequestWithContext(ctx, http.MethodPost, n.config.Server.JoinPath(c.Address).String(),
				strings.NewReader(alarm.Words()))
			if err != nil {
				return nil, err
			}
			r.Header.Set("Content-Type", "text/plain; charset=utf-8")
			// Without a title ntfy shows the topic, which is as good as a password.
			r.Header.Set("Title", alarm.Title)
			r.Header.Set("Priority", "urgent")
			if n.config.Token != "" {
				r.Header.Set("Authorization", "Bearer "+n.config.Token)
			}
			return r, nil
		},
		Accept: func(body []byte) error {
			var answer struct {
				ID    string `json:"id"`
				Event string `json:"event"`
			}
			if json.Unmarshal(body, &answer) != nil || answer.ID == "" || answer.Event != "message" {
				return alarm.Failed("whoever answers there is no ntfy server: check the address")
			}
			return nil
		},
	})
	return err
}

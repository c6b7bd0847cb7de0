// Package webhook posts a signed request, as Standard Webhooks 1.0.0 says: webhook-id, webhook-timestamp, and
// webhook-signature, which is v1 and the HMAC-SHA256 of «id.timestamp.body». utvag-key-id says which secret.
// docs/operations.md tells a receiver how to verify.
package webhook

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/utvag/utvag/intake/alarm"
	"github.com/utvag/utvag/intake/alarm/internal/outbound"
)

// Config says how requests are signed.
type Config struct {
	KeyID string
	// Secret has at least SecretSize bytes.
	Secret []byte
	// Now is time.Now where it is nil.
	Now    func() time.Time
	Limits alarm.Limits
}

// SecretSize is the shortest secret that Standard Webhooks allows.
const SecretSize = 24

// body is the same for every call.
var body = func() []byte {
	text, err := json.Marshal(map[string]string{"type": "alarm", "words": alarm.Words()})
	if err != nil {
		panic(err) // two strings
	}
	return text
}()

type channel struct {
	config Config
	client *outbound.Client
}

// New makes the channel. A Call's address is the receiver's URL.
func New(c Config) alarm.Channel {
	if c.Now == nil {
		c.Now = time.Now
	}
	return &channel{c, outbound.New(c.Limits, false)}
}

func (w *channel) Call(ctx context.Context, c alarm.Call) error {
	_, err := w.client.Do(ctx, outbound.Sending{
		Same: true, // by webhook-id
		Request: func(ctx context.Context) (*http.Request, error) {
			r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.Address, bytes.NewReader(body))
			if err != nil {
				return nil, err
			}
			// Each attempt is of now: a receiver refuses what is minutes old.
			at := strconv.FormatInt(w.config.Now().Unix(), 10)
			r.Header.Set("Content-Type", "application/json")
			r.Header.Set("Webhook-Id", c.Key)
			r.Header.Set("Webhook-Timestamp", at)
			r.Header.Set("Webhook-Signature", w.sign(c.Key, at))
			r.Header.Set("Utvag-Key-Id", w.config.KeyID)
			return r, nil
		},
	})
	return err
}

func (w *channel) sign(id, at string) string {
	mac := hmac.New(sha256.New, w.config.Secret)
	fmt.Fprintf(mac, "%s.%s.%s", id, at, body)
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

package live

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/utvag/utvag/internal/config"
)

// Certificates are those of the listeners. They are read again when their files change, because they are renewed more
// often than servers are restarted.
type Certificates struct {
	pairs []config.CertificateConfig
	log   *slog.Logger

	mu      sync.RWMutex
	present []tls.Certificate
	stamps  []time.Time
}

// NewCertificates reads every pair; the error is of the first that does not fit.
func NewCertificates(pairs []config.CertificateConfig, log *slog.Logger) (*Certificates, error) {
	loaded, err := loadCertificates(pairs)
	if err != nil {
		return nil, err
	}
	return &Certificates{pairs: pairs, log: log, present: loaded, stamps: stamps(pairs)}, nil
}

func stamps(pairs []config.CertificateConfig) []time.Time {
	var times []time.Time
	for _, p := range pairs {
		for _, file := range []string{p.Cert, p.Key} {
			var stamp time.Time
			if info, err := os.Stat(file); err == nil {
				stamp = info.ModTime()
			}
			times = append(times, stamp)
		}
	}
	return times
}

// Choose returns the first certificate that the client can use, or the first of all: it is a tls.Config.GetCertificate.
func (c *Certificates) Choose(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	for i := range c.present {
		if hello.SupportsCertificate(&c.present[i]) == nil {
			return &c.present[i], nil
		}
	}
	if len(c.present) == 0 {
		return nil, errors.New("no certificate")
	}
	return &c.present[0], nil
}

// Follow reads changed files again until ctx ends.
func (c *Certificates) Follow(ctx context.Context) {
	w := Watch{First: time.Minute, Every: time.Minute, Again: time.Hour,
		Look: func(context.Context) error { return c.Reread() },
		Wrong: func(problem error) {
			c.log.Error("the new certificate cannot be used; the one before it goes on", "problem", problem)
		},
	}
	w.Run(ctx)
}

// Reread takes up files that have changed. Certificate and key change one after the other, so that it may fail once
// between them: what was there before goes on.
func (c *Certificates) Reread() error {
	now := stamps(c.pairs)
	c.mu.Lock()
	defer c.mu.Unlock()
	if slices.EqualFunc(now, c.stamps, time.Time.Equal) {
		return nil
	}
	loaded, err := loadCertificates(c.pairs)
	if err != nil {
		return err
	}
	c.present, c.stamps = loaded, now
	c.log.Info("certificate read again")
	return nil
}

// loadCertificates reads every certificate; the error names the first pair that does not fit.
func loadCertificates(pairs []config.CertificateConfig) ([]tls.Certificate, error) {
	certificates := make([]tls.Certificate, 0, len(pairs))
	for _, pair := range pairs {
		c, err := tls.LoadX509KeyPair(pair.Cert, pair.Key)
		if err != nil {
			return nil, err
		}
		certificates = append(certificates, c)
	}
	return certificates, nil
}

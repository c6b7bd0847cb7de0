// Package redisstore keeps the relay's mailboxes in Redis. It is the only importer of go-redis. keys.go tells what is
// kept.
package redisstore

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync"

	"github.com/redis/go-redis/v9"

	"github.com/utvag/utvag/chat/relay"
)

// Options tells where Redis is.
type Options struct {
	// URL is redis://, rediss:// or unix://. With master_name in its query it names Sentinels; with addr alone, further
	// nodes of a Cluster. User and password are those of the nodes that hold data; with sentinel_auth=yes the Sentinels
	// are shown them, too.
	URL string
	// Gate, where set, is asked before each call of Redis; its error takes the place of the call. Tests use it to stop a
	// relay between any two steps.
	Gate func() error
}

// Store implements relay.Store.
type Store struct {
	client   redis.UniversalClient
	node     func(address string) *redis.Client // one node by itself, for Check
	pipeline *pipeline
	stop     context.CancelFunc
	gate     func() error
}

var _ relay.Store = (*Store)(nil)

// silent takes go-redis' own log lines, which hold addresses. What matters comes back as an error.
type silent struct{}

func (silent) Printf(context.Context, string, ...any) {}

var silence = sync.OnceFunc(func() { redis.SetLogger(silent{}) })

// ErrNoAnswer is what is known where nobody answers at the address of Redis.
var ErrNoAnswer = errors.New("redisstore: Redis did not answer")

// Open connects. It does not check how Redis is configured: call Check before anything is stored in a Redis that is not
// one's own.
//
// The error is ErrNoAnswer where Redis may only not be there yet.
func Open(ctx context.Context, o Options) (*Store, error) {
	silence()
	client, node, err := connect(o.URL)
	if err != nil {
		return nil, err
	}
	if err := client.Ping(ctx).Err(); err != nil {
		client.Close()
		return nil, plain(err)
	}
	gate := o.Gate
	if gate == nil {
		gate = func() error { return nil }
	}
	running, stop := context.WithCancel(context.Background())
	return &Store{client: client, node: node, pipeline: newPipeline(running, client), stop: stop, gate: gate}, nil
}

// Close drops the connections. What is under way fails.
func (s *Store) Close() error {
	s.stop()
	return s.client.Close()
}

// connect returns a client for all of it and, for Check, one for a single node by its address. The deadline of whoever
// asks holds also where it sends what it asks itself (pipeline.put).
func connect(text string) (redis.UniversalClient, func(address string) *redis.Client, error) {
	parsed, err := url.Parse(text)
	if err != nil {
		return nil, nil, fmt.Errorf("redis URL: not a URL") // err would repeat the password
	}
	query := parsed.Query()
	switch {
	case query.Has("master_name"):
		options, err := failoverOptions(*parsed)
		if err != nil {
			return nil, nil, fmt.Errorf("redis URL: %s", withoutSecrets(err, parsed))
		}
		options.ContextTimeoutEnabled = true
		return redis.NewFailoverClient(options), nodes(options.Username, options.Password, options.TLSConfig), nil
	case query.Has("addr"):
		options, err := redis.ParseClusterURL(text)
		if err != nil {
			return nil, nil, fmt.Errorf("redis URL: %s", withoutSecrets(err, parsed))
		}
		options.ContextTimeoutEnabled = true
		return redis.NewClusterClient(options), nodes(options.Username, options.Password, options.TLSConfig), nil
	}
	options, err := redis.ParseURL(text)
	if err != nil {
		return nil, nil, fmt.Errorf("redis URL: %s", withoutSecrets(err, parsed))
	}
	options.ContextTimeoutEnabled = true
	return redis.NewClient(options), nodes(options.Username, options.Password, options.TLSConfig), nil
}

// failoverOptions differs from go-redis, which takes user and password for the Sentinels' alone.
func failoverOptions(u url.URL) (*redis.FailoverOptions, error) {
	query := u.Query()
	shown := query.Get("sentinel_auth")
	if shown != "" && shown != "yes" {
		return nil, errors.New("sentinel_auth is yes or left out")
	}
	query.Del("sentinel_auth")
	u.RawQuery = query.Encode()
	options, err := redis.ParseFailoverURL(u.String())
	if err != nil {
		return nil, err
	}
	options.Username, options.Password = options.SentinelUsername, options.SentinelPassword
	if shown == "" {
		options.SentinelUsername, options.SentinelPassword = "", ""
	}
	return options, nil
}

func nodes(user, password string, secure *tls.Config) func(address string) *redis.Client {
	return func(address string) *redis.Client {
		return redis.NewClient(&redis.Options{Addr: address, Username: user, Password: password, TLSConfig: secure})
	}
}

func withoutSecrets(err error, parsed *url.URL) string {
	text := err.Error()
	if password, ok := parsed.User.Password(); ok && password != "" {
		text = strings.ReplaceAll(text, password, "…")
	}
	return text
}

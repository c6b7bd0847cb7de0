package redisstore

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"

	"github.com/redis/go-redis/v9"
)

// Check refuses a Redis that writes to a disk or forgets by itself: what it holds must be gone when we say so, and not
// before. It asks every node that holds what is stored: the primary, those of a Cluster, and each replica that follows
// one of them. The error names every setting that is wrong and what to set; it holds no address. The in-process server
// needs no check: it has no disk.
func (s *Store) Check(ctx context.Context) error {
	c := checking{store: s, seen: map[string]bool{}}
	cluster, ok := s.client.(*redis.ClusterClient)
	if !ok {
		c.primary(ctx, s.client)
	} else if err := cluster.ForEachMaster(ctx, func(ctx context.Context, node *redis.Client) error {
		c.primary(ctx, node)
		return nil
	}); err != nil {
		c.wrong(plain(err))
	}
	return errors.Join(c.found...)
}

// checking is one Check. The primaries of a Cluster are asked at the same time.
type checking struct {
	store *Store

	mu    sync.Mutex
	found []error
	seen  map[string]bool // replicas, by address
}

func (c *checking) wrong(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	// Nodes that are set up alike would say the same.
	if err != nil && !slices.ContainsFunc(c.found, func(before error) bool { return before.Error() == err.Error() }) {
		c.found = append(c.found, err)
	}
}

func (c *checking) primary(ctx context.Context, node redis.Cmdable) {
	info, err := checkNode(ctx, node)
	c.wrong(err)
	if field(info, "role") == "slave" {
		c.wrong(errors.New(
			"redis: this node is a replica and takes no writes; name the primary, or use master_name with Sentinels"))
	}
	c.replicas(ctx, info)
}

// replicas looks at those that are connected to a node: the others get nothing.
func (c *checking) replicas(ctx context.Context, info string) {
	for _, address := range replicasIn(info) {
		c.mu.Lock()
		seen := c.seen[address]
		c.seen[address] = true
		c.mu.Unlock()
		if seen {
			continue
		}
		replica := c.store.node(address)
		below, err := checkNode(ctx, replica)
		replica.Close()
		if err != nil {
			c.wrong(fmt.Errorf("of a replica: %w", err))
		}
		c.replicas(ctx, below)
	}
}

// replicasIn reads the lines «slave0:ip=…,port=…,state=…» of INFO.
func replicasIn(info string) []string {
	var all []string
	for i := range strings.Count(info, "slave") {
		values := map[string]string{}
		for pair := range strings.SplitSeq(field(info, fmt.Sprintf("slave%d", i)), ",") {
			name, value, _ := strings.Cut(pair, "=")
			values[name] = value
		}
		if values["ip"] != "" {
			all = append(all, net.JoinHostPort(values["ip"], values["port"]))
		}
	}
	return all
}

// rules are settings that Redis must have, with the reason.
var rules = []struct{ name, want, why string }{
	{"save", "", "snapshots write conversations to the disk"},
	{"appendonly", "no", "the append-only file writes conversations to the disk"},
	{"maxmemory-policy", "noeviction", "Redis would delete conversations that somebody waits for"},
	{"repl-diskless-sync", "yes", "a replica that connects would make Redis write everything to the disk"},
}

// checkNode returns what the node says of replication, too.
func checkNode(ctx context.Context, node redis.Cmdable) (replication string, err error) {
	var wrong []error
	for _, rule := range rules {
		found, err := node.ConfigGet(ctx, rule.name).Result()
		if err != nil {
			return "", fmt.Errorf("redis: cannot be checked: %w; allow this user CONFIG GET and INFO (ACL: +config|get +info)",
				plain(err))
		}
		if got := found[rule.name]; got != rule.want {
			wrong = append(wrong, fmt.Errorf("redis: %s is %q: %s; set %s", rule.name, got, rule.why,
				line(rule.name, rule.want)))
		}
	}
	load, err := node.ConfigGet(ctx, "repl-diskless-load").Result()
	if err != nil {
		return "", fmt.Errorf("redis: cannot be checked: %w", plain(err))
	}
	if got := load["repl-diskless-load"]; got == "disabled" {
		// A primary becomes a replica when Sentinels or a Cluster fail over: its setting counts before that.
		wrong = append(wrong, errors.New(
			`redis: repl-diskless-load is "disabled": as a replica this node would write everything to the disk; set `+
				line("repl-diskless-load", "on-empty-db")))
	}
	info, err := node.Info(ctx, "replication").Result()
	if err != nil {
		return "", fmt.Errorf("redis: cannot be checked: %w; allow this user INFO (ACL: +info)", plain(err))
	}
	return info, errors.Join(wrong...)
}

func line(name, value string) string {
	if value == "" {
		value = `""`
	}
	return fmt.Sprintf("`%s %s` in redis.conf", name, value)
}

// field reads a line «name:value» of INFO.
func field(info, name string) string {
	for text := range strings.Lines(info) {
		if value, ok := strings.CutPrefix(text, name+":"); ok {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

package redisstore

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/redis/go-redis/v9"
)

// Check refuses a Redis that writes to a disk or forgets by itself: what it holds must be gone when we say so, and not before. The
// error names every setting that is wrong and what to set, for each node of a Cluster; it holds no address. The in-process
// server needs no check: it has no disk.
func (s *Store) Check(ctx context.Context) error {
	cluster, ok := s.client.(*redis.ClusterClient)
	if !ok {
		return checkNode(ctx, s.client)
	}
	var mu sync.Mutex
	var all []error
	err := cluster.ForEachShard(ctx, func(ctx context.Context, node *redis.Client) error {
		if err := checkNode(ctx, node); err != nil {
			mu.Lock()
			defer mu.Unlock()
			all = append(all, err)
		}
		return nil
	})
	if err != nil {
		all = append(all, plain(err))
	}
	return errors.Join(all...)
}

// rules are settings that Redis must have, with the reason.
var rules = []struct{ name, want, why string }{
	{"save", "", "snapshots write conversations to the disk"},
	{"appendonly", "no", "the append-only file writes conversations to the disk"},
	{"maxmemory-policy", "noeviction", "Redis would delete conversations that somebody waits for"},
	{"repl-diskless-sync", "yes", "a replica that connects would make Redis write everything to the disk"},
}

func checkNode(ctx context.Context, node redis.Cmdable) error {
	var wrong []error
	for _, rule := range rules {
		found, err := node.ConfigGet(ctx, rule.name).Result()
		if err != nil {
			return fmt.Errorf("redis: cannot be checked: %w; allow this user CONFIG GET and INFO (ACL: +config|get +info)", plain(err))
		}
		if got := found[rule.name]; got != rule.want {
			wrong = append(wrong, fmt.Errorf("redis: %s is %q: %s; set %s", rule.name, got, rule.why, line(rule.name, rule.want)))
		}
	}
	info, err := node.Info(ctx, "replication").Result()
	if err != nil {
		return fmt.Errorf("redis: cannot be checked: %w; allow this user INFO (ACL: +info)", plain(err))
	}
	if field(info, "role") == "slave" {
		wrong = append(wrong, errors.New("redis: this node is a replica and takes no writes; name the master, or use master_name with Sentinels"))
	}
	load, err := node.ConfigGet(ctx, "repl-diskless-load").Result()
	if err != nil {
		return fmt.Errorf("redis: cannot be checked: %w", plain(err))
	}
	if got := load["repl-diskless-load"]; got == "disabled" {
		// A master becomes a replica when Sentinels or a Cluster fail over: its setting counts before that.
		wrong = append(wrong, errors.New(`redis: repl-diskless-load is "disabled": as a replica this node would write everything to the disk; set `+
			line("repl-diskless-load", "on-empty-db")))
	}
	return errors.Join(wrong...)
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

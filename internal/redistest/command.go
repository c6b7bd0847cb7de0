package redistest

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// command speaks just enough of Redis' protocol to send words and read one reply; arrays come back one element a line.
func command(ctx context.Context, url string, words []string) (string, error) {
	elements, err := commandList(ctx, url, words)
	return strings.Join(elements, "\n"), err
}

func commandList(ctx context.Context, url string, words []string) ([]string, error) {
	network, address := "tcp", strings.TrimPrefix(url, "redis://")
	if path, unix := strings.CutPrefix(url, "unix://"); unix {
		network, address = "unix", path
	}
	conn, err := new(net.Dialer).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	if deadline, ok := ctx.Deadline(); ok {
		conn.SetDeadline(deadline)
	}
	var out strings.Builder
	fmt.Fprintf(&out, "*%d\r\n", len(words))
	for _, word := range words {
		fmt.Fprintf(&out, "$%d\r\n%s\r\n", len(word), word)
	}
	if _, err := io.WriteString(conn, out.String()); err != nil {
		return nil, err
	}
	return reply(bufio.NewReader(conn))
}

func reply(r *bufio.Reader) ([]string, error) {
	line, err := r.ReadString('\n')
	if err != nil {
		return nil, err
	}
	line = strings.TrimSuffix(line, "\r\n")
	if line == "" {
		return nil, io.ErrUnexpectedEOF
	}
	switch line[0] {
	case '-':
		return nil, fmt.Errorf("redis: %s", line[1:])
	case '$':
		n, err := strconv.Atoi(line[1:])
		if err != nil || n < 0 {
			return nil, err
		}
		body := make([]byte, n+2)
		_, err = io.ReadFull(r, body)
		return []string{string(body[:n])}, err
	case '*':
		n, err := strconv.Atoi(line[1:])
		if err != nil {
			return nil, err
		}
		var all []string
		for range n {
			element, err := reply(r)
			if err != nil {
				return nil, err
			}
			all = append(all, element...)
		}
		return all, nil
	}
	return []string{line[1:]}, nil
}

// Keys gives every key with its time to live in seconds, -1 where it has none.
func Keys(ctx context.Context, url string) (map[string]int, error) {
	elements, err := commandList(ctx, url, []string{"KEYS", "*"})
	if err != nil {
		return nil, err
	}
	all := map[string]int{}
	for _, name := range elements {
		ttl, err := command(ctx, url, []string{"TTL", name})
		if err != nil {
			return nil, err
		}
		seconds, err := strconv.Atoi(ttl)
		if err != nil {
			return nil, err
		}
		if seconds != -2 { // it went meanwhile
			all[name] = seconds
		}
	}
	return all, nil
}

// Dump reads all that a server holds, by key: the value of a string, the elements of a list, those of a set in order,
// those of a hash and of a sorted set as "field=value", in order.
func Dump(ctx context.Context, url string) (map[string][]string, error) {
	keys, err := Keys(ctx, url)
	if err != nil {
		return nil, err
	}
	all := map[string][]string{}
	for key := range keys {
		kind, err := command(ctx, url, []string{"TYPE", key})
		if err != nil {
			return nil, err
		}
		read := map[string][]string{
			"string": {"GET", key}, "list": {"LRANGE", key, "0", "-1"}, "set": {"SMEMBERS", key},
			"hash": {"HGETALL", key}, "zset": {"ZRANGE", key, "0", "-1", "WITHSCORES"},
		}[kind]
		if kind == "none" {
			continue // it went meanwhile
		}
		if read == nil {
			return nil, fmt.Errorf("a key of another kind, %s", kind)
		}
		elements, err := commandList(ctx, url, read)
		if err != nil {
			return nil, err
		}
		if kind == "hash" || kind == "zset" {
			var pairs []string
			for pair := range slices.Chunk(elements, 2) {
				pairs = append(pairs, strings.Join(pair, "="))
			}
			elements = pairs
		}
		if kind != "list" {
			slices.Sort(elements)
		}
		all[key] = elements
	}
	return all, nil
}

// tail keeps the last output of a server for a failure's message.
type tail struct {
	mu   sync.Mutex
	text []byte
}

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, p...)
	t.text = t.text[max(0, len(t.text)-4096):]
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.text)
}

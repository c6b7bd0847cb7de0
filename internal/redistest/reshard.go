package redistest

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// List is Do with the elements of the reply apart: keys may hold any byte.
func (s *Server) List(words ...string) ([]string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	return commandList(ctx, s.URL, words)
}

// Move gives a slot with all that is in it from one primary to another while clients go on, as `redis-cli --cluster
// reshard` does, a few keys at a time. between is called after each time, when some keys of the slot are here and some
// there.
func (c *Cluster) Move(slot int, from, to *Server, between func()) error {
	giver, err := from.Do("CLUSTER", "MYID")
	if err != nil {
		return err
	}
	taker, err := to.Do("CLUSTER", "MYID")
	if err != nil {
		return err
	}
	number := strconv.Itoa(slot)
	if _, err := to.Do("CLUSTER", "SETSLOT", number, "IMPORTING", giver); err != nil {
		return err
	}
	if _, err := from.Do("CLUSTER", "SETSLOT", number, "MIGRATING", taker); err != nil {
		return err
	}
	if err := eventually(fmt.Sprint("slot ", slot, " to be empty"), func() bool {
		keys, err := from.List("CLUSTER", "GETKEYSINSLOT", number, "3")
		if err != nil || len(keys) == 0 {
			return err == nil
		}
		// What expires or times out meanwhile is asked for again.
		from.Do(append([]string{"MIGRATE", "127.0.0.1", strconv.Itoa(to.Port), "", "0", "3000", "KEYS"}, keys...)...)
		between()
		return false
	}); err != nil {
		return err
	}
	// The taker first: should one of the others hear of it before, it would send clients to nobody.
	if _, err := to.Do("CLUSTER", "SETSLOT", number, "NODE", taker); err != nil {
		return err
	}
	_, err = from.Do("CLUSTER", "SETSLOT", number, "NODE", taker)
	return err
}

// Redirections counts what all nodes have answered to clients that asked for a slot that was elsewhere or on its way,
// by the error's name, since they started.
func (c *Cluster) Redirections() map[string]int {
	counts := map[string]int{}
	for _, node := range c.Nodes {
		info, err := node.Do("INFO", "errorstats")
		if err != nil {
			continue
		}
		for _, name := range []string{"MOVED", "ASK", "TRYAGAIN", "CLUSTERDOWN"} {
			if _, rest, found := strings.Cut(info, "errorstat_"+name+":count="); found {
				line, _, _ := strings.Cut(rest, "\r")
				n, _ := strconv.Atoi(line)
				counts[name] += n
			}
		}
	}
	return counts
}

package redistest

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	clusterPrimaries = 3
	clusterSlots     = 16384
)

// Cluster is a Redis Cluster of three primaries, each with a replica where that is asked for.
type Cluster struct {
	// URL names all primaries, for a client.
	URL string
	// Nodes holds the primaries, then their replicas in the same order.
	Nodes []*Server
}

// LaunchCluster starts the nodes and returns when all of them know all slots. Further arguments go to every node.
func LaunchCluster(replicated bool, arguments ...string) (*Cluster, error) {
	return LaunchClusterBehind(directly, replicated, arguments...)
}

// LaunchClusterBehind is LaunchCluster with something in between: the nodes and their clients reach each other by the
// ports that announce gives, which is asked for the bus of each node, too.
func LaunchClusterBehind(announce Announce, replicated bool, arguments ...string) (*Cluster, error) {
	c := new(Cluster)
	if err := c.launch(announce, replicated, arguments); err != nil {
		c.Stop()
		return nil, err
	}
	return c, nil
}

func (c *Cluster) launch(announce Announce, replicated bool, arguments []string) error {
	count := clusterPrimaries
	if replicated {
		count *= 2
	}
	buses := make([]int, count) // as announced
	for i := range count {
		node, err := onFreePort(func(port int) (*Server, error) {
			bus, err := FreePort()
			if err != nil {
				return nil, err
			}
			announced, err := announce(port)
			if err != nil {
				return nil, err
			}
			if buses[i], err = announce(bus); err != nil {
				return nil, err
			}
			node, err := launchOn(port, append([]string{
				"--cluster-enabled", "yes", "--cluster-port", strconv.Itoa(bus), "--cluster-node-timeout", "1500",
				"--cluster-announce-port", strconv.Itoa(announced), "--cluster-announce-bus-port", strconv.Itoa(buses[i]),
			}, arguments...)...)
			if err == nil {
				node.Announced, node.Bus = announced, bus
			}
			return node, err
		})
		if err != nil {
			return err
		}
		c.Nodes = append(c.Nodes, node)
	}
	first := c.Nodes[0]
	for i, node := range c.Nodes[1:] {
		if _, err := first.Do("CLUSTER", "MEET", "127.0.0.1", strconv.Itoa(node.Announced),
			strconv.Itoa(buses[i+1])); err != nil {
			return err
		}
	}
	var addresses []string
	for i, node := range c.Nodes[:clusterPrimaries] {
		from, to := clusterSlots*i/clusterPrimaries, clusterSlots*(i+1)/clusterPrimaries-1
		if _, err := node.Do("CLUSTER", "ADDSLOTSRANGE", strconv.Itoa(from), strconv.Itoa(to)); err != nil {
			return err
		}
		addresses = append(addresses, fmt.Sprintf("127.0.0.1:%d", node.Announced))
	}
	if err := c.agreed(count); err != nil {
		return err
	}
	for i, replica := range c.Nodes[clusterPrimaries:] {
		id, err := c.Nodes[i].Do("CLUSTER", "MYID")
		if err != nil {
			return err
		}
		if _, err := replica.Do("CLUSTER", "REPLICATE", id); err != nil {
			return err
		}
	}
	c.URL = "redis://" + addresses[0] + "?addr=" + strings.Join(addresses[1:], "&addr=")
	return eventually("the Cluster's replicas to follow", func() bool {
		for _, replica := range c.Nodes[clusterPrimaries:] {
			if !replica.Follows() {
				return false
			}
		}
		for _, node := range c.Nodes {
			// Each must know who follows whom, or a client that asks it would not.
			if known, err := node.Do("CLUSTER", "NODES"); err != nil ||
				strings.Count(known, "slave ") != count-clusterPrimaries {
				return false
			}
		}
		return true
	})
}

func (c *Cluster) agreed(count int) error {
	return eventually("the Cluster to agree", func() bool {
		for _, node := range c.Nodes {
			info, err := node.Do("CLUSTER", "INFO")
			if err != nil || !strings.Contains(info, "cluster_state:ok") ||
				!strings.Contains(info, fmt.Sprintf("cluster_known_nodes:%d\r", count)) {
				return false
			}
		}
		return true
	})
}

// Shards is how many primaries there are.
func (c *Cluster) Shards() int { return clusterPrimaries }

// Shard gives the two that hold a shard, the primary first; nil while it has none, or no replica.
func (c *Cluster) Shard(i int) (primary, replica *Server) {
	pair := []*Server{c.Nodes[i], c.Nodes[i+clusterPrimaries]}
	for at, node := range pair {
		other := pair[1-at]
		role, err := node.Do("ROLE")
		if err != nil || !strings.HasPrefix(role, "master") {
			continue
		}
		if role, err = other.Do("ROLE"); err == nil && strings.HasPrefix(role, "slave") {
			return node, other
		}
	}
	return nil, nil
}

// Moved waits until a replica takes writes for its shard, and all who can be asked know it, but for those that are
// apart.
func (c *Cluster) Moved(replica *Server, apart ...*Server) error {
	id, err := replica.Do("CLUSTER", "MYID")
	if err != nil {
		return err
	}
	return eventually("a replica to take over", func() bool {
		for _, node := range c.Nodes {
			if slices.Contains(apart, node) {
				continue
			}
			known, err := node.Do("CLUSTER", "NODES")
			if err != nil {
				continue // the one that is away
			}
			for line := range strings.SplitSeq(known, "\n") {
				if strings.HasPrefix(line, id) && !strings.Contains(line, "master") {
					return false
				}
			}
		}
		info, err := replica.Do("CLUSTER", "INFO")
		return err == nil && strings.Contains(info, "cluster_state:ok")
	})
}

// Handover lets a replica take over in good order, and waits until it has. A primary that is busy lets an attempt lapse
// after five seconds.
func (c *Cluster) Handover(replica *Server) error {
	var asked time.Time
	if err := eventually("a handover", func() bool {
		if time.Since(asked) > 6*time.Second {
			asked = time.Now()
			replica.Do("CLUSTER", "FAILOVER")
		}
		role, err := replica.Do("ROLE")
		return err == nil && strings.HasPrefix(role, "master")
	}); err != nil {
		return err
	}
	return c.Moved(replica)
}

// Follow waits until a server that was started anew, or had stood still, is a replica that has everything.
func (c *Cluster) Follow(again *Server) error {
	return eventually("the old primary to follow", again.Follows)
}

// Stop ends every process.
func (c *Cluster) Stop() {
	for _, node := range c.Nodes {
		node.Stop()
	}
}

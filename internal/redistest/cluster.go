package redistest

import (
	"fmt"
	"strconv"
	"strings"
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
	c := new(Cluster)
	if err := c.launch(replicated, arguments); err != nil {
		c.Stop()
		return nil, err
	}
	return c, nil
}

func (c *Cluster) launch(replicated bool, arguments []string) error {
	count := clusterPrimaries
	if replicated {
		count *= 2
	}
	buses := make([]int, count)
	for i := range count {
		node, err := onFreePort(func(port int) (*Server, error) {
			bus, err := FreePort()
			if err != nil {
				return nil, err
			}
			buses[i] = bus
			return launchOn(port, append([]string{
				"--cluster-enabled", "yes", "--cluster-port", strconv.Itoa(bus), "--cluster-node-timeout", "1500",
			}, arguments...)...)
		})
		if err != nil {
			return err
		}
		c.Nodes = append(c.Nodes, node)
	}
	first := c.Nodes[0]
	for i, node := range c.Nodes[1:] {
		if _, err := first.Do("CLUSTER", "MEET", "127.0.0.1", strconv.Itoa(node.Port), strconv.Itoa(buses[i+1])); err != nil {
			return err
		}
	}
	var addresses []string
	for i, node := range c.Nodes[:clusterPrimaries] {
		from, to := clusterSlots*i/clusterPrimaries, clusterSlots*(i+1)/clusterPrimaries-1
		if _, err := node.Do("CLUSTER", "ADDSLOTSRANGE", strconv.Itoa(from), strconv.Itoa(to)); err != nil {
			return err
		}
		addresses = append(addresses, fmt.Sprintf("127.0.0.1:%d", node.Port))
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
			if info, err := replica.Do("INFO", "replication"); err != nil || !strings.Contains(info, "master_link_status:up") {
				return false
			}
		}
		for _, node := range c.Nodes {
			// Each must know who follows whom, or a client that asks it would not.
			if known, err := node.Do("CLUSTER", "NODES"); err != nil || strings.Count(known, "slave ") != count-clusterPrimaries {
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
			if err != nil || !strings.Contains(info, "cluster_state:ok") || !strings.Contains(info, fmt.Sprintf("cluster_known_nodes:%d\r", count)) {
				return false
			}
		}
		return true
	})
}

// Stop ends every process.
func (c *Cluster) Stop() {
	for _, node := range c.Nodes {
		node.Stop()
	}
}

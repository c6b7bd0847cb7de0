package redisstore

import (
	"time"

	"github.com/redis/go-redis/v9"
)

// askAgain is when a script is sent again that no node of a Cluster has taken, because its slot is on its way to
// another.
const askAgain = 50 * time.Millisecond

// once is a script that go-redis does not repeat by itself. In a Cluster it would repeat a whole pipeline where the
// first call was refused for a slot on its way: what had been carried out was carried out again, and a call that was
// sent on to another node ran on both at a time into one answer.
type once struct{ *redis.Cmd }

// NoRetry takes the place of the embedded command's.
func (once) NoRetry() bool { return true }

// refusedForItsSlot tells that nothing has been carried out, and why: keys that are here and there, a node that is not
// the slot's, or no longer, or a Cluster that has nobody for it.
func refusedForItsSlot(err error) bool {
	return startsWith(err, "TRYAGAIN ", "ASK ", "MOVED ", "CLUSTERDOWN ")
}

// later sends a call again as long as its caller is there. Nobody else waits for it.
func (p *pipeline) later(c call) {
	time.AfterFunc(askAgain, func() {
		if c.ctx.Err() == nil {
			p.put(c)
		}
	})
}

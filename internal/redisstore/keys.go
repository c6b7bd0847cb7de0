package redisstore

import (
	"fmt"
	"time"

	"github.com/utvag/utvag/chat"
)

// Every key in Redis, with its content and its time to live. «{NN}» is the shard: the low six bits of the mailbox id's
// first byte, hash-tagged, so that all of a mailbox lies on one node of a Cluster and one script can change it in one
// step.
//
//	u:{NN}:m:<id>   hash    the mailbox: i incarnation, k kommun, p half the hash of the visitor's capability, o
//	                        opening minute, r retention in
//	                        seconds, h the newest entry (common.lua), f bytes of messages that are deleted, n number
//	                        of slots, q tag of entry 1 and half the digest of the opening,
//	                        l the claimer's slot, m number of blobs made from it, v that the visitor has left
//	                        quickly, z the alarm (common.lua); for slot N: dN device, seqs
//	                        that opened and closed it, fence; aN the connection that holds it, marked while it is
//	                        there; cN tag, half the
//	                        digest, counter and seq of the last frame and answer (common.lua); sN seq that the slot
//	                        has advanced to
//	                        TTL: retention, from the last entry or one that was at most a minute before it
//	u:{NN}:e:<id>   list    entries, oldest first (common.lua)  TTL: as the mailbox
//	u:{NN}:w:<id>   hash    that entry's tag and the Welcome, by the seq that opened their slots (0: the opening)
//	                        TTL: as the mailbox
//	u:{NN}:t:<id>   string  tombstone: 1 ended by the visitor, 2 by staff, 3 the visitor left quickly
//	                        TTL: retention, from the end
//	u:{NN}:due      zset    alarm timers: mailbox by Unix milliseconds  TTL: the longest retention in it
//	u:{NN}:call     zset    steps that a node has taken and not settled: mailbox, escalation and step by the end of
//	                        its lease
//	                        TTL: an hour
//	u:{NN}:out      hash    outbox: mailbox to note (common.lua, note)  TTL: the longest retention in it
//	u:{NN}:b:<locator>  hash    blob: p half the hash of its capability, v version, d half its digest, x the sealed
//	                        bytes
//	                        TTL: 10 minutes for a half key, else the retention of a left message, from the last put
//	u:{NN}:g:<locator>  string  gets of that locator in this minute, whatever lies there  TTL: a minute
//	u:lookups               string  lookups of all locators in this second  TTL: a second
//	u:born                  string  when the store was first found empty, in Unix seconds  TTL: the longest retention
//	u:{work}:puzzles        list    puzzles, the newest first: salt, then "bits milliseconds"
//	                        TTL: as long as a puzzle is taken
//	u:{work}:opened         hash    openings of all nodes by slice of ten seconds  TTL: two minutes
//	u:in:<kommun>:<device>  hash    inbox: mailbox to opening minute and end (pointer.lua)
//	                        TTL: the longest retention in it
//	u:kp:<kommun>:<day>     hash    device to key package  TTL: to the end of the day after
//	u:call:<kommun>:<whom>  string  that somebody is being called, or was, and for which step; whom: hash of alias,
//	                        channel, step
//	                        TTL: a minute
//	u:on:<kommun>           zset    nodes with an intake device logged in, by Unix milliseconds
//	                        TTL: the longest in it
//	u:push:<kommun>:<device>          hash    push subscription: e endpoint, k key, s secret
//	                        TTL: 30 days from the last login
//	u:trial:<kommun>:<channel>:<alias>  string  how a test alarm stands; with «:» behind it, that one has begun
//	                        TTL: 15 minutes; half a minute
//	u:heard:<kommun>:<channel>:<alias>  hash    at when the person last heard a test, in Unix seconds, of 16 bits of
//	                        the address's hash
//	                        TTL: 30 days
//	u:si:<kommun>           zset    devices that are logged in on any node, by Unix milliseconds
//	                        TTL: the longest in it
//	u:sh:<kommun>           hash    device to what its person said of their shift, and until when
//	                        TTL: 13 hours, from the last
//
// Ids of mailboxes and locators are raw bytes; of a locator, too, the first byte gives the shard. The channel u:x
// carries events; it keeps nothing.
const (
	shards  = 64
	channel = "u:x"

	lookupsKey = "u:lookups"
	bornKey    = "u:born"
	puzzlesKey = "u:{work}:puzzles"
	openedKey  = "u:{work}:opened"
)

func shardOf(id chat.Mailbox) int { return int(id[0]) % shards }

func timersKey(shard int) string         { return fmt.Sprintf("u:{%02d}:due", shard) }
func outboxKey(shard int) string         { return fmt.Sprintf("u:{%02d}:out", shard) }
func callKey(kommun, whom string) string { return "u:call:" + kommun + ":" + whom }
func callsKey(shard int) string          { return fmt.Sprintf("u:{%02d}:call", shard) }

func boxKey(id chat.Mailbox) string  { return keysOfShards[shardOf(id)].box + string(id[:]) }
func tombKey(id chat.Mailbox) string { return keysOfShards[shardOf(id)].tomb + string(id[:]) }

// keysOf returns the keys that the scripts on a mailbox expect, in the order of common.lua.
func keysOf(id chat.Mailbox) []string {
	of := keysOfShards[shardOf(id)]
	name := string(id[:])
	return []string{of.box + name, of.entries + name, of.welcomes + name, of.tomb + name, of.timers, of.outbox, of.calls}
}

// keysOfShard are the keys of a shard, and what stands before a mailbox's id in its own. They are made once: every call
// names seven.
type keysOfShard struct{ box, entries, welcomes, tomb, timers, outbox, calls string }

var keysOfShards = func() (all [shards]keysOfShard) {
	for shard := range all {
		before := func(what byte) string { return fmt.Sprintf("u:{%02d}:%c:", shard, what) }
		all[shard] = keysOfShard{before('m'), before('e'), before('w'), before('t'), timersKey(shard), outboxKey(shard),
			callsKey(shard)}
	}
	return all
}()

func blobKey(l chat.Locator) string { return locatorKey('b', l) }
func getsKey(l chat.Locator) string { return locatorKey('g', l) }

func locatorKey(what byte, l chat.Locator) string {
	return fmt.Sprintf("u:{%02d}:%c:%s", int(l[0])%shards, what, l[:])
}

func inboxKey(kommun string, device chat.Device) string {
	return "u:in:" + kommun + ":" + device.String()
}

func keyPackagesKey(kommun string, day uint32) string {
	return fmt.Sprintf("u:kp:%s:%d", kommun, day)
}

func presenceKey(kommun string) string { return "u:on:" + kommun }
func signedInKey(kommun string) string { return "u:si:" + kommun }
func shiftsKey(kommun string) string   { return "u:sh:" + kommun }

func subscriptionKey(kommun string, device chat.Device) string {
	return "u:push:" + kommun + ":" + device.String()
}
func trialKey(kommun, channel, alias string) string {
	return "u:trial:" + kommun + ":" + channel + ":" + alias
}
func testedKey(kommun, channel, alias string) string {
	return "u:heard:" + kommun + ":" + channel + ":" + alias
}

const day = 24 * time.Hour

// keyPackagesEnd is the end of the day after the packages' own.
func keyPackagesEnd(d uint32) time.Time { return time.Unix(0, 0).Add(time.Duration(d+2) * day) }

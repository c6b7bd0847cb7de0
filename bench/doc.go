// Command bench measures the relay against bare references on the same machine, in the same run: `make bench`.
//
// Absolute figures do not travel between machines; ratios within one run do. Each server runs in a process of its own,
// so that its memory and processor time are what the operating system says of it. Load is open-loop: messages are due
// at fixed moments, and a latency counts from the moment at which a message was due, so that a server which stalls
// cannot hide it.
//
// The references know no accounts, policy or cursors:
//
//	bare    two connections joined in memory, no Redis
//	plain   each message appended to a Redis list with a time to live, and published; pipelined over connections
//	script  the same in one script as atomic as ours: repeat, gap, epoch, append, timer, time to live, publish.
//	        This is the floor
//
// In the part restart the server is killed while a tenth of the messages is under way. Clients of every kind come back
// with what they have had last, get what they missed, and send again what was not answered; a message that is lost,
// doubled or out of order ends the bench. The references read it with one command or one script for each reader, once
// their subscription stands, while what is published is held.
//
// At the end stands a table of the bars for docs/performance.md. With -draw FILE it measures memory and p99 against
// connections and nodes instead, and draws them.
//
// The part attack runs honest conversations beside two thousand connections that hold, drip, come and go, ping, shout,
// babble, open without paying, guess, and flood what they have paid for.
package main

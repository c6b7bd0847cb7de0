package main

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"os"
	"runtime/debug"
	"strconv"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"github.com/utvag/utvag/chat"
	"github.com/utvag/utvag/chat/chattest"
)

// hostile holds COUNT connections to ADDRESS, on this machine only, and does with each the worst that somebody without
// a key can think of, until its standard input ends.
func hostile(ctx context.Context, arguments []string) error {
	if len(arguments) != 2 {
		return fmt.Errorf("hostile needs an address and a number")
	}
	address := arguments[0]
	if host, _, err := net.SplitHostPort(address); err != nil || !net.ParseIP(host).IsLoopback() {
		return fmt.Errorf("%s is not of this machine", address)
	}
	count, err := strconv.Atoi(arguments[1])
	if err != nil || count > 20_000 {
		return fmt.Errorf("%s is no number of connections", arguments[1])
	}
	if err := liftFileLimit(); err != nil {
		return err
	}
	debug.SetGCPercent(800) // what theirs do with a processor beside sending is not the server's
	ctx, stop := context.WithTimeout(ctx, 10*time.Minute)
	defer stop()
	go func() {
		io.Copy(io.Discard, os.Stdin)
		stop()
	}()
	puzzle, err := puzzleOf(ctx, address)
	if err != nil {
		return err
	}
	m := means{puzzle.Salt, buy(puzzle, count/8)}
	fmt.Println("hostile", count)
	var all sync.WaitGroup
	for i := range count {
		all.Go(func() {
			behave := manners[i%len(manners)]
			for ctx.Err() == nil {
				ws, err := connect(ctx, address)
				if err == nil {
					over := context.AfterFunc(ctx, func() { ws.Close() })
					go discard(ws)
					behave(ctx, ws, m)
					over()
					ws.Close()
				}
				rest(ctx, 200*time.Millisecond)
			}
		})
	}
	all.Wait()
	return nil
}

// means is what an attacker has.
type means struct {
	salt   chat.Salt       // of the puzzle
	bought chan *chat.Open // openings that are paid for
}

// buy pays for openings before the attack begins: attackers have processors of their own, and what theirs do on this
// machine is not to be taken for what they do to the server. There are enough for those who flood, and with the honest
// ones fewer than make everybody wait.
func buy(puzzle chat.Puzzle, count int) chan *chat.Open {
	bought := make(chan *chat.Open, count)
	together(count, func(int) error { // never fails
		open := opening(chattest.NewMailbox(), 64)
		open.Work = puzzle.Solve(open.Mailbox)
		bought <- open
		return nil
	})
	return bought
}

// manners are the ways of an attacker with one connection. Each returns when it is shut out, and begins anew.
var manners = []func(context.Context, *websocket.Conn, means){holds, drips, comesAndGoes, pings, shouts, babbles,
	opensUnpaid, guesses, floods}

func holds(ctx context.Context, ws *websocket.Conn, _ means) {
	for frame := encoded(&chat.Ping{Ref: 1}); ctx.Err() == nil && put(ws, frame); {
		rest(ctx, 20*time.Second)
	}
}

// drips sends a long frame a byte at a time.
func drips(ctx context.Context, ws *websocket.Conn, _ means) {
	raw := ws.NetConn()
	head := []byte{0x82, 0x80 | 127, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0} // binary, masked with zeros, 65,536 bytes
	if _, err := raw.Write(append(head, make([]byte, 5000)...)); err != nil {
		return
	}
	for ctx.Err() == nil {
		if _, err := raw.Write([]byte{0}); err != nil {
			return
		}
		rest(ctx, time.Second)
	}
}

func comesAndGoes(context.Context, *websocket.Conn, means) {}

func pings(ctx context.Context, ws *websocket.Conn, _ means) {
	for frame := encoded(&chat.Ping{Ref: 1}); ctx.Err() == nil && put(ws, frame); {
		rest(ctx, 20*time.Millisecond)
	}
}

// shouts sends more than a frame may be.
func shouts(ctx context.Context, ws *websocket.Conn, _ means) {
	put(ws, make([]byte, 1<<20))
	rest(ctx, time.Second)
}

func babbles(ctx context.Context, ws *websocket.Conn, _ means) {
	noise := make([]byte, 300)
	rand.Read(noise)
	put(ws, noise)
	rest(ctx, time.Second)
}

func opensUnpaid(ctx context.Context, ws *websocket.Conn, m means) {
	open := opening(chattest.NewMailbox(), 50_000)
	open.Work = make([]byte, chat.LimitWork)
	copy(open.Work, m.salt[:])
	for frame := encoded(open); ctx.Err() == nil && put(ws, frame); {
		rest(ctx, 50*time.Millisecond)
	}
}

// guesses asks for other people's mailboxes and blobs, and logs in as nobody.
func guesses(ctx context.Context, ws *websocket.Conn, _ means) {
	for ctx.Err() == nil {
		var locator chat.Locator
		rand.Read(locator[:])
		for _, frame := range []chat.Request{
			&chat.Attach{Ref: 1, Mailbox: chattest.NewMailbox(), Capability: chattest.NewCapability()},
			&chat.Get{Ref: 2, Locator: locator}, &chat.Login{Ref: 3, Signature: make([]byte, 64)},
		} {
			if !put(ws, encoded(frame)) {
				return
			}
		}
		rest(ctx, 150*time.Millisecond)
	}
}

// floods fills a mailbox that is paid for with as much as one may hold that nobody has answered, and a little more.
func floods(ctx context.Context, ws *websocket.Conn, m means) {
	open := <-m.bought // there are more than flood at a time
	defer func() { m.bought <- open }()
	if !put(ws, encoded(open)) {
		return
	}
	rest(ctx, time.Second)
	for counter := uint64(2); counter < 20 && ctx.Err() == nil; counter++ {
		message := chattest.Bind(chattest.Message(open.Mailbox, 1, chat.Application, make([]byte, 20_000)),
			chat.Bound{Counter: counter})
		if !put(ws, encoded(&chat.Send{Ref: uint32(counter), Mailbox: open.Mailbox, Counter: counter, Message: message})) {
			return
		}
		rest(ctx, 50*time.Millisecond)
	}
	rest(ctx, 20*time.Second) // what waits is not lost by going
}

func opening(id chat.Mailbox, welcome int) *chat.Open {
	devices := []chat.Device{{1}}
	return &chat.Open{
		Ref: 1, Mailbox: id, Slot: sha256.Sum256(id[:]), Devices: devices, Welcome: chattest.Welcome(welcome),
		Message: chattest.Bind(chattest.Text(id, 1, "open"), chat.Bound{Counter: 1, Opens: devices}),
	}
}

func encoded(f chat.Frame) []byte {
	frame, err := chat.Encode(f)
	if err != nil {
		panic(err) // each is made here, and is well-formed
	}
	return frame
}

func put(ws *websocket.Conn, frame []byte) bool {
	ws.SetWriteDeadline(time.Now().Add(10 * time.Second))
	return ws.WriteMessage(websocket.BinaryMessage, frame) == nil
}

// discard reads what the server says, so that nothing piles up on this side.
func discard(ws *websocket.Conn) {
	for {
		if _, _, err := ws.NextReader(); err != nil {
			return
		}
	}
}

// rest waits, each time a little otherwise, so that two thousand do not strike at once.
func rest(ctx context.Context, about time.Duration) {
	var random [4]byte
	rand.Read(random[:])
	share := float64(binary.BigEndian.Uint32(random[:])) / (1 << 32)
	select {
	case <-ctx.Done():
	case <-time.After(time.Duration((0.5 + share) * float64(about))):
	}
}

package chat

// ReachWish is what a device wants of the alarm channels (spec §5.12).
type ReachWish uint8

const (
	ReachAsk     ReachWish = 0 // which channels reach this person
	ReachOn      ReachWish = 1 // wake this browser by Web Push
	ReachOff     ReachWish = 2 // no longer
	ReachTest    ReachWish = 3 // ring a channel now
	ReachConfirm ReachWish = 4 // the test alarm was heard
)

// Reach is about the alarms of the person whose device has logged in. Endpoint, Key and Secret are those of a push
// subscription, for ReachOn; Channel names what to test or confirm. What a wish has no use for is empty.
type Reach struct {
	Ref      uint32
	Wish     ReachWish
	Channel  string
	Endpoint string
	Key      []byte
	Secret   []byte
}

func (*Reach) Kind() Kind       { return KindReach }
func (f *Reach) Number() uint32 { return f.Ref }

const (
	pushKeySize    = 65
	pushSecretSize = 16
)

func (f *Reach) fields(k coder) {
	ref(k, &f.Ref)
	within(k, (*uint8)(&f.Wish), uint8(ReachAsk), uint8(ReachConfirm))
	k.text(&f.Channel, LimitChannel)
	k.text(&f.Endpoint, LimitEndpoint)
	k.opaque(&f.Key, pushKeySize)
	k.opaque(&f.Secret, pushSecretSize)
	on, named := f.Wish == ReachOn, f.Wish == ReachTest || f.Wish == ReachConfirm
	if named != (f.Channel != "") || on != (f.Endpoint != "") || on &&
		(len(f.Key) != pushKeySize || len(f.Secret) != pushSecretSize) || !on && len(f.Key)+len(f.Secret) > 0 {
		k.fail(NoMeaning, 0)
	}
}

// ChannelState tells how the last test of a channel stands.
type ChannelState uint8

const (
	ChannelIdle     ChannelState = 0 // nothing was tried lately
	ChannelSending  ChannelState = 1
	ChannelAccepted ChannelState = 2 // whoever carries it has taken it; whether it was heard, only the person can say
	ChannelFailed   ChannelState = 3
)

// ReachChannel is one channel that is set up for a person. Tested is when they last confirmed it, in Unix seconds, 0
// for never or too long ago.
type ReachChannel struct {
	Name   string
	Tested uint64
	State  ChannelState
}

// Reachable is what the answer to ReachAsk holds: a Blob of version 1. PushKey is what a browser subscribes with, empty
// where there is no Web Push; Subscribed is 1 where this device has.
type Reachable struct {
	PushKey    []byte
	Subscribed uint8
	Channels   []ReachChannel
}

// EncodeReachable returns the bytes, or a *FormatError.
func EncodeReachable(a *Reachable) ([]byte, error) {
	var w writer
	a.fields(&w)
	return w.end()
}

// DecodeReachable reads them. The error is a *FormatError.
func DecodeReachable(bytes []byte) (*Reachable, error) {
	r := reader{rest: bytes}
	a := new(Reachable)
	a.fields(&r)
	if err := r.end(); err != nil {
		return nil, err
	}
	return a, nil
}

func (a *Reachable) fields(k coder) {
	k.opaque(&a.PushKey, pushKeySize)
	if n := len(a.PushKey); n != 0 && n != pushKeySize {
		k.fail(NoMeaning, 0)
	}
	within(k, &a.Subscribed, 0, 1)
	seen := make(map[string]bool)
	k.vector(len(a.Channels), LimitChannels, func(k coder, i int) {
		if i == len(a.Channels) {
			a.Channels = append(a.Channels, ReachChannel{})
		}
		c := &a.Channels[i]
		k.text(&c.Name, LimitChannel)
		k.uint64(&c.Tested)
		within(k, (*uint8)(&c.State), uint8(ChannelIdle), uint8(ChannelFailed))
		if seen[c.Name] || c.Name == "" {
			k.fail(NoMeaning, 0)
		}
		seen[c.Name] = true
	})
}

package relay

import (
	"context"

	"github.com/utvag/utvag/chat"
)

// shift lets whoever knows the rota carry out what a person says of their shift (spec §6.5).
func (c *conn) shift(ctx context.Context, f *chat.Shift) error {
	device, ok := c.loggedIn()
	if !ok {
		return chat.Refuse(chat.NotLoggedIn, 0)
	}
	if cert, valid := c.relay.certificate(c.kommun, device); !valid || !cert.Intake {
		return chat.Refuse(chat.Policy, 0)
	}
	if err := c.relay.config.OnShift(ctx, c.kommun, device, f); err != nil {
		return err
	}
	c.push(&chat.Ready{Ref: f.Ref})
	return nil
}

// LoggedIn lists the devices of intake roles that are logged in on this node.
func (r *Relay) LoggedIn(kommun string) []chat.Device {
	var all []chat.Device
	for _, d := range r.hub.present() {
		if d.kommun != kommun {
			continue
		}
		if cert, valid := r.certificate(kommun, d.device); valid && cert.Intake {
			all = append(all, d.device)
		}
	}
	return all
}

// TellDuty sends who is on duty to every connection of a device on this node.
func (r *Relay) TellDuty(kommun string, device chat.Device, f *chat.Duty) {
	for _, c := range r.hub.of([]string{kommun}, device) {
		func() {
			defer c.rescue()
			c.push(f)
		}()
	}
}

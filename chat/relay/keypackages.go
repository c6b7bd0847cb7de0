package relay

import (
	"context"
	"sync"

	"github.com/utvag/utvag/chat"
)

// KeyPackages returns a day's key packages of the devices that the newest roster holds.
func (r *Relay) KeyPackages(ctx context.Context, kommun string, day uint32) (map[chat.Device][]byte, error) {
	all, err := r.store.KeyPackages(ctx, kommun, day)
	if err != nil {
		return nil, err
	}
	for device := range all {
		if _, valid := r.certificate(kommun, device); !valid {
			delete(all, device)
		}
	}
	return all, nil
}

// packageCache keeps the public key packages that came to this node, to put them back into a store that lost them: a
// visitor who comes right after the loss has somebody to encrypt to.
type packageCache struct {
	mu  sync.Mutex
	all map[deviceOf]map[uint32][]byte
}

func (p *packageCache) keep(kommun string, device chat.Device, today uint32, packages []chat.DatedKeyPackage) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.all == nil {
		p.all = map[deviceOf]map[uint32][]byte{}
	}
	key := deviceOf{kommun, device}
	days := p.all[key]
	if days == nil {
		days = map[uint32][]byte{}
		p.all[key] = days
	}
	for _, k := range packages {
		days[k.Day] = k.KeyPackage
	}
	for day := range days {
		if day+1 < today {
			delete(days, day)
		}
	}
}

// of returns what is kept for a kommun from today on.
func (p *packageCache) of(kommun string, today uint32) map[chat.Device][]chat.DatedKeyPackage {
	p.mu.Lock()
	defer p.mu.Unlock()
	found := map[chat.Device][]chat.DatedKeyPackage{}
	for key, days := range p.all {
		if key.kommun != kommun {
			continue
		}
		for day, bytes := range days {
			if day >= today {
				found[key.device] = append(found[key.device], chat.DatedKeyPackage{Day: day, KeyPackage: bytes})
			}
		}
		if len(found[key.device]) == 0 {
			delete(p.all, key)
		}
	}
	return found
}

// restorePackages puts back what the store lacks.
func (r *Relay) restorePackages(ctx context.Context, kommun string) error {
	today := dayOf(r.now())
	kept := r.packages.of(kommun, today)
	if len(kept) == 0 {
		return nil
	}
	stored, err := r.store.KeyPackages(ctx, kommun, today)
	if err != nil {
		return err
	}
	for device, packages := range kept {
		if _, there := stored[device]; there {
			continue
		}
		if _, valid := r.certificate(kommun, device); !valid {
			continue
		}
		if err := r.store.PutKeyPackages(ctx, kommun, device, r.now(), packages); err != nil {
			return err
		}
	}
	return nil
}

package relay

// stand notes what the store has said with an answer, if it has. Events may have told more already.
func (a *attachment) stand(f *Footing) {
	if f == nil {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.footing != nil && a.footing.Seq > f.Seq {
		later := *f
		later.Place, later.Bytes = a.footing.Place, a.footing.Bytes
		f = &later
	}
	a.footing = f
}

// step goes on with an entry that has been appended by whomever. Called with mu held.
func (a *attachment) step(e Event) {
	f := a.footing
	switch {
	case f == nil || e.Kind != EventEntry || e.Entry.Seq <= f.Seq:
	case e.Entry.Seq == f.Seq+1 && e.Before == f.Tag:
		f.Place, f.Bytes = Place{e.Entry.Seq, e.Entry.Tag}, e.Bytes
	default:
		a.footing = nil
	}
}

// lift gives what is known now, for a message on its way.
func (a *attachment) lift() *Footing {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.footing == nil {
		return nil
	}
	f := *a.footing
	return &f
}

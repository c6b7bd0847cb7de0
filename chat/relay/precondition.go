package relay

// learn notes what the store has said with an answer, if it has. Events may have told more already.
func (a *attachment) learn(f *Precondition) {
	if f == nil {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.precondition != nil && a.precondition.Seq > f.Seq {
		later := *f
		later.Position, later.Bytes = a.precondition.Position, a.precondition.Bytes
		f = &later
	}
	a.precondition = f
}

// follow moves the precondition on with an entry that has been appended by whomever. Called with mu held.
func (a *attachment) follow(e Event) {
	f := a.precondition
	switch {
	case f == nil || e.Kind != EventEntry || e.Entry.Seq <= f.Seq:
	case e.Entry.Seq == f.Seq+1 && e.Before == f.Tag:
		f.Position, f.Bytes = Position{e.Entry.Seq, e.Entry.Tag}, e.Bytes
	default:
		a.precondition = nil
	}
}

// expected returns what is known now, for a message on its way.
func (a *attachment) expected() *Precondition {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.precondition == nil {
		return nil
	}
	f := *a.precondition
	return &f
}

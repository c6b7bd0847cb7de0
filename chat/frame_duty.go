package chat

// PassState is what a person says of their own pass (spec §6.5).
type PassState uint8

const (
	PassEnded  PassState = 0
	PassBegun  PassState = 1
	PassPaused PassState = 2
)

// LongestPause bounds Pass.Minutes.
const LongestPause = 120

// Pass says that the person at a device ends, begins or pauses their pass. Minutes is 1 to LongestPause for a pause,
// else 0.
type Pass struct {
	Ref     uint32
	State   PassState
	Minutes uint16
}

func (*Pass) Kind() Kind { return KindPass }

// Number implements Request.
func (f *Pass) Number() uint32 { return f.Ref }

func (f *Pass) fields(k coder) {
	ref(k, &f.Ref)
	within(k, (*uint8)(&f.State), uint8(PassEnded), uint8(PassPaused))
	k.uint16(&f.Minutes)
	if paused := f.State == PassPaused; paused != (f.Minutes > 0) || f.Minutes > LongestPause {
		k.fail(NoMeaning, 0)
	}
}

// DutyPlan tells whether there is a rota.
type DutyPlan uint8

const (
	DutyUnplanned DutyPlan = 0 // the kommun keeps none
	DutyPlanned   DutyPlan = 1
	DutyUnread    DutyPlan = 2 // it cannot be read, and who is on duty is not known
)

// DutyPlace is what somebody is on duty as.
type DutyPlace uint8

const (
	DutyExtra  DutyPlace = 0 // not on the rota: they began a pass
	DutyFirst  DutyPlace = 1
	DutySecond DutyPlace = 2
	DutyLead   DutyPlace = 3
)

// DutyState is whether somebody on duty is there.
type DutyState uint8

const (
	DutyMissing DutyState = 0 // can be reached by nothing
	DutyHere    DutyState = 1
	DutyPaused  DutyState = 2
	DutyEnded   DutyState = 3 // they ended their pass before its time
)

// DutyTurn is one person's time. Times are Unix seconds; End is 0 where it has none.
type DutyTurn struct {
	Alias string
	Place DutyPlace
	State DutyState
	Start uint64
	End   uint64
}

// DutySpan is a stretch of time in Unix seconds.
type DutySpan struct{ Start, End uint64 }

// DutyRule names what a warning is about.
type DutyRule uint8

const (
	DutyBlock      DutyRule = 1
	DutyPass       DutyRule = 2
	DutyDailyRest  DutyRule = 3
	DutyWeeklyRest DutyRule = 4
	DutyAlone      DutyRule = 5
)

// DutyWarning is a rule that the rota breaks for the person at this device.
type DutyWarning struct {
	Rule       DutyRule
	Start, End uint64
}

// Limits of Duty, in number and in bytes.
const (
	LimitDuty  = 32
	LimitAlias = 160
)

// Duty tells a device who is on duty (spec §6.5).
type Duty struct {
	Plan DutyPlan
	On   []DutyTurn
	Next []DutyTurn // State is DutyMissing where nobody asks yet
	// Gaps are the opening hours of the next days in which nobody is first on duty.
	Gaps     []DutySpan
	Warnings []DutyWarning
	// Closes is when the present opening hours end, and LastStart when no conversation should be begun any more; 0: not
	// known.
	Closes, LastStart uint64
}

func (*Duty) Kind() Kind { return KindDuty }

func (f *Duty) fields(k coder) {
	within(k, (*uint8)(&f.Plan), uint8(DutyUnplanned), uint8(DutyUnread))
	dutyTurns(k, &f.On)
	dutyTurns(k, &f.Next)
	k.vector(len(f.Gaps), LimitDuty, func(k coder, i int) {
		if i == len(f.Gaps) {
			f.Gaps = append(f.Gaps, DutySpan{})
		}
		k.uint64(&f.Gaps[i].Start)
		k.uint64(&f.Gaps[i].End)
	})
	k.vector(len(f.Warnings), LimitDuty, func(k coder, i int) {
		if i == len(f.Warnings) {
			f.Warnings = append(f.Warnings, DutyWarning{})
		}
		w := &f.Warnings[i]
		within(k, (*uint8)(&w.Rule), uint8(DutyBlock), uint8(DutyAlone))
		k.uint64(&w.Start)
		k.uint64(&w.End)
	})
	k.uint64(&f.Closes)
	k.uint64(&f.LastStart)
}

func dutyTurns(k coder, turns *[]DutyTurn) {
	k.vector(len(*turns), LimitDuty, func(k coder, i int) {
		if i == len(*turns) {
			*turns = append(*turns, DutyTurn{})
		}
		t := &(*turns)[i]
		k.text(&t.Alias, LimitAlias)
		within(k, (*uint8)(&t.Place), uint8(DutyExtra), uint8(DutyLead))
		within(k, (*uint8)(&t.State), uint8(DutyMissing), uint8(DutyEnded))
		k.uint64(&t.Start)
		k.uint64(&t.End)
	})
}

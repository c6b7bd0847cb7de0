package chat

// ShiftState is what a person says of their own shift (spec §6.5).
type ShiftState uint8

const (
	ShiftEnded  ShiftState = 0
	ShiftBegun  ShiftState = 1
	ShiftPaused ShiftState = 2
)

// LimitPauseMinutes bounds Shift.Minutes.
const LimitPauseMinutes = 120

// Shift says that the person at a device ends, begins or pauses their shift. Minutes is 1 to LimitPauseMinutes for a
// pause, else 0.
type Shift struct {
	Ref     uint32
	State   ShiftState
	Minutes uint16
}

func (*Shift) Kind() Kind { return KindShift }

// Number implements Request.
func (f *Shift) Number() uint32 { return f.Ref }

func (f *Shift) fields(k coder) {
	ref(k, &f.Ref)
	within(k, (*uint8)(&f.State), uint8(ShiftEnded), uint8(ShiftPaused))
	k.uint16(&f.Minutes)
	if paused := f.State == ShiftPaused; paused != (f.Minutes > 0) || f.Minutes > LimitPauseMinutes {
		k.fail(NoMeaning, 0)
	}
}

// DutyPlan reports whether there is a rota.
type DutyPlan uint8

const (
	DutyUnplanned DutyPlan = 0 // the kommun keeps none
	DutyPlanned   DutyPlan = 1
	DutyUnread    DutyPlan = 2 // it cannot be read, and who is on duty is not known
)

// DutyLevel is what somebody is on duty as.
type DutyLevel uint8

const (
	DutyExtra  DutyLevel = 0 // not on the rota: they began a shift
	DutyFirst  DutyLevel = 1
	DutySecond DutyLevel = 2
	DutyLead   DutyLevel = 3
)

// DutyState is whether somebody on duty is there.
type DutyState uint8

const (
	DutyMissing DutyState = 0 // can be reached by nothing
	DutyHere    DutyState = 1
	DutyPaused  DutyState = 2
	DutyEnded   DutyState = 3 // they ended their shift before its time
)

// DutyShift is one person's time. Times are Unix seconds; End is 0 where it has none.
type DutyShift struct {
	Alias string
	Level DutyLevel
	State DutyState
	Start uint64
	End   uint64
}

// DutySpan is a stretch of time in Unix seconds.
type DutySpan struct{ Start, End uint64 }

// DutyRule names what a warning is about.
type DutyRule uint8

const (
	RuleBlock      DutyRule = 1
	RuleShift      DutyRule = 2
	RuleDailyRest  DutyRule = 3
	RuleWeeklyRest DutyRule = 4
	RuleAlone      DutyRule = 5
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
	On   []DutyShift
	Next []DutyShift // State is DutyMissing where nobody asks yet
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
	dutyShifts(k, &f.On)
	dutyShifts(k, &f.Next)
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
		within(k, (*uint8)(&w.Rule), uint8(RuleBlock), uint8(RuleAlone))
		k.uint64(&w.Start)
		k.uint64(&w.End)
	})
	k.uint64(&f.Closes)
	k.uint64(&f.LastStart)
}

func dutyShifts(k coder, shifts *[]DutyShift) {
	k.vector(len(*shifts), LimitDuty, func(k coder, i int) {
		if i == len(*shifts) {
			*shifts = append(*shifts, DutyShift{})
		}
		t := &(*shifts)[i]
		k.text(&t.Alias, LimitAlias)
		within(k, (*uint8)(&t.Level), uint8(DutyExtra), uint8(DutyLead))
		within(k, (*uint8)(&t.State), uint8(DutyMissing), uint8(DutyEnded))
		k.uint64(&t.Start)
		k.uint64(&t.End)
	})
}

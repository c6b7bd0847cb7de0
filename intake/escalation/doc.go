// Package escalation says who is called, by which channel, and when, while somebody waits and no human has answered.
// It is rules alone: it has no clock and calls nobody. The relay keeps the timers and asks it how long each is;
// internal/oncall makes the calls.
//
// An escalation begins when a visitor writes. Its steps are taken one after the other until a human acts on a console;
// after the last step it has failed, which is said aloud, and begins again.
package escalation

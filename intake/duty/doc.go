// Package duty says who is on duty at a moment, who of them is called, when a break is allowed, when an ended shift
// counts no longer, and when nobody can be reached. It is rules alone: Facts go in, answers come out. It has no clock,
// asks nobody and starts nothing; internal/oncall gathers the facts and acts.
package duty

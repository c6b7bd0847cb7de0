// Package access has the rules of the staff access log: which device signed in, opened, claimed, joined, left or ended,
// in which hour, with references to conversations that nobody can trace back; and of the monthly review that a team
// lead signs. No I/O.
//
// A line holds nothing of a visitor, and no minute. It is about access, not about how much anybody works.
package access

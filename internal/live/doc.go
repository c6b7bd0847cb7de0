// Package live holds what a running server reads again because it ages or is written by others: rosters, rotas,
// certificates. Each is read at the start and later by the same judge, with the same outcome: what is new and right
// counts from then on, and what is wrong is said and leaves what was there before.
//
// Watch is the loop that all of them, and others, stand in.
package live

// Package repotest holds the rules that span the repository: who may import whom, what the server must not be able to
// do, and what may not stand in any file. It has tests only.
package repotest

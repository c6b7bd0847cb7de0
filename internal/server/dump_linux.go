package server

import "syscall"

// prSetDumpable is PR_SET_DUMPABLE of prctl(2).
const prSetDumpable = 4

// LeaveNoDump keeps the memory of this process, with all that is being said in it, out of core files, and out of reach
// of other processes of the same user. What fails is left to the unit file, which says the same.
func LeaveNoDump() {
	syscall.Setrlimit(syscall.RLIMIT_CORE, &syscall.Rlimit{})
	syscall.RawSyscall(syscall.SYS_PRCTL, prSetDumpable, 0, 0)
}

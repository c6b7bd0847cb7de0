// Package oncall keeps the duty of every kommun of a server: it tells consoles who is on duty, carries out what people
// say of their shift, calls whom an escalation names, by the channels that there are, and warns beforehand where nobody
// can be reached. The rules are intake/duty's and intake/escalation's; here are the clock, the store and the channels.
//
// It joins the relay, which knows when, the rota and the roster, which know who, and the channels. It knows no web.
package oncall

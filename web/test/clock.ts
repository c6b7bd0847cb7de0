/**
 * Lets the clock be UTVAG_CLOCK_AHEAD seconds ahead, as internal/clockshift does for what Go builds. Timers keep their
 * own time.
 */
const ahead = 1000 * Number(process.env["UTVAG_CLOCK_AHEAD"] ?? 0);
const done = Symbol.for("utvag clock");

// Once: another file may load this again in the same world.
if (ahead !== 0 && !(done in globalThis)) {
  Object.defineProperty(globalThis, done, { value: true });
  const clock = globalThis.Date;
  const now = (): number => clock.now() + ahead;
  globalThis.Date = new Proxy(clock, {
    construct: (of, given, by) => Reflect.construct(of, given.length === 0 ? [now()] : given, by) as object,
    apply: () => new clock(now()).toString(),
    get: (of, name, by) => (name === "now" ? now : (Reflect.get(of, name, by) as unknown)),
  });
}

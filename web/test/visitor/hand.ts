/** A conversation moved by hand: what the page shows can be tested for views that a real one reaches only by chance. */
import type { PageConfig, Status } from "../../src/config.ts";
import type { Intake, Return, Trouble, Visitor, VisitorView } from "../../src/conversation/api.ts";

export interface Hand extends Visitor {
  show(change: Partial<VisitorView>): void;
  /** What the relay will say to a phrase that is typed in, and to one that is to be kept. */
  found: Return;
  kept: Trouble | undefined;
  readonly calls: (readonly unknown[])[];
}

export function newHand(found: { trouble?: Trouble; readers: number } = { readers: 3 }): Hand {
  let view: VisitorView = { phase: "idle", connected: true, readers: found.readers, lines: [] };
  const listeners = new Set<(view: VisitorView) => void>();
  const calls: (readonly unknown[])[] = [];
  return {
    get view() {
      return view;
    },
    calls,
    show(change) {
      view = { ...view, ...change };
      for (const listener of listeners) listener(view);
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    prepare: () => Promise.resolve(found),
    open(intake: Intake, kind) {
      calls.push(["open", intake, kind]);
      this.show({
        phase: "waiting",
        lines: intake.text ? [{ id: "0", from: "visitor", text: intake.text, delivery: "sent" }] : [],
      });
      return Promise.resolve();
    },
    send: (text) => void calls.push(["send", text]),
    sendPhrase: (key) => void calls.push(["phrase", key]),
    retry: (id) => void calls.push(["retry", id]),
    again: () => Promise.resolve(void calls.push(["again"])),
    end: () => Promise.resolve(void calls.push(["end"])),
    wipe: () => void calls.push(["wipe"]),
    leave: () => void calls.push(["leave"]),
    found: { found: true },
    kept: undefined,
    keep(keys) {
      calls.push(["keep", keys]);
      if (!this.kept) this.show({ kept: "kept" });
      return Promise.resolve(this.kept);
    },
    comeBack(keys) {
      calls.push(["comeBack", keys]);
      return Promise.resolve(this.found);
    },
    invite: () => void calls.push(["invite"]),
    answer: (nonce, yes) => void calls.push(["answer", nonce, yes]),
    stay(store) {
      calls.push(["stay", store !== undefined]);
      this.show(store ? { stays: true } : {});
      return Promise.resolve(undefined);
    },
    resume(store) {
      calls.push(["resume", store.get()]);
      return Promise.resolve(this.found && "found" in this.found && this.found.found);
    },
  };
}

export const config: PageConfig = {
  kommun: { id: "exempel", name: "Exempelkommun" },
  pins: [],
  origin: "https://kontakt.example.se",
  retention: { liveHours: 24, messageDays: 7 },
  numbers: [
    {
      id: "emergency",
      label: { sv: "Nödnummer", en: "Emergency" },
      number: "112",
      hours: { sv: "dygnet runt" },
      verified: "2026-11-01",
    },
    { id: "children", label: { sv: "Bris" }, number: "116 111", hours: {}, verified: "2026-10-15" },
  ],
  claims: [],
  slots: {},
  leave: "https://weather.example.se/",
  languages: [
    { tag: "sv", name: "Svenska", dir: "ltr", plural: "sv", draft: true, catalog: "/assets/sv.json", rest: "" },
    { tag: "en", name: "English", dir: "ltr", plural: "en", draft: true, catalog: "/assets/en.json", rest: "" },
  ],
  links: { report: "https://example.se/oro" },
  demo: false,
};

export const open: Status = { reachable: true, within: true, closes: "21:00", ready: true, time: 0 };

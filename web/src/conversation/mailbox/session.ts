/** `delete`: an end without a message. */
export type Asked =
  | "open"
  | "attach"
  | "send"
  | "delete"
  | "advance"
  | "resolve"
  | "acknowledge"
  | "put"
  | "keep"
  | "drop";

/**
 * What holds for a mailbox at work beside its state: this connection, and what is waited for. Nothing of it outlives a
 * crash. A plain value; the functions below say what becomes of it. Times are milliseconds since the epoch.
 */
export interface Session {
  readonly connected: boolean;
  readonly attached: boolean;
  /** What is asked on this connection and not answered. */
  readonly asked: ReadonlySet<Asked>;
  /** Attached on another connection: to attach again by itself would only push that one out in turn (spec §4). */
  readonly replaced: boolean;
  /** Until then nothing is asked. */
  readonly pausedUntil: number;
  /** The newest entry that the relay has spoken of, and since when it is missing. */
  readonly known: number;
  readonly missingSince: number;
  /** Asking anew for a missing entry, on another connection, has been tried. */
  readonly renewed: boolean;
  /** The newest entry up to which the slot was moved on over this connection, and when that was last done. */
  readonly advanced: number;
  readonly advancedAt: number;
  readonly receiptAt: number;
  /** Since when there is something to confirm; 0: there is nothing. */
  readonly unconfirmedSince: number;
  /** The opening may have reached the relay: what never left needs no ending there. */
  readonly tried: boolean;
}

/** `tried`: an earlier life may have sent the opening. */
export function newSession(tried: boolean): Session {
  return {
    connected: false,
    attached: false,
    asked: new Set(),
    replaced: false,
    pausedUntil: 0,
    known: 0,
    missingSince: 0,
    renewed: false,
    advanced: 0,
    advancedAt: 0,
    receiptAt: 0,
    unconfirmedSince: 0,
    tried,
  };
}

export function connected(session: Session): Session {
  return { ...session, connected: true };
}

/** Nobody answers any more what was asked on that connection. */
export function disconnected(session: Session): Session {
  return { ...session, connected: false, attached: false, asked: new Set() };
}

export function asking(session: Session, to: Asked): Session {
  return { ...session, asked: new Set([...session.asked, to]) };
}

export function answered(session: Session, to: Asked): Session {
  return { ...session, asked: new Set([...session.asked].filter((one) => one !== to)) };
}

export function replaced(session: Session): Session {
  return { ...session, replaced: true };
}

export function pausedUntil(session: Session, until: number): Session {
  return { ...session, pausedUntil: until };
}

/** `read` is the newest entry here, `head` the newest there. */
export function attached(session: Session, read: number, head: number, now: number): Session {
  return {
    ...session,
    attached: true,
    advanced: read,
    known: head,
    missingSince: now,
    renewed: session.renewed && read < head,
  };
}

/** Attached only to have it deleted, or to hear that it is. */
export function attachedToEnd(session: Session): Session {
  return { ...session, attached: true };
}

/** The relay has spoken of that entry, and so owes it. */
export function owes(session: Session, seq: number, now: number): Session {
  return { ...session, known: Math.max(session.known, seq), missingSince: now };
}

/** `wanting`: what it says wants a receipt. */
export function entryRead(session: Session, seq: number, wanting: boolean, now: number): Session {
  return {
    ...session,
    unconfirmedSince: wanting && session.unconfirmedSince === 0 ? now : session.unconfirmedSince,
    renewed: session.renewed && seq < session.known,
  };
}

/** Another connection is made for what is missing, and it gets as long to come again. */
export function askedAnew(session: Session, now: number): Session {
  return { ...session, missingSince: now, renewed: true };
}

export function receiptBegun(session: Session, now: number): Session {
  return { ...session, receiptAt: now, unconfirmedSince: 0 };
}

export function advanceBegun(session: Session, seq: number, now: number): Session {
  return { ...session, advanced: seq, advancedAt: now };
}

export function openingTried(session: Session): Session {
  return { ...session, tried: true };
}

/** What the files of one room of web/src may take from others. A new room needs a row here, with a reason. */
export interface Row {
  /** A folder of web/src, or one of the files that lie beside the folders. */
  readonly room: string;
  /** Other rooms. */
  readonly rooms: readonly string[];
  /** Packages, each with what is below it. */
  readonly packages: readonly string[];
  /** Data outside web/src, below the root of the repository. */
  readonly data?: readonly string[];
  readonly why: string;
}

const preact = "preact";

export const table: readonly Row[] = [
  { room: "wire", rooms: [], packages: [], why: "bytes, frames, codes: knows nobody" },
  {
    room: "mls",
    rooms: ["wire", "stored"],
    packages: ["ts-mls", "hpke", "@panva/hpke-noble", "@noble/curves"],
    why: "groups, and who may do what in them; knows no page, no socket and no vault",
  },
  { room: "relay", rooms: ["wire"], packages: [], why: "the socket: moves frames, knows no group" },
  { room: "puzzle", rooms: ["wire"], packages: [], why: "what an opening costs; runs in a worker" },
  { room: "stored", rooms: ["wire"], packages: [], why: "versions, migrations and strict reading of what is kept" },
  { room: "flow", rooms: [], packages: [], why: "the questions, for both pages: knows nobody" },
  { room: "i18n", rooms: [], packages: [], data: ["i18n/claims.json"], why: "sentences and which claim each needs" },
  { room: "config.ts", rooms: ["flow"], packages: [], why: "what the server writes into a page" },
  { room: "field.ts", rooms: [], packages: [], why: "attributes of fields, for both pages" },
  { room: "side.d.ts", rooms: [], packages: [], why: "what the build fills in" },
  {
    room: "returncode",
    rooms: ["wire", "i18n", "conversation"],
    packages: [],
    why: "from what somebody wrote down to keys, whose type is the conversation's; never a socket or a group",
  },
  {
    room: "conversation/vault",
    rooms: ["wire", "stored"],
    packages: ["@noble/hashes"],
    why: "where a device keeps what it must: sealed values, the lock's keys; knows no conversation",
  },
  {
    room: "conversation",
    rooms: ["wire", "relay", "conversation/vault"],
    packages: [],
    why: "what pages may ask of it (api.ts), and the view that they listen to: no rule, no deed",
  },
  {
    room: "conversation/mailbox",
    rooms: ["wire", "stored", "mls", "relay", "conversation", "conversation/vault"],
    packages: [],
    why: "one conversation's life on either side, decided in next.ts and done around it; knows no engine",
  },
  {
    room: "conversation/directory",
    rooms: ["wire", "mls", "config.ts", "conversation", "conversation/mailbox"],
    packages: [],
    why: "rosters and key packages, as this client last accepted them",
  },
  {
    room: "conversation/visitor",
    rooms: [
      "wire",
      "stored",
      "mls",
      "relay",
      "puzzle",
      "config.ts",
      "conversation",
      "conversation/directory",
      "conversation/mailbox",
      "conversation/vault",
    ],
    packages: [],
    why: "the visitor's engine: opens, comes back, recovers; never the desk",
  },
  {
    room: "conversation/desk",
    rooms: [
      "wire",
      "stored",
      "mls",
      "relay",
      "flow",
      "config.ts",
      "conversation",
      "conversation/directory",
      "conversation/mailbox",
      "conversation/vault",
    ],
    packages: [],
    why: "the console's engine: device, inbox, many mailboxes; never the visitor's",
  },
  {
    room: "visitor",
    rooms: ["conversation", "conversation/visitor", "returncode", "flow", "i18n", "config.ts", "field.ts"],
    packages: [preact],
    why: "draws what the conversation says: no bytes, no groups, no socket, and never the console",
  },
  {
    room: "console",
    rooms: [
      "conversation",
      "conversation/desk",
      "conversation/vault",
      "flow",
      "i18n",
      "config.ts",
      "field.ts",
      "stored",
      "wire",
      "mls",
    ],
    packages: [preact, "qr"],
    why: "draws what the desk says; wire and mls for a probe's signed mark and a device's key; never the visitor's page",
  },
];

/** Who alone may begin a worker: its script is named by the build. */
export const workers = ["puzzle/index.ts"];

/** A folder of web/src; below `conversation` each folder is a room of its own. */
export function roomOf(file: string): string {
  const [room, inner, ...below] = file.split("/");
  return room === "conversation" && below.length > 0 ? `${room}/${inner}` : room!;
}

/** Why a file may not take this in, or undefined. */
export function breaks(from: string, to: string): string | undefined {
  const row = table.find(({ room }) => room === roomOf(from));
  if (!row) return `${roomOf(from)} has no row in the table`;
  return allowed(row, to) ? undefined : `${row.room}: ${row.why}`;
}

/** The entry of a row that allows it: the room itself, another one, a package, a file of data. */
export function allowed(row: Row, to: string): string | undefined {
  if (to.startsWith("../")) return row.data?.find((one) => `../../${one}` === to);
  if (table.some(({ room }) => room === roomOf(to))) return [row.room, ...row.rooms].find((one) => one === roomOf(to));
  return row.packages.find((one) => to === one || to.startsWith(`${one}/`));
}

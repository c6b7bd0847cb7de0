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
    room: "conversation",
    rooms: ["wire", "stored", "mls", "relay", "puzzle", "flow", "config.ts"],
    packages: ["@noble/hashes"],
    why: "joins wire, groups and socket; draws nothing, and knows neither page nor how a return code is written down",
  },
  {
    room: "visitor",
    rooms: ["conversation", "returncode", "flow", "i18n", "config.ts", "field.ts"],
    packages: [preact],
    why: "draws what the conversation says: no bytes, no groups, no socket, and never the console",
  },
  {
    room: "console",
    rooms: ["conversation", "flow", "i18n", "config.ts", "field.ts", "stored", "wire", "mls"],
    packages: [preact, "qr"],
    why: "draws what the desk says; wire and mls for a probe's signed mark and a device's key; never the visitor's page",
  },
];

/** Who alone may begin a worker: its script is named by the build. */
export const workers = ["puzzle/index.ts"];

export function roomOf(file: string): string {
  return file.split("/")[0]!;
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

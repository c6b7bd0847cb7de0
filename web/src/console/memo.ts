/** What a page that locks itself puts away, sealed, and takes up again: what is being written, and where. */
export interface Memo {
  readonly selected: string | undefined;
  readonly drafts: ReadonlyMap<string, string>;
}

export function writeMemo({ selected, drafts }: Memo): string {
  return JSON.stringify({ selected, drafts: [...drafts].filter(([, text]) => text.trim() !== "") });
}

/** Only of what `writeMemo` made; what is not that counts as nothing. */
export function readMemo(text: string | undefined): Memo {
  try {
    const { selected, drafts } = JSON.parse(text ?? "") as { selected?: string; drafts: [string, string][] };
    return { selected, drafts: new Map(drafts) };
  } catch {
    return { selected: undefined, drafts: new Map() };
  }
}

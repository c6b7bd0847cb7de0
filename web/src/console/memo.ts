import { memoForm } from "../conversation/desk/memo.ts";

/** What a page that locks itself puts away, sealed, and takes up again: what is being written, and where. */
export interface Memo {
  readonly selected: string | undefined;
  readonly drafts: ReadonlyMap<string, string>;
}

export function writeMemo({ selected, drafts }: Memo): string {
  return memoForm.encode({
    ...(selected !== undefined && { selected }),
    drafts: [...drafts].filter(([, text]) => text.trim() !== ""),
  });
}

/** What is none of ours, or a later release's, counts as nothing. */
export function readMemo(text: string | undefined): Memo {
  try {
    const { selected, drafts } = memoForm.decode(text ?? "");
    return { selected, drafts: new Map(drafts) };
  } catch {
    return { selected: undefined, drafts: new Map() };
  }
}

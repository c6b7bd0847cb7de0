import { list, object, pair, text } from "../../stored/check.ts";
import { jsonForm } from "../../stored/form.ts";

/** What a page that locks itself puts away, sealed: which conversation is open, and drafts by conversation. */
export const memoForm = jsonForm("memo", object({ drafts: list(pair(text, text)) }, { selected: text }));

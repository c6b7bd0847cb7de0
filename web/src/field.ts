/**
 * Attributes of every field that a person writes words in: no browser, keyboard or add-on that heeds them keeps,
 * completes, corrects, translates or sends away what stands there.
 */
export const quietField = {
  autocomplete: "off",
  autocapitalize: "none",
  spellcheck: false,
  translate: false,
  // Not yet in the types: iOS corrects, newer browsers finish sentences, and an add-on for grammar sends them to its
  // maker.
  autocorrect: "off",
  writingsuggestions: "false",
  "data-gramm": "false",
} as const;

import { encodeQR } from "qr";

/** The QR code of a text with its quiet zone of four modules: true is dark. */
export const modules = (text: string): readonly (readonly boolean[])[] =>
  encodeQR(text, "raw", { ecc: "low", encoding: "byte", border: 4 });

/** The dark modules as the path of an SVG, one module to a unit. */
export const outline = (rows: readonly (readonly boolean[])[]): string =>
  rows.flatMap((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : ""))).join("");

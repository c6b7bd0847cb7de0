import { hex, unhex } from "../wire/bytes.ts";
import { CodecError, Writer, decode } from "../wire/codec.ts";

/** Who a leaf says it is (spec §7.2); a reference, whose truth the roster decides. */
export type Identity =
  | { readonly kind: "visitor" }
  | { readonly kind: "device"; readonly kommun: string /** 16 hex digits. */; readonly device: string };

const deviceLabel = "utvag.1 device";
const visitorLabel = "utvag.1 visitor";

export function encodeIdentity(identity: Identity): Uint8Array {
  if (identity.kind === "visitor") return new Writer().text(visitorLabel).bytes();
  const device = unhex(identity.device);
  if (!device) throw new CodecError("device id is not hex");
  return new Writer().text(deviceLabel).text(identity.kommun).fixed(device, 8).bytes();
}

/** Undefined for what is neither a visitor's nor a device's identity. */
export function decodeIdentity(bytes: Uint8Array): Identity | undefined {
  try {
    return decode(bytes, (r): Identity | undefined => {
      const label = r.text();
      if (label === visitorLabel) return { kind: "visitor" };
      if (label !== deviceLabel) return undefined;
      return { kind: "device", kommun: r.text(), device: hex(r.fixed(8)) };
    });
  } catch {
    return undefined;
  }
}

import { bytesForm } from "../../stored/form.ts";

/** The serial of the newest roster that a device has seen. */
export const serialForm = bytesForm<bigint>("serial", {
  put: (w, serial) => w.uint64(serial),
  get: (r) => r.uint64(),
});

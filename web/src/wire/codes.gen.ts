// Generated from chat/codes.go and chat/limits.go by `go generate ./chat`. Do not edit.

/** Frames (spec §3). */
export const Kind = {
  login: 0x01,
  open: 0x02,
  attach: 0x03,
  send: 0x04,
  ack: 0x05,
  end: 0x06,
  publish: 0x07,
  fetch: 0x08,
  ping: 0x09,
  answered: 0x0a,
  hello: 0x41,
  ready: 0x42,
  refused: 0x43,
  attached: 0x44,
  accepted: 0x45,
  entry: 0x46,
  welcome: 0x47,
  waiting: 0x48,
  gone: 0x49,
} as const;

/** Refusals (spec §3.3). */
export const Refusal = {
  malformed: 1,
  too_large: 2,
  not_logged_in: 3,
  bad_login: 4,
  no_mailbox: 5,
  ended: 6,
  bad_capability: 7,
  cursor_mismatch: 8,
  trimmed: 9,
  epoch: 10,
  counter_gap: 11,
  counter_old: 12,
  exists: 13,
  policy: 14,
  bad_message: 15,
  full: 16,
  busy: 17,
  unavailable: 18,
  slot_closed: 19,
  bad_key_package: 20,
  unknown_device: 21,
  counter_reused: 22,
  behind: 23,
} as const;

/** WebSocket close codes (spec §3.3). */
export const Close = {
  drain: 4000,
  slow_reader: 4001,
  idle: 4002,
  overloaded: 4003,
  protocol_error: 4500,
  too_large: 4501,
  revoked: 4502,
} as const;

/** Limits (spec §9): bytes, numbers or seconds. */
export const Limit = {
  frame: 131072,
  application: 20480,
  commit: 65536,
  welcome: 98304,
  devices: 32,
  work: 64,
  key_package: 4096,
  key_packages: 8,
  entries: 2000,
  mailbox: 4194304,
  slots: 256,
  early_entries: 64,
  early_bytes: 262144,
  visitor_mailboxes: 1,
  device_mailboxes: 64,
  requests: 16,
  rate: 20,
  burst: 60,
  ping_seconds: 20,
  idle_seconds: 60,
} as const;

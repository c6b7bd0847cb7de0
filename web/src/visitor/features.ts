/**
 * Whether this browser can hold a conversation. docs/operations.md names the build target; this looks at what is really
 * there.
 */
export function supported(scope: typeof globalThis): boolean {
  const needed: readonly (() => boolean)[] = [
    // Without a secure context browsers hide WebCrypto; plain HTTP beyond loopback ends here too.
    () => scope.isSecureContext === true,
    () => typeof scope.crypto.subtle.deriveBits === "function" && typeof scope.crypto.getRandomValues === "function",
    () => typeof scope.WebSocket === "function",
    () => typeof scope.BigInt === "function" && typeof scope.BigInt64Array === "function",
    () => typeof scope.Intl.PluralRules === "function",
    () => typeof scope.TextEncoder === "function" && typeof scope.fetch === "function",
    () => typeof scope.Element.prototype.replaceChildren === "function",
  ];
  return needed.every((there) => {
    try {
      return there();
    } catch {
      return false;
    }
  });
}

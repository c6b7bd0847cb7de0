import { useEffect, useState } from "preact/hooks";

/**
 * A text as a QR code, dark on white whatever the colours around it. Nothing, where its script does not load: the text
 * stands beside it.
 */
export function Qr({ text, name }: { readonly text: string; readonly name: string }) {
  const [drawn, setDrawn] = useState<{ readonly size: number; readonly path: string }>();
  useEffect(() => {
    let current = true;
    import("./modules.ts")
      .then(({ modules, outline }) => {
        const rows = modules(text);
        if (current) setDrawn({ size: rows.length, path: outline(rows) });
      })
      .catch(() => undefined);
    return () => {
      current = false;
    };
  }, [text]);
  if (!drawn) return null;
  return (
    <svg
      class="qr"
      role="img"
      aria-label={name}
      viewBox={`0 0 ${drawn.size} ${drawn.size}`}
      shape-rendering="crispEdges"
    >
      <path d={`M0 0h${drawn.size}v${drawn.size}H0z`} fill="#fff" />
      <path d={drawn.path} fill="#000" />
    </svg>
  );
}

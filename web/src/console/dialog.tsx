import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { useConsole } from "./context.ts";

interface Props {
  readonly title: string;
  readonly onClose: () => void;
  /** A small question at the centre; otherwise a sheet at the side. */
  readonly small?: boolean;
  readonly children: ComponentChildren;
}

/** A modal dialog: the browser keeps the focus inside and gives it back afterwards. */
export function Dialog({ title, onClose, small, children }: Props) {
  const { tongue, training } = useConsole();
  const box = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    const dialog = box.current;
    if (!dialog) return;
    let open = true;
    // The browser may close it without asking, when Escape is pressed twice.
    const closed = () => open && onClose();
    dialog.addEventListener("close", closed);
    // Without modal dialogs (browsers before 2022) it lies above the page, and the page stays reachable behind it.
    if (typeof dialog.showModal === "function") dialog.showModal();
    else dialog.setAttribute("open", "");
    return () => {
      open = false;
      dialog.removeEventListener("close", closed);
      dialog.close?.();
    };
    // The dialog opens once; a later onClose does the same as the first.
  }, []);
  return (
    <dialog
      ref={box}
      class={small ? "dialog small" : "dialog"}
      aria-labelledby="dialog-title"
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
    >
      <header class="dialog-head">
        <h2 id="dialog-title">{training ? `${tongue.say("desk.train")} ${title}` : title}</h2>
        <button type="button" class="quiet" onClick={onClose}>
          {tongue.say("desk.close")}
        </button>
      </header>
      <div class="dialog-body">{children}</div>
    </dialog>
  );
}

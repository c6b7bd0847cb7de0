import type { Case } from "../conversation/api.ts";

/** The shape of a priority. The words beside it say the same, so it is hidden from screen readers. */
export function Shape({ priority }: { readonly priority: Case["priority"] }) {
  return (
    <svg class="shape" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false">
      {priority === 0 && <path d="M8 1 15.5 15H.5Z" fill="currentColor" />}
      {priority === 1 && <path d="M8 1 15 8 8 15 1 8Z" fill="currentColor" />}
      {priority === 2 && <circle cx="8" cy="8" r="5.5" fill="none" stroke="currentColor" stroke-width="2.5" />}
      {priority === 3 && <path d="M2.5 8h11" fill="none" stroke="currentColor" stroke-width="3" />}
    </svg>
  );
}

/** The sign of Aria: two nodes and the wire between them, drawn as a note. */
export const Mark = () => (
  <svg viewBox="0 0 24 24" aria-hidden="true" className="size-5">
    <path
      d="M7.5 16.5C12 16.5 11 7.5 16.5 7.5"
      fill="none"
      stroke="var(--accent)"
      strokeWidth="2.4"
      strokeLinecap="round"
    />
    <circle cx="6" cy="16.5" r="3.6" fill="var(--accent)" />
    <circle cx="18" cy="7.5" r="3" fill="var(--surface)" stroke="var(--accent)" strokeWidth="2.4" />
  </svg>
);

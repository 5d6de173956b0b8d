/** How long what moves by itself takes. */

/** Milliseconds that a change of view takes: none where the system asks for no motion. */
export function motion(): number {
  return matchMedia('(prefers-reduced-motion: reduce)').matches ? 0 : 120;
}

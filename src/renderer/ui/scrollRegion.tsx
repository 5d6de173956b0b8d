/** A region that scrolls and holds nothing to focus: it takes the focus itself, so that a keyboard can scroll it. */
import type { ReactNode, Ref } from 'react';

interface ScrollRegionProps {
  label: string;
  ref?: Ref<HTMLElement>;
  /** How many things there are in all, for tests: only some are drawn. */
  total?: number | undefined;
  children: ReactNode;
}

export function ScrollRegion({ label, ref, total, children }: ScrollRegionProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: WCAG 2.1.1 asks for it where content scrolls
    <section className="scroll-region" aria-label={label} ref={ref} tabIndex={0} data-total={total}>
      {children}
    </section>
  );
}

/** Every file that could not be used, and why. */
import { useVirtualizer } from '@tanstack/react-virtual';
import { useRef } from 'react';
import type { DatasetDetail } from '../../bridge/contract.ts';

const ROW = 44;

export function Rejects({ rejects }: { rejects: DatasetDetail['rejects'] | undefined }) {
  const scroll = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({
    count: rejects?.length ?? 0,
    getScrollElement: () => scroll.current,
    estimateSize: () => ROW,
    overscan: 8,
  });
  if (rejects?.length === 0) {
    return <p className="dim thumbnails-none">Every file could be used.</p>;
  }
  return (
    <div className="thumbnails" ref={scroll}>
      <ul className="rejects" style={{ height: rows.getTotalSize() }} aria-label="Files that were not used">
        {rows.getVirtualItems().map(({ key, index, start }) => (
          <li key={key} style={{ transform: `translateY(${start}px)` }}>
            <span className="mono truncate">{rejects?.[index]?.path}</span>
            <span className="dim truncate">{rejects?.[index]?.reason}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** Every file that could not be used, and why. */
import { useVirtualizer } from '@tanstack/react-virtual';
import { useRef } from 'react';
import type { DatasetDetail } from '../../bridge/datasetCalls.ts';
import { ScrollRegion } from '../ui/scrollRegion.tsx';

const ROW_HEIGHT = 44;

export function Rejects({ rejects }: { rejects: DatasetDetail['rejects'] | undefined }) {
  const scroll = useRef<HTMLElement>(null);
  const rows = useVirtualizer({
    count: rejects?.length ?? 0,
    getScrollElement: () => scroll.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 8,
  });
  if (rejects?.length === 0) {
    return <p className="dim thumbnails-none">Every file could be used.</p>;
  }
  return (
    <ScrollRegion label="Files" ref={scroll} total={rejects?.length}>
      <ul className="rejects" style={{ height: rows.getTotalSize() }} aria-label="Files that were not used">
        {rows.getVirtualItems().map(({ key, index, start }) => (
          <li key={key} style={{ transform: `translateY(${start}px)` }}>
            <span className="mono truncate">{rejects?.[index]?.path}</span>
            <span className="dim truncate">{rejects?.[index]?.reason}</span>
          </li>
        ))}
      </ul>
    </ScrollRegion>
  );
}

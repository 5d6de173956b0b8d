/** The images of a dataset as a wall. Only what is in sight is drawn, and only what is drawn is asked for. */
import { useElementSize } from '@mantine/hooks';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useCallback, useEffect, useRef, useState } from 'react';
import type { DatasetImage, DatasetSummary } from '../../bridge/contract.ts';
import { studio } from '../store/connection.ts';
import { plural } from '../ui/format.ts';
import { ScrollRegion } from '../ui/scrollRegion.tsx';
import { attempt } from '../ui/toast.tsx';
import type { ImageFilter } from './datasetPage.tsx';
import { imageUrl } from './imageUrl.ts';
import { useOpenDataset } from './openDataset.ts';

/** Images asked for at once. */
const PAGE = 200;
const TILE = 84;

interface ThumbnailsProps {
  dataset: DatasetSummary;
  filter: ImageFilter;
}

export function Thumbnails({ dataset, filter }: ThumbnailsProps) {
  const scroll = useRef<HTMLElement>(null);
  const { ref, width } = useElementSize();
  const { total, imageAt, want } = useImages(dataset, filter);
  const columns = Math.max(1, Math.floor(width / TILE));
  const rows = useVirtualizer({
    count: Math.ceil((total ?? 0) / columns),
    getScrollElement: () => scroll.current,
    estimateSize: () => TILE,
    overscan: 3,
  });
  const shown = rows.getVirtualItems();
  const [first, last] = [(shown[0]?.index ?? 0) * columns, ((shown.at(-1)?.index ?? 0) + 1) * columns];
  useEffect(() => want(first, last), [want, first, last]);
  return (
    <ScrollRegion label="Thumbnails" ref={scroll} total={total}>
      <div ref={ref} style={{ height: rows.getTotalSize(), position: 'relative' }}>
        {shown.map(row => (
          <div key={row.key} className="thumbnail-row" style={{ transform: `translateY(${row.start}px)` }}>
            {Array.from({ length: columns }, (_, i) => row.index * columns + i)
              .filter(place => total !== undefined && place < total)
              .map(place => (
                <Thumbnail key={place} dataset={dataset} image={imageAt(place)} />
              ))}
          </div>
        ))}
      </div>
      {total === 0 && <p className="dim thumbnails-none">No image is in both this class and this split.</p>}
      {total !== undefined && total > 0 && <p className="visually-hidden">{plural(total, 'image')}</p>}
    </ScrollRegion>
  );
}

function Thumbnail({ dataset, image }: { dataset: DatasetSummary; image: DatasetImage | undefined }) {
  if (!image) return <span className="thumbnail" />;
  const name = dataset.classes[image.label] ?? String(image.label);
  return (
    <button
      type="button"
      className="thumbnail"
      title={`${name} · ${image.split} · ${image.path}`}
      onClick={() => useOpenDataset.setState({ image: image.index })}
    >
      <img
        src={imageUrl(dataset.id, image.index)}
        alt={`${name}, ${image.path}`}
        loading="lazy"
        decoding="async"
      />
      <span className="thumbnail-class truncate">{name}</span>
    </button>
  );
}

/** Images by their place in the filtered dataset, fetched by pages when they are wanted. */
function useImages({ id }: DatasetSummary, { split, label }: ImageFilter) {
  const [total, setTotal] = useState<number>();
  const [pages, setPages] = useState<ReadonlyMap<number, readonly DatasetImage[]>>(new Map());
  const asked = useRef(new Set<number>());
  const ask = useCallback(
    async (page: number) => {
      asked.current.add(page);
      const query = { split, label, offset: page * PAGE, limit: PAGE };
      const answer = await attempt(() => studio().datasetImages(id, query), 'The images could not be listed');
      if (!answer) return void asked.current.delete(page);
      setTotal(answer.total);
      setPages(before => new Map(before).set(page, answer.images));
    },
    [id, split, label],
  );
  const want = useCallback(
    (first: number, last: number) => {
      for (let page = Math.floor(first / PAGE); page * PAGE < Math.max(last, 1); page++) {
        if (!asked.current.has(page)) void ask(page);
      }
    },
    [ask],
  );
  const imageAt = (place: number) => pages.get(Math.floor(place / PAGE))?.[place % PAGE];
  return { total, imageAt, want };
}

/** The images of a dataset as a wall. Only what is in sight is drawn, and only what is drawn is asked for. */
import { useElementSize } from '@mantine/hooks';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { DatasetImage, DatasetSummary } from '../../bridge/datasetCalls.ts';
import { studio } from '../store/connection.ts';
import { imageUrl } from '../store/imageUrl.ts';
import { type ImageFilter, pickImage, useOpenDataset } from '../store/openDataset.ts';
import { plural } from '../ui/numberFormat.ts';
import { ScrollRegion } from '../ui/scrollRegion.tsx';
import { attempt } from '../ui/toast.tsx';
import { splitTitle } from './splits.ts';

/** Images asked for at once. */
const IMAGES_PER_PAGE = 200;
const TILE_SIDE = 84;

interface ThumbnailsProps {
  dataset: DatasetSummary;
  filter: ImageFilter;
}

export function Thumbnails({ dataset, filter }: ThumbnailsProps) {
  const scroll = useRef<HTMLElement>(null);
  const { ref, width } = useElementSize();
  const { total, imageAt, want } = useImages(dataset, filter);
  const columns = Math.max(1, Math.floor(width / TILE_SIDE));
  const rows = useVirtualizer({
    count: Math.ceil((total ?? 0) / columns),
    getScrollElement: () => scroll.current,
    estimateSize: () => TILE_SIDE,
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
      {total === 0 && <p className="dim thumbnails-none">There is no such image.</p>}
      {total !== undefined && total > 0 && <p className="visually-hidden">{plural(total, 'image')}</p>}
    </ScrollRegion>
  );
}

function Thumbnail({ dataset, image }: { dataset: DatasetSummary; image: DatasetImage | undefined }) {
  const isPicked = useOpenDataset(({ picked }) => image !== undefined && picked.includes(image.index));
  if (!image) return <span className="thumbnail" />;
  const name = dataset.classes[image.label] ?? String(image.label);
  return (
    <button
      type="button"
      className="thumbnail"
      aria-pressed={isPicked}
      data-flagged={image.flags.length > 0}
      title={`${name} · ${splitTitle(image.split)} · ${image.path}`}
      onClick={event => pickImage(image.index, event.ctrlKey || event.metaKey)}
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
function useImages(dataset: DatasetSummary, { split, label, flag }: ImageFilter) {
  const [total, setTotal] = useState<number>();
  const [pages, setPages] = useState<ReadonlyMap<number, readonly DatasetImage[]>>(new Map());
  // After a change of the dataset, what is shown stays until its page has come anew.
  // biome-ignore lint/correctness/useExhaustiveDependencies: of another dataset, or a changed one, nothing was asked
  const asked = useMemo(() => new Set<number>(), [dataset]);
  const latest = useRef(asked);
  useEffect(() => {
    latest.current = asked;
  }, [asked]);
  const ask = useCallback(
    async (page: number) => {
      asked.add(page);
      const query = { split, label, flag, offset: page * IMAGES_PER_PAGE, limit: IMAGES_PER_PAGE };
      const list = () => studio().datasetImages(dataset.id, query);
      const answer = await attempt(list, 'The images could not be listed');
      if (!answer) return void asked.delete(page);
      if (latest.current !== asked) return;
      setTotal(answer.total);
      setPages(before => new Map(before).set(page, answer.images));
    },
    [dataset, asked, split, label, flag],
  );
  const want = useCallback(
    (first: number, last: number) => {
      for (
        let page = Math.floor(first / IMAGES_PER_PAGE);
        page * IMAGES_PER_PAGE < Math.max(last, 1);
        page++
      ) {
        if (!asked.has(page)) void ask(page);
      }
    },
    [ask, asked],
  );
  const imageAt = (place: number) =>
    pages.get(Math.floor(place / IMAGES_PER_PAGE))?.[place % IMAGES_PER_PAGE];
  return { total, imageAt, want };
}

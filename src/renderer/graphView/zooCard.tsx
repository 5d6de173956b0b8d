/** A network of the zoo on a card: a miniature, what it was made for, what it costs, and a line about it. */
import { shapeText } from '../../engine/layers/shape.ts';
import type { ZooModel } from '../../engine/zoo/zoo.ts';
import { Miniature } from '../ui/miniature.tsx';
import { groupDigits, short, UNKNOWN_FIGURE } from '../ui/numberFormat.ts';
import { type Images, useStart } from './zooStarts.ts';
import './zoo.css';

interface ZooCardProps {
  model: ZooModel;
  /** What it would be made for; null: as it was published. */
  images: Images | null;
}

export function ZooCard({ model, images }: ZooCardProps) {
  const start = useStart(model, images);
  return (
    <>
      <span className="zoo-picture">{start && <Miniature graph={start.document.graph} />}</span>
      <span className="zoo-title">
        <b className="truncate">{model.title}</b>
        <span className="tiny">{shapeText(images?.imageShape ?? model.input)}</span>
      </span>
      <span className="zoo-figures">
        {start ? short(start.parameters) : UNKNOWN_FIGURE} params ·{' '}
        {start ? short(start.macs) : UNKNOWN_FIGURE} MACs
      </span>
      {start?.fault ? (
        <span className="zoo-fault">{groupDigits(start.fault)}</span>
      ) : (
        <span className="tiny">{model.summary}</span>
      )}
    </>
  );
}

/** Whether every word of a search is in what a network is called or said to be. */
export function matchesModel({ name, title, summary }: ZooModel, query: string): boolean {
  const text = `${name} ${title} ${summary}`.toLowerCase();
  return query
    .toLowerCase()
    .split(/\s+/)
    .every(word => text.includes(word));
}

/** The zoo to choose from, on the canvas of a project that has nothing drawn yet. */
import { Button } from '@mantine/core';
import { type KeyboardEvent, useState } from 'react';
import { zooModels } from '../../engine/zoo/registry.ts';
import type { ZooModel } from '../../engine/zoo/zoo.ts';
import { useShortcut } from '../actions/shortcuts.ts';
import { matchesModel, ZooCard } from './zooCard.tsx';
import type { Images } from './zooStarts.ts';
import './zoo.css';

interface ZooGalleryProps {
  /** What the networks are made for; null: what they were published for. */
  images: Images | null;
  onChoose: (model: ZooModel) => void;
  onInput: () => void;
  onCode: () => void;
}

export function ZooGallery({ images, onChoose, onInput, onCode }: ZooGalleryProps) {
  const [query, setQuery] = useState('');
  const searchKeys = useShortcut('search');
  const found = zooModels().filter(model => matchesModel(model, query));
  return (
    <section className="gallery" aria-label="Networks to start from">
      <header className="gallery-head">
        <div>
          <h2>Draw a network</h2>
          <p className="dim">
            Drag layers from the left{searchKeys && `, or press ${searchKeys} and type their names`}. Or start
            from one that is known:
          </p>
        </div>
        <div className="gallery-actions">
          <Button onClick={onCode}>Paste code</Button>
          <Button variant="filled" onClick={onInput}>
            Add an Input
          </Button>
        </div>
      </header>
      <input
        className="input gallery-search"
        type="search"
        aria-label="Find a network"
        placeholder="Find a network"
        value={query}
        onChange={event => setQuery(event.target.value)}
        onKeyDown={event => {
          if (event.key === 'Enter' && found[0] && query !== '') onChoose(found[0]);
        }}
      />
      {/* biome-ignore lint/a11y/noStaticElementInteractions: arrows only move the focus between its buttons */}
      <div className="zoo" onKeyDown={walk}>
        {found.map(model => (
          <button key={model.name} type="button" className="zoo-card" onClick={() => onChoose(model)}>
            <ZooCard model={model} images={images} />
          </button>
        ))}
      </div>
      {found.length === 0 && <p className="dim">No network is called “{query}”.</p>}
    </section>
  );
}

/** Arrows walk over the cards as they lie on the screen. */
function walk(event: KeyboardEvent<HTMLElement>): void {
  const cards = [...event.currentTarget.querySelectorAll<HTMLElement>('.zoo-card')];
  const here = cards.indexOf(document.activeElement as HTMLElement);
  if (here < 0) return;
  const top = cards[0]!.offsetTop;
  const columns = cards.findIndex(card => card.offsetTop > top);
  const row = columns < 0 ? cards.length : columns;
  const steps: Readonly<Record<string, number>> = {
    ArrowLeft: -1,
    ArrowRight: 1,
    ArrowUp: -row,
    ArrowDown: row,
  };
  const step = steps[event.key];
  if (step === undefined) return;
  event.preventDefault();
  event.stopPropagation();
  cards[here + step]?.focus();
}

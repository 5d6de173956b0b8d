/** The status bar: what is contributed to it, by the place that is shown and by all that say something everywhere. */
import type { StatusItem } from '../actions/contribution.ts';
import { contributions, placeNamed } from '../actions/registry.ts';
import { useActivePage } from '../store/activePage.ts';

export function StatusBar() {
  const items = itemsIn(useActivePage(state => state.place));
  const atEnd = items.filter(({ side }) => side === 'end');
  return (
    <footer className="status-bar">
      {items.filter(({ side }) => side !== 'end').map(drawn)}
      {atEnd.length > 0 && <div className="status-end">{atEnd.map(drawn)}</div>}
    </footer>
  );
}

function drawn({ name, Component }: StatusItem) {
  return <Component key={name} />;
}

function itemsIn(place: string): StatusItem[] {
  const isAlone = placeNamed(place).hasOwnStatus === true;
  return contributions().flatMap(({ name, statusItems = [] }) =>
    statusItems
      .filter(({ everywhere }) => name === place || (everywhere && !isAlone))
      .map(item => ({ ...item, name: `${name} ${item.name}` })),
  );
}

/** The rail: one way to each place. */
import { IconChartLine, IconListDetails, IconPhoto, IconSchema, IconZoomScan } from '@tabler/icons-react';
import { goTo, type PlaceName, useActivePage } from '../store/activePage.ts';

export const PLACES: readonly { name: PlaceName; title: string; Icon: typeof IconPhoto }[] = [
  { name: 'design', title: 'Design', Icon: IconSchema },
  { name: 'data', title: 'Data', Icon: IconPhoto },
  { name: 'train', title: 'Train', Icon: IconChartLine },
  { name: 'runs', title: 'Runs', Icon: IconListDetails },
  { name: 'explain', title: 'Explain', Icon: IconZoomScan },
];

export function Rail() {
  const place = useActivePage(state => state.place);
  return (
    <nav className="rail" aria-label="Places">
      {PLACES.map(({ name, title, Icon }) => (
        <button
          key={name}
          type="button"
          className="rail-item"
          aria-current={place === name ? 'page' : undefined}
          onClick={() => goTo(name)}
        >
          <Icon size={19} stroke={1.6} />
          {title}
        </button>
      ))}
    </nav>
  );
}

/** The rail: one way to each place. */
import { places } from '../actions/registry.ts';
import { goTo, useActivePage } from '../store/activePage.ts';

export function Rail() {
  const shown = useActivePage(state => state.place);
  return (
    <nav className="rail" aria-label="Places">
      {places().map(({ name, title, Icon }) => (
        <button
          key={name}
          type="button"
          className="rail-item"
          aria-current={shown === name ? 'page' : undefined}
          onClick={() => goTo(name)}
        >
          <Icon size={19} stroke={1.6} />
          {title}
        </button>
      ))}
    </nav>
  );
}

/** The Explain place: the views on the left, the one that is open on the right, above it what it looks at. */
import { Boundary } from '../ui/boundary.tsx';
import { useExplain } from './explainState.ts';
import { Guide } from './guide.tsx';
import { SubjectBar } from './subjectBar.tsx';
import { views } from './views.ts';
import './explain.css';
import './figures/figures.css';
import './views/views.css';

export function Explain() {
  const open = useExplain(state => state.view);
  const view = views.find(({ id }) => id === open) ?? views[0]!;
  const { View } = view;
  return (
    <main className="explain">
      <nav className="explain-views" aria-label="Views">
        <ol>
          {views.map(({ id, title }, i) => (
            <li key={id}>
              <button
                type="button"
                aria-current={id === view.id ? 'page' : undefined}
                onClick={() => useExplain.setState({ view: id })}
              >
                <span className="explain-number">{i + 1}</span> {title}
              </button>
            </li>
          ))}
        </ol>
        <Guide />
      </nav>
      <section className="explain-view" aria-label={view.title}>
        <header className="explain-head">
          <div>
            <h1>{view.title}</h1>
            <p className="dim">{view.summary}</p>
          </div>
          {view.wants.length > 0 && <SubjectBar wants={view.wants} />}
        </header>
        <Boundary key={view.id}>
          <View />
        </Boundary>
      </section>
    </main>
  );
}

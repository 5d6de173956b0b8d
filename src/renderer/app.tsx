/** The window's frame: header, rail, the place that is shown, status bar. */
import { useEffect } from 'react';
import { placeNamed, register } from './actions/registry.ts';
import { contributions } from './places.ts';
import { Banner } from './shell/banner.tsx';
import { Header } from './shell/header.tsx';
import { Rail } from './shell/rail.tsx';
import { StatusBar } from './shell/statusBar.tsx';
import { useWindowCommands } from './shell/windowCommands.ts';
import { useActivePage } from './store/activePage.ts';
import { useAutosave } from './store/autosave.ts';
import { host } from './store/currentHost.ts';
import { useDocument } from './store/openDocument.ts';
import { useStudio } from './store/studioState.ts';
import { Boundary } from './ui/boundary.tsx';
import './shell/shell.css';

register(contributions);

export function App() {
  useWindowCommands();
  useTitle();
  const place = useActivePage(state => state.place);
  const isOpen = useDocument(state => state.project !== null);
  const Place = placeNamed(place).Component;
  return (
    <div className="app">
      <Header />
      <Rail />
      <div className="place">
        <Banner />
        <Boundary key={place}>{isOpen ? <Place /> : <Opening />}</Boundary>
      </div>
      <StatusBar />
      <Dialogs />
    </div>
  );
}

function Dialogs() {
  return contributions.flatMap(({ name, dialogs = [] }) =>
    dialogs.map(dialog => <dialog.Component key={`${name} ${dialog.name}`} />),
  );
}

function Opening() {
  return (
    <main className="empty" aria-busy="true">
      <p className="dim">Opening the studio…</p>
    </main>
  );
}

function useTitle(): void {
  const name = useDocument(state => state.document.name);
  const project = useDocument(state => state.project);
  const edited = useStudio(state => project !== null && state.projects[project]?.edited === true);
  const pending = useAutosave(state => state.pending);
  useEffect(() => {
    host().setTitle(`${edited || pending ? '• ' : ''}${name} – Receptive`);
  }, [name, edited, pending]);
}

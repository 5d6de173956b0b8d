/** The window's frame: header, rail, the place that is shown, status bar. */
import { useEffect } from 'react';
import { CompareDialog } from './compare/compareDialog.tsx';
import { DataPlace } from './data/dataPage.tsx';
import { ImportDialog } from './data/importDialog.tsx';
import { Design } from './design/designPage.tsx';
import { Explain } from './explain/explainPage.tsx';
import { NewProject } from './projects/newProject.tsx';
import { OpenProjects } from './projects/openProjects.tsx';
import { Runs } from './runs/runsPage.tsx';
import { About } from './shell/about.tsx';
import { Banner } from './shell/banner.tsx';
import { CommandPalette } from './shell/commandPalette.tsx';
import { Header } from './shell/header.tsx';
import { Rail } from './shell/rail.tsx';
import { ShortcutSheet } from './shell/shortcutSheet.tsx';
import { StatusBar } from './shell/statusBar.tsx';
import { useWindowCommands } from './shell/windowCommands.ts';
import { type PlaceName, useActivePage } from './store/activePage.ts';
import { useAutosave } from './store/autosave.ts';
import { host } from './store/currentHost.ts';
import { useDocument } from './store/openDocument.ts';
import { useStudio } from './store/studioState.ts';
import { Train } from './train/trainPage.tsx';
import { Boundary } from './ui/boundary.tsx';
import './shell/shell.css';

const places: Readonly<Record<PlaceName, () => React.ReactNode>> = {
  design: Design,
  data: DataPlace,
  train: Train,
  runs: Runs,
  explain: Explain,
};

export function App() {
  useWindowCommands();
  useTitle();
  const place = useActivePage(state => state.place);
  const isOpen = useDocument(state => state.project !== null);
  const Place = places[place];
  return (
    <div className="app">
      <Header />
      <Rail />
      <div className="place">
        <Banner />
        <Boundary key={place}>{isOpen ? <Place /> : <Opening />}</Boundary>
      </div>
      <StatusBar />
      <CommandPalette />
      <ShortcutSheet />
      <About />
      <CompareDialog />
      <NewProject />
      <OpenProjects />
      <ImportDialog />
    </div>
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

/** A new project in three choices: what images it learns from, what it starts from, what it is called. */
import { Button, Group, Modal, TextInput } from '@mantine/core';
import { useState } from 'react';
import { newDocument } from '../../engine/graph/document.ts';
import { zooModels } from '../../engine/zoo/registry.ts';
import type { ZooModel } from '../../engine/zoo/zoo.ts';
import { matchesModel, ZooCard } from '../graphView/zooCard.tsx';
import { type Images, startOf, useStart } from '../graphView/zooStarts.ts';
import { goTo } from '../store/activePage.ts';
import { type ImagesChoice, ImagesForm, imagesOf, useFirstChoice } from './imagesForm.tsx';
import { inputGraph } from './inputGraph.ts';
import { newProject } from './projectActions.ts';
import { closeProjectDialog, useProjectDialog } from './projectDialogs.ts';
import './projects.css';

export function NewProject() {
  const opened = useProjectDialog(state => state.open === 'new');
  return (
    <Modal opened={opened} onClose={closeProjectDialog} title="New project" size={1080}>
      <NewProjectForm />
    </Modal>
  );
}

function NewProjectForm() {
  const first = useFirstChoice();
  const [chosen, setChosen] = useState<ImagesChoice | null>(null);
  const [model, setModel] = useState<ZooModel | null>(null);
  const [typed, setTyped] = useState<string | null>(null);
  // What arrives late is proposed as long as nothing was chosen, and never takes a choice away.
  const choice = chosen ?? first;
  const images = imagesOf(choice);
  const name = typed ?? model?.title ?? 'untitled';
  const fault = model && images ? startOf(model, images).fault : null;
  const isReady = images !== null && fault === null && name.trim() !== '';
  const create = async () => {
    if (!images || !isReady) return;
    const document = model
      ? startOf(model, images).document
      : newDocument('untitled', inputGraph(images.imageShape));
    const dataset = choice.kind === 'dataset' ? images.name : null;
    closeProjectDialog();
    await newProject({ ...document, name: name.trim(), dataset });
    goTo('design');
  };
  return (
    <form
      className="new-project"
      onSubmit={event => {
        event.preventDefault();
        void create();
      }}
    >
      <div className="new-project-side">
        <ImagesForm choice={choice} onChange={setChosen} />
        <TextInput
          label="Name"
          value={name}
          maxLength={200}
          error={name.trim() === '' ? 'A name is wanted.' : null}
          onChange={event => setTyped(event.currentTarget.value)}
        />
        {fault !== null && (
          <p className="bad" role="status">
            {fault}
          </p>
        )}
        <Group justify="flex-end" gap="xs">
          <Button onClick={closeProjectDialog}>Cancel</Button>
          <Button type="submit" variant="filled" disabled={!isReady}>
            Create the project
          </Button>
        </Group>
      </div>
      <Starts images={images} chosen={model} onChoose={setModel} />
    </form>
  );
}

interface StartsProps {
  images: Images | null;
  chosen: ZooModel | null;
  onChoose: (model: ZooModel | null) => void;
}

/** Radio buttons that look like cards, so that arrows choose and a screen reader counts them. */
function Starts({ images, chosen, onChoose }: StartsProps) {
  const [query, setQuery] = useState('');
  const found = zooModels().filter(model => matchesModel(model, query));
  return (
    <fieldset className="new-project-starts">
      <legend className="visually-hidden">Start from</legend>
      <input
        className="input"
        type="search"
        aria-label="Find a network"
        placeholder="Find a network to start from"
        value={query}
        onChange={event => setQuery(event.target.value)}
        onKeyDown={event => event.key === 'Enter' && query !== '' && event.preventDefault()}
      />
      <div className="zoo">
        {query === '' && (
          <label className="zoo-card">
            <input
              type="radio"
              name="start"
              className="visually-hidden"
              checked={chosen === null}
              onChange={() => onChoose(null)}
            />
            <span className="zoo-picture zoo-blank">Input</span>
            <b>Empty canvas</b>
            <span className="tiny">An Input for these images, and the rest is yours to draw.</span>
          </label>
        )}
        {found.map(model => (
          <StartCard
            key={model.name}
            model={model}
            images={images}
            isChosen={model === chosen}
            onChoose={() => onChoose(model)}
          />
        ))}
      </div>
      {found.length === 0 && <p className="dim">No network is called “{query}”.</p>}
    </fieldset>
  );
}

interface StartCardProps {
  model: ZooModel;
  images: Images | null;
  isChosen: boolean;
  onChoose: () => void;
}

function StartCard({ model, images, isChosen, onChoose }: StartCardProps) {
  const fault = useStart(model, images)?.fault ?? null;
  return (
    <label className="zoo-card" data-disabled={fault !== null || undefined}>
      <input
        type="radio"
        name="start"
        className="visually-hidden"
        aria-label={fault === null ? `${model.title}: ${model.summary}` : `${model.title}: ${fault}`}
        checked={isChosen}
        disabled={fault !== null && !isChosen}
        onChange={onChoose}
      />
      <ZooCard model={model} images={images} />
    </label>
  );
}

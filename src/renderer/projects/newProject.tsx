/** A new project in three choices: what images it learns from, what it starts from, what it is called. */
import { Button, Group, Modal, TextInput } from '@mantine/core';
import { useState } from 'react';
import { pretrainedWeights } from '../../engine/graph/pretrained.ts';
import { zooModels } from '../../engine/zoo/registry.ts';
import type { ZooModel } from '../../engine/zoo/zoo.ts';
import { runAction } from '../actions/registry.ts';
import { matchesModel, ZooCard } from '../graphView/zooCard.tsx';
import { type Images, useStart } from '../graphView/zooStarts.ts';
import { goTo } from '../store/activePage.ts';
import { useStudio } from '../store/studioState.ts';
import { type ImagesChoice, ImagesForm, imagesOf, useFirstChoice } from './imagesForm.tsx';
import { PretrainedCard } from './pretrainedCard.tsx';
import { newProject } from './projectActions.ts';
import { closeProjectDialog, useProjectDialog } from './projectDialogs.ts';
import {
  documentOf,
  EMPTY_START,
  faultOf,
  type ProjectStart,
  proposedStart,
  titleOf,
} from './projectStart.ts';
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
  const [chosenStart, setChosenStart] = useState<ProjectStart | null>(null);
  const [typed, setTyped] = useState<string | null>(null);
  // What arrives late is proposed as long as nothing was chosen, and never takes a choice away.
  const choice = chosen ?? first;
  const images = imagesOf(choice);
  const count = useStudio(state => (choice.kind === 'dataset' ? (state.datasets[choice.id]?.count ?? 0) : 0));
  const start = chosenStart ?? ((images && count > 0 && proposedStart(images, count)) || EMPTY_START);
  const name = typed ?? titleOf(start);
  const fault = images && faultOf(start, images);
  const isReady = images !== null && fault === null && name.trim() !== '';
  // A pretrained start needs no drawing: only its last layer is new.
  const trains = start.kind === 'pretrained' && choice.kind === 'dataset';
  const create = async (andTrain: boolean) => {
    if (!images || !isReady) return;
    const document = documentOf(start, images);
    const dataset = choice.kind === 'dataset' ? images.name : null;
    closeProjectDialog();
    const isMade = await newProject({ ...document, name: name.trim(), dataset });
    if (!isMade) return;
    if (andTrain) runAction('train');
    else goTo('design');
  };
  return (
    <form
      className="new-project"
      onSubmit={event => {
        event.preventDefault();
        void create(trains);
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
          <Button
            type={trains ? 'button' : 'submit'}
            variant={trains ? 'default' : 'filled'}
            disabled={!isReady}
            onClick={trains ? () => void create(false) : undefined}
          >
            Create the project
          </Button>
          {trains && (
            <Button type="submit" variant="filled" disabled={!isReady}>
              Create and train
            </Button>
          )}
        </Group>
      </div>
      <Starts images={images} count={count} chosen={start} onChoose={setChosenStart} />
    </form>
  );
}

interface StartsProps {
  images: Images | null;
  /** How many there are; 0 where that is not known yet. */
  count: number;
  chosen: ProjectStart;
  onChoose: (start: ProjectStart) => void;
}

/** Radio buttons that look like cards, so that arrows choose and a screen reader counts them. */
function Starts({ images, count, chosen, onChoose }: StartsProps) {
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
        {query === '' &&
          count > 0 &&
          images &&
          pretrainedWeights().map(weights => (
            <PretrainedCard
              key={weights.name}
              weights={weights}
              images={images}
              count={count}
              isChosen={chosen.kind === 'pretrained' && chosen.weights === weights}
              onChoose={() => onChoose({ kind: 'pretrained', weights })}
            />
          ))}
        {query === '' && (
          <label className="zoo-card">
            <input
              type="radio"
              name="start"
              className="visually-hidden"
              checked={chosen.kind === 'empty'}
              onChange={() => onChoose(EMPTY_START)}
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
            isChosen={chosen.kind === 'zoo' && chosen.model === model}
            onChoose={() => onChoose({ kind: 'zoo', model })}
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

/** Before a run: what is in its way and what helps, what it would take, and which learning rate is good. */
import { Button } from '@mantine/core';
import { IconCircleCheck } from '@tabler/icons-react';
import { settingRemedies } from '../../engine/doctor/settingRemedies.ts';
import type { Diagnosis } from '../../engine/graph/diagnosis.ts';
import { ProblemList } from '../graphView/problemsList.tsx';
import { useWholeInference } from '../store/documentInference.ts';
import { useProblems } from '../store/documentProblems.ts';
import { edit, useDocument } from '../store/openDocument.ts';
import { useActiveRun, useObstacles, useTraining } from '../store/trainingRun.ts';
import { plural } from '../ui/numberFormat.ts';
import { RateCard } from './rateCard.tsx';
import { Takes } from './resourceForecast.tsx';
import './beforeRun.css';

export function Prepare() {
  const obstacles = useObstacles();
  const drafts = useTraining(state => Object.keys(state.drafts).length);
  const active = useActiveRun();
  const held =
    obstacles.length > 0 || drafts > 0
      ? 'The time is measured when nothing is in the way any more.'
      : active
        ? `${active.name} is under way: the time is measured when it has ended.`
        : null;
  return (
    <div className="prepare">
      <div className="prepare-column">
        <Problems />
        <Takes held={held} />
      </div>
      <RateCard held={held} />
    </div>
  );
}

function Problems() {
  const obstacles = useObstacles();
  const warnings = useProblems().filter(({ severity }) => severity === 'warning');
  const drafts = useTraining(state => Object.keys(state.drafts).length);
  const isBlocked = obstacles.length > 0 || drafts > 0;
  const title = isBlocked ? 'In the way' : warnings.length > 0 ? 'Worth a look' : 'Ready';
  return (
    <section className="card" aria-label="Problems">
      <div className="card-head">
        <h2 className={isBlocked ? 'bad' : undefined}>{title}</h2>
        {!isBlocked && warnings.length > 0 && (
          <span className="tiny">{plural(warnings.length, 'warning')}, none in the way</span>
        )}
      </div>
      {drafts > 0 && <p>A setting is not valid yet: it says there what is wanted.</p>}
      {obstacles.length > 0 && (
        <ProblemList diagnoses={obstacles} linked helping={diagnosis => <Remedies diagnosis={diagnosis} />} />
      )}
      {!isBlocked && warnings.length > 0 && <ProblemList diagnoses={warnings} linked />}
      {!isBlocked && warnings.length === 0 && (
        <p className="dim prepare-ready">
          <IconCircleCheck size={16} /> Network, settings and data fit each other.
        </p>
      )}
    </section>
  );
}

/** What helps against what the settings have wrong. */
function Remedies({ diagnosis }: { diagnosis: Diagnosis }) {
  const document = useDocument(state => state.document);
  const inference = useWholeInference();
  return settingRemedies(diagnosis, document, inference).map(({ title, apply }) => (
    <div className="fix" key={title}>
      <b>{title}</b>
      <Button aria-label={`Apply: ${title}`} onClick={() => edit(apply)}>
        Apply
      </Button>
    </div>
  ));
}

/** Choosing a dataset for the open project; where the network does not fit it, offers to make it fit. */
import type { DatasetSummary } from '../../bridge/datasetCalls.ts';
import { applyRepair } from '../../engine/graph/applyRepair.ts';
import type { ProjectDocument } from '../../engine/graph/document.ts';
import { infer } from '../../engine/graph/infer.ts';
import { diagnoseTraining } from '../../engine/graph/trainability.ts';
import { goTo } from '../store/activePage.ts';
import { edit, useDocument } from '../store/openDocument.ts';
import { askQuestion } from '../ui/confirm.tsx';

/** An Input and a last layer: more than these never differ. */
const MOST_CHANGES = 4;

export async function trainOn(dataset: DatasetSummary): Promise<void> {
  const { document } = useDocument.getState();
  const chosen: ProjectDocument = { ...document, dataset: dataset.name };
  const { adapted, changes } = adapt(chosen, dataset);
  let next = chosen;
  if (changes.length > 0) {
    const answer = await askQuestion({
      title: `Make the network fit ${dataset.name}?`,
      text: `It was drawn for other images. To fit: ${changes.join('; ')}. One undo takes it all back.`,
      answers: [
        { label: 'Choose the dataset alone', value: 'alone' },
        { label: 'Fit the network', value: 'fit', tone: 'main' },
      ],
    });
    if (answer === undefined) return;
    if (answer === 'fit') next = adapted;
  }
  edit(() => next);
  goTo('train');
}

/** Takes the first repair of each thing that is in the way of training on the dataset, and tells their titles. */
function adapt(document: ProjectDocument, dataset: DatasetSummary) {
  let adapted = document;
  const changes: string[] = [];
  while (changes.length < MOST_CHANGES) {
    const [diagnosis] = diagnoseTraining(adapted, infer(adapted.graph), dataset);
    const repair = diagnosis?.repairs[0];
    if (!diagnosis || diagnosis.node === null || !repair) break;
    adapted = { ...adapted, graph: applyRepair(adapted.graph, diagnosis.node, repair) };
    changes.push(repair.title.charAt(0).toLowerCase() + repair.title.slice(1));
  }
  return { adapted, changes };
}

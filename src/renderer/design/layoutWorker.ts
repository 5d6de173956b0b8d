/** Lays out one network and answers with where its nodes lie. */
import { type LayoutTask, layOutGraph } from './layout.ts';

addEventListener('message', (event: MessageEvent<LayoutTask>) => postMessage(layOutGraph(event.data)));

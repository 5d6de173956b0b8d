/** Why the network says what it says of the image: Grad-CAM, saliency, occlusion, and noise that fools it. */
import { Button, NumberInput, Slider } from '@mantine/core';
import { useMemo, useState } from 'react';
import type {
  AttributeQuestion,
  ImageNumbers,
  OccludeQuestion,
  PerturbQuestion,
} from '../../../bridge/explainCalls.ts';
import { decimal, fraction } from '../../ui/numberFormat.ts';
import { useAnswer } from '../askStudio.ts';
import { useExplain } from '../explainState.ts';
import {
  type ChosenImage,
  type ChosenSubject,
  layersOf,
  useDataset,
  useImage,
  useSubject,
} from '../explainSubject.ts';
import { HeatMap } from '../figures/heatMap.tsx';
import { Overlaid } from '../figures/overlaid.tsx';
import { pictureOf } from '../figures/paint.ts';
import { LayerSelect } from '../layerSelect.tsx';
import { Answered } from '../questionAnswer.tsx';
import { classNameOf, TopClasses } from '../topClasses.tsx';

const MAP_SIZE = 220;

export function WhyView() {
  const chosen = useSubject();
  const image = useImage();
  if (!chosen) return <p className="dim">Opening the network…</p>;
  if (!image) return <p className="explain-note">Open an image, or choose a dataset in Train.</p>;
  return <Why chosen={chosen} image={image} />;
}

interface WhyProps {
  chosen: ChosenSubject;
  image: ChosenImage;
}

function Why({ chosen, image }: WhyProps) {
  const [target, setTarget] = useState<number | null>(null);
  const node = useExplain(state => state.node);
  const layer = layersOf(chosen.inference).find(
    ({ id, shape }) => id === node && (shape[1] ?? 1) * (shape[2] ?? 1) > 1,
  );
  const question = useMemo(
    (): AttributeQuestion => ({
      kind: 'attribute',
      subject: chosen.subject,
      image: image.source,
      target,
      layer: layer?.id ?? null,
    }),
    [chosen.subject, image.source, target, layer?.id],
  );
  const asked = useAnswer(question);
  const dataset = useDataset();
  const truth = image.facts && dataset ? dataset.classes[image.facts.label] : undefined;
  return (
    <Answered asked={asked}>
      {answer => {
        const { picture, probabilities, classes, gradCam, saliency } = answer;
        const name = classNameOf(classes, answer.target);
        return (
          <>
            <div className="stage-columns">
              <div className="stage-column why-says">
                <h2>It says</h2>
                <TopClasses
                  label="What the network says"
                  probabilities={probabilities}
                  classes={classes}
                  chosen={answer.target}
                  onPick={setTarget}
                />
                <p className="tiny">
                  {truth && `In truth: ${truth}. `}Choose a class to see what speaks for it.
                </p>
              </div>
              <div className="stage-column why-map">
                <h2>Grad-CAM for {name}</h2>
                <Overlaid picture={picture} heat={gradCam} label={`Grad-CAM for ${name}`} size={MAP_SIZE} />
                <LayerSelect inference={chosen.inference} value={answer.layer} images />
              </div>
              <div className="stage-column why-map">
                <h2>Saliency</h2>
                <HeatMap label={`Saliency for ${name}`} map={saliency} colouring="heat" size={MAP_SIZE} />
                <p className="tiny">How much the score changes with each pixel.</p>
              </div>
              <Occlusion
                key={answer.target}
                chosen={chosen}
                image={image}
                target={answer.target}
                picture={picture}
                name={name}
              />
            </div>
            <Adversarial
              chosen={chosen}
              image={image}
              label={image.facts?.label ?? indexOfMost(probabilities)}
            />
          </>
        );
      }}
    </Answered>
  );
}

const indexOfMost = (values: readonly number[]) => values.indexOf(Math.max(...values));

interface OcclusionProps extends WhyProps {
  target: number;
  picture: ImageNumbers;
  name: string;
}

function Occlusion({ chosen, image, target, picture, name }: OcclusionProps) {
  const side = Math.min(picture.shape[1]!, picture.shape[2]!);
  const [patch, setPatch] = useState(Math.max(1, Math.round(side / 4)));
  const [question, setQuestion] = useState<OccludeQuestion | null>(null);
  const isOld = question !== null && (question.subject !== chosen.subject || question.image !== image.source);
  const asked = useAnswer(isOld ? null : question);
  const run = () =>
    setQuestion({
      kind: 'occlude',
      subject: chosen.subject,
      image: image.source,
      target,
      patch,
      stride: Math.max(1, Math.round(patch / 2)),
    });
  return (
    <div className="stage-column why-map">
      <h2>Occlusion</h2>
      {question && !isOld ? (
        <Answered asked={asked}>
          {({ drops }) => (
            <>
              <Overlaid
                picture={picture}
                heat={drops}
                label={`By how much the probability of ${name} falls`}
                size={MAP_SIZE}
              />
              <p className="tiny">
                At most by {decimal(Math.max(...drops.values), 3)} where a grey square hides it.
              </p>
            </>
          )}
        </Answered>
      ) : (
        <p className="tiny">A grey square hides one place after the other; the network is asked each time.</p>
      )}
      <div className="explain-tools">
        <NumberInput
          aria-label="Side of the square"
          size="xs"
          w={70}
          min={1}
          max={side}
          value={patch}
          onChange={value => typeof value === 'number' && value >= 1 && setPatch(Math.round(value))}
        />
        <Button onClick={run}>Hide each place</Button>
      </div>
    </div>
  );
}

const STRONGEST_EPSILON = 0.3;

function Adversarial({ chosen, image, label }: WhyProps & { label: number }) {
  const [epsilon, setEpsilon] = useState(0.03);
  const question = useMemo(
    (): PerturbQuestion => ({
      kind: 'perturb',
      subject: chosen.subject,
      image: image.source,
      label,
      epsilon,
    }),
    [chosen.subject, image.source, label, epsilon],
  );
  const asked = useAnswer(question);
  return (
    <section className="card" aria-label="Adversarial noise">
      <div className="card-head">
        <h2>Noise that fools it (FGSM)</h2>
        <span className="why-strength">
          <span className="dim">Strength {fraction(epsilon, 3)}</span>
          <Slider
            w={220}
            min={0}
            max={STRONGEST_EPSILON}
            step={0.002}
            value={epsilon}
            onChange={setEpsilon}
            label={null}
            thumbLabel="Strength of the noise"
          />
        </span>
      </div>
      <Answered asked={asked}>
        {answer => {
          const { before, after, probabilitiesBefore, probabilitiesAfter, classes } = answer;
          const noise = {
            ...before,
            values: after.values.map((value, i) => 0.5 + (value - before.values[i]!) * 4),
          };
          const fooled = indexOfMost(probabilitiesBefore) !== indexOfMost(probabilitiesAfter);
          return (
            <>
              <div className="stage-columns">
                <figure className="why-figure">
                  <HeatMap label="Before" {...pictureOf(before)} range={[0, 1]} size={140} />
                  <figcaption className="tiny">The image</figcaption>
                </figure>
                <figure className="why-figure">
                  <HeatMap
                    label="The noise, four times as strong"
                    {...pictureOf(noise)}
                    range={[0, 1]}
                    size={140}
                  />
                  <figcaption className="tiny">The noise, ×4</figcaption>
                </figure>
                <figure className="why-figure">
                  <HeatMap label="After" {...pictureOf(after)} range={[0, 1]} size={140} />
                  <figcaption className="tiny">With the noise</figcaption>
                </figure>
                {(
                  [
                    ['It said', 'Before the noise', probabilitiesBefore],
                    ['It says', 'After the noise', probabilitiesAfter],
                  ] as const
                ).map(([caption, label, probabilities]) => (
                  <figure key={label} className="why-figure">
                    <figcaption className="tiny">{caption}</figcaption>
                    <TopClasses label={label} probabilities={probabilities} classes={classes} most={3} />
                  </figure>
                ))}
              </div>
              <p role="status">
                {fooled
                  ? `It says ${classNameOf(classes, indexOfMost(probabilitiesAfter))} now: every pixel moved by ${fraction(epsilon, 3)} at most.`
                  : 'It still says the same.'}{' '}
                <span className="dim">The noise raises the loss of {classNameOf(classes, label)}.</span>
              </p>
            </>
          );
        }}
      </Answered>
    </section>
  );
}

/** The network asked about images of one's own: files, a folder, what is pasted, and a camera, live. */
import { Button } from '@mantine/core';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { PredictAnswer, PredictQuestion } from '../../../bridge/explainCalls.ts';
import { newId } from '../../../bridge/ids.ts';
import { plural } from '../../ui/numberFormat.ts';
import { complain, refuse } from '../../ui/toast.tsx';
import { askStudio, messageOf, useAnswer } from '../askStudio.ts';
import { useExplain } from '../explainState.ts';
import { type ChosenSubject, useImage, useSubject } from '../explainSubject.ts';
import { HeatMap } from '../figures/heatMap.tsx';
import { pictureOf } from '../figures/paint.ts';
import { chosenFiles, isImage, type NamedFile, NO_IMAGE, useGivenFiles } from '../givenFiles.ts';
import { TopClasses } from '../topClasses.tsx';

/** Images of one choice that are looked at; a folder may hold more. */
const MOST_IMAGES = 200;
/** Names of files that are left out. */
const MOST_NAMED_FILES = 5;

export function TryItView() {
  const chosen = useSubject();
  if (!chosen) return <p className="dim">Opening the network…</p>;
  return <TryIt chosen={chosen} />;
}

interface Said {
  readonly name: string;
  readonly said: PredictAnswer | null;
  readonly error: string | null;
}

function TryIt({ chosen }: { chosen: ChosenSubject }) {
  const [given, setGiven] = useState<readonly NamedFile[]>([]);
  const images = useMemo(() => given.filter(isImage).slice(0, MOST_IMAGES), [given]);
  const { answers, left, cancel } = useAnswers(chosen.subject, images);
  const take = useCallback((files: readonly NamedFile[]) => {
    if (files.some(isImage)) setGiven(files);
    else refuse(NO_IMAGE);
  }, []);
  const file = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);
  useGivenFiles(take);
  const takeChosen = (event: React.ChangeEvent<HTMLInputElement>) => {
    const files = chosenFiles(event.target.files);
    if (files.length > 0) take(files);
    // So that the same can be chosen once more.
    event.target.value = '';
  };
  return (
    <>
      <div className="explain-tools">
        <Button variant="filled" onClick={() => file.current?.click()}>
          Images
        </Button>
        <Button onClick={() => folder.current?.click()}>A folder</Button>
        <span className="dim">or drop or paste some here</span>
        <input
          ref={file}
          type="file"
          accept="image/*"
          multiple
          hidden
          aria-label="Image files"
          onChange={takeChosen}
        />
        <input
          ref={setFolder(folder)}
          type="file"
          hidden
          aria-label="Folder of images"
          onChange={takeChosen}
        />
        {left > 0 && (
          <>
            <span role="status" className="dim">
              {plural(left, 'image')} left
            </span>
            <Button onClick={cancel}>Cancel</Button>
          </>
        )}
      </div>
      <LeftOut given={given} />
      <Camera chosen={chosen} />
      {answers.length > 0 ? (
        <ul className="tried">
          {answers.map(({ name, said, error }, i) => (
            <li key={`${name} ${String(i)}`} className="card">
              {said ? (
                <Answer name={name} said={said} />
              ) : (
                <p role="alert" className="bad">
                  {name}: {error}
                </p>
              )}
            </li>
          ))}
        </ul>
      ) : (
        <Present chosen={chosen} />
      )}
    </>
  );
}

/** Which of what was given is not looked at. */
function LeftOut({ given }: { given: readonly NamedFile[] }) {
  const others = given.filter(each => !isImage(each));
  const more = given.length - others.length - MOST_IMAGES;
  if (others.length === 0 && more <= 0) return null;
  const names = others.slice(0, MOST_NAMED_FILES).map(({ name }) => name);
  const rest = others.length - names.length;
  return (
    <p className="explain-note" role="status">
      {names.length > 0 &&
        `Left out as no images: ${names.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}. `}
      {more > 0 && `The first ${MOST_IMAGES} images are looked at, ${plural(more, 'more image')} left out.`}
    </p>
  );
}

/** What the network says of each file, one after the other; other weights are asked about the same files anew. */
function useAnswers(subject: ChosenSubject['subject'], files: readonly NamedFile[]) {
  const [answers, setAnswers] = useState<readonly Said[]>([]);
  const [left, setLeft] = useState(0);
  const stop = useRef(() => {});
  useEffect(() => {
    let wanted = true;
    stop.current = () => {
      wanted = false;
      setLeft(0);
    };
    const work = async () => {
      setAnswers(before => before.slice(0, files.length));
      for (const [i, file] of files.entries()) {
        setLeft(files.length - i);
        const said = await askAbout(subject, file);
        if (!wanted) return;
        setAnswers(before => [...before.slice(0, i), said, ...before.slice(i + 1)]);
      }
      setLeft(0);
    };
    void work();
    return () => stop.current();
  }, [subject, files]);
  return { answers, left, cancel: () => stop.current() };
}

/** Reads a folder's files: React knows no attribute for it. */
const setFolder = (ref: React.RefObject<HTMLInputElement | null>) => (element: HTMLInputElement | null) => {
  element?.setAttribute('webkitdirectory', '');
  ref.current = element;
};

async function askAbout(subject: ChosenSubject['subject'], { name, file }: NamedFile): Promise<Said> {
  try {
    const bytes = new Uint8Array(await file.arrayBuffer());
    const question: PredictQuestion = { kind: 'predict', subject, images: [{ from: 'file', bytes }] };
    return { name, said: await askStudio(newId(), question), error: null };
  } catch (error) {
    return { name, said: null, error: messageOf(error) };
  }
}

function Answer({ name, said }: { name: string; said: PredictAnswer }) {
  const { picture, probabilities } = said.predictions[0]!;
  const pictured = useMemo(() => pictureOf(picture), [picture]);
  return (
    <>
      <HeatMap label={`${name}, as the network sees it`} {...pictured} range={[0, 1]} size={150} />
      <span className="tiny truncate">{name}</span>
      <TopClasses label={`What it says of ${name}`} probabilities={probabilities} classes={said.classes} />
    </>
  );
}

/** The image that all views look at, until others are given. */
function Present({ chosen }: { chosen: ChosenSubject }) {
  const image = useImage();
  const own = useExplain(state => state.own);
  const question = useMemo(
    (): PredictQuestion | null =>
      image && { kind: 'predict', subject: chosen.subject, images: [image.source] },
    [chosen.subject, image],
  );
  const { answer, error } = useAnswer(question);
  if (error !== null)
    return (
      <p className="explain-note" role="alert">
        {error}
      </p>
    );
  if (!answer) return null;
  return (
    <ul className="tried">
      <li className="card">
        <Answer name={own?.name ?? image?.name ?? ''} said={answer} />
      </li>
    </ul>
  );
}

/** A picture of the camera, asked about, and the next when its answer is there. */
function Camera({ chosen }: { chosen: ChosenSubject }) {
  const [stream, setStream] = useState<MediaStream | null>(null);
  const [said, setSaid] = useState<PredictAnswer | null>(null);
  const video = useRef<HTMLVideoElement>(null);
  const { subject } = chosen;
  useEffect(() => () => stopTracks(stream), [stream]);
  useEffect(() => {
    const element = video.current;
    if (!stream || !element) return undefined;
    element.srcObject = stream;
    let wanted = true;
    const look = async () => {
      await element.play();
      while (wanted) {
        const bytes = await frameOf(element);
        if (!bytes || !wanted) break;
        const question: PredictQuestion = { kind: 'predict', subject, images: [{ from: 'file', bytes }] };
        const answer = await askStudio(newId(), question);
        if (wanted) setSaid(answer);
      }
    };
    look().catch(error => wanted && complain(error, 'The camera’s picture could not be looked at'));
    return () => {
      wanted = false;
    };
  }, [stream, subject]);
  if (!navigator.mediaDevices) return null;
  const start = async () => {
    try {
      setStream(await navigator.mediaDevices.getUserMedia({ video: { width: 640 } }));
    } catch (error) {
      if (!(error instanceof DOMException)) return complain(error);
      const isForbidden = error.name === 'NotAllowedError';
      refuse(
        isForbidden ? 'Looking through it was not allowed.' : 'No camera was found.',
        'There is no camera to look through',
      );
    }
  };
  return (
    <section className="camera" aria-label="Camera">
      <Button
        onClick={() => {
          if (!stream) return void start();
          setStream(null);
          setSaid(null);
        }}
      >
        {stream ? 'Close the camera' : 'Look through the camera'}
      </Button>
      {stream && (
        <div className="stage-columns">
          <video ref={video} muted playsInline width={300} aria-label="What the camera sees" />
          {said && <Answer name="the camera" said={said} />}
        </div>
      )}
    </section>
  );
}

const stopTracks = (stream: MediaStream | null) => {
  for (const track of stream?.getTracks() ?? []) track.stop();
};

/** What is seen now, as a JPEG; undefined once there is nothing. */
async function frameOf(video: HTMLVideoElement): Promise<Uint8Array | undefined> {
  if (video.videoWidth === 0) return undefined;
  const canvas = new OffscreenCanvas(video.videoWidth, video.videoHeight);
  canvas.getContext('2d')!.drawImage(video, 0, 0);
  const blob = await canvas.convertToBlob({ type: 'image/jpeg' });
  return new Uint8Array(await blob.arrayBuffer());
}

/** The network asked about images of one's own: files, a folder, what is pasted, and a camera, live. */
import { Button } from '@mantine/core';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { PredictAnswer, PredictQuestion } from '../../../bridge/explain.ts';
import { plural } from '../../ui/format.ts';
import { complain } from '../../ui/toast.tsx';
import { ask, messageOf, useAnswer } from '../ask.ts';
import { HeatMap } from '../figures/heatMap.tsx';
import { pictureOf } from '../figures/paint.ts';
import { type OwnImage, useExplain } from '../state.ts';
import { type ChosenSubject, useImage, useSubject } from '../subject.ts';
import { TopClasses } from '../topClasses.tsx';

/** Images of one choice that are looked at; a folder may hold more. */
const MOST = 200;

export function TryItView() {
  const chosen = useSubject();
  if (!chosen) return <p className="dim">Opening the network…</p>;
  return <TryIt chosen={chosen} />;
}

type Said = OwnImage & { readonly said: PredictAnswer | null; readonly error: string | null };

function TryIt({ chosen }: { chosen: ChosenSubject }) {
  const [images, setImages] = useState<readonly Said[]>([]);
  const [left, setLeft] = useState(0);
  const work = useRef(0);
  const { subject } = chosen;
  const take = useCallback(
    async (files: readonly File[]) => {
      const own = ++work.current;
      const chosenFiles = files.filter(({ type }) => type.startsWith('image/')).slice(0, MOST);
      if (chosenFiles.length === 0) return complain(new Error('There was no image among these files.'));
      setImages([]);
      for (const [i, file] of chosenFiles.entries()) {
        setLeft(chosenFiles.length - i);
        const said = await askAbout(subject, file);
        if (work.current !== own) return;
        setImages(before => [...before, said]);
      }
      setLeft(0);
    },
    [subject],
  );
  const cancel = () => {
    work.current++;
    setLeft(0);
  };
  // Other weights answer anew.
  // biome-ignore lint/correctness/useExhaustiveDependencies: only when they change
  useEffect(() => {
    work.current++;
    setImages([]);
    setLeft(0);
  }, [subject]);
  const file = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);
  useDropped(take);
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
          onChange={event => void take([...(event.target.files ?? [])])}
        />
        <input
          ref={setFolder(folder)}
          type="file"
          hidden
          aria-label="Folder of images"
          onChange={event => void take([...(event.target.files ?? [])])}
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
      <Camera chosen={chosen} />
      {images.length > 0 ? (
        <ul className="tried">
          {images.map(({ name, said, error }, i) => (
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

/** Reads a folder's files: React knows no attribute for it. */
const setFolder = (ref: React.RefObject<HTMLInputElement | null>) => (element: HTMLInputElement | null) => {
  element?.setAttribute('webkitdirectory', '');
  ref.current = element;
};

async function askAbout(subject: ChosenSubject['subject'], file: File): Promise<Said> {
  const name = file.webkitRelativePath || file.name;
  try {
    const bytes = new Uint8Array(await file.arrayBuffer());
    const question: PredictQuestion = { kind: 'predict', subject, images: [{ from: 'file', bytes }] };
    return { name, bytes, said: await ask(crypto.randomUUID(), question), error: null };
  } catch (error) {
    return { name, bytes: new Uint8Array(), said: null, error: messageOf(error) };
  }
}

/** What is pasted or dropped anywhere while this view is open. */
function useDropped(take: (files: readonly File[]) => Promise<void>): void {
  useEffect(() => {
    const over = (event: DragEvent) => event.preventDefault();
    const drop = (event: DragEvent) => {
      event.preventDefault();
      void take([...(event.dataTransfer?.files ?? [])]);
    };
    const paste = (event: ClipboardEvent) => {
      const files = [...(event.clipboardData?.files ?? [])];
      if (files.length > 0) void take(files);
    };
    window.addEventListener('dragover', over);
    window.addEventListener('drop', drop);
    window.addEventListener('paste', paste);
    return () => {
      window.removeEventListener('dragover', over);
      window.removeEventListener('drop', drop);
      window.removeEventListener('paste', paste);
    };
  }, [take]);
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
        const answer = await ask(crypto.randomUUID(), question);
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
      complain(
        error instanceof DOMException ? new CameraError(error.name) : error,
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

class CameraError extends Error {
  override readonly name = 'UserError';
  constructor(reason: string) {
    super(reason === 'NotAllowedError' ? 'Looking through it was not allowed.' : 'No camera was found.');
  }
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

/** What a kind of layer is: a picture with the given parameters, its formula, and when to use it. */
import { useMemo } from 'react';
import { initialValues } from '../../engine/layers/fields.ts';
import type { LayerKind } from '../../engine/layers/layer.ts';
import { hueOf } from '../ui/families.ts';
import { PictureView } from '../ui/pictures/pictureView.tsx';
import './kindHelp.css';

interface KindHelpProps {
  kind: LayerKind;
  /** What the picture is drawn with, where it is valid; a new node's parameters otherwise. */
  params?: Readonly<Record<string, unknown>>;
}

export function KindHelp({ kind, params }: KindHelpProps) {
  const picture = useMemo(() => {
    const parsed = kind.schema.safeParse(params ?? {});
    return kind.picture(parsed.success ? parsed.data : initialValues(kind.fields));
  }, [kind, params]);
  return (
    <div className="kind-help">
      <PictureView picture={picture} hue={hueOf(kind.family)} label={`${kind.kind}: ${kind.summary}`} />
      <p className="kind-formula mono">{kind.formula}</p>
      <p>{kind.help}</p>
    </div>
  );
}

/** Draws what a kind's help shows (engine/layers/helpPicture.ts), in the family's hue. Knows views; knows no layer. */
import type { CSSProperties, ReactNode } from 'react';
import type { Picture } from '../../../engine/layers/helpPicture.ts';
import { AxesView } from './axesView.tsx';
import { CellsView } from './cellsView.tsx';
import { CurveView } from './curveView.tsx';
import { FullView } from './fullView.tsx';
import { ShapeView } from './shapeView.tsx';
import { WindowView } from './windowView.tsx';
import './pictures.css';

type View = Picture['view'];

/** In the units of every view; the picture is as wide as its place. */
const SIZE = { width: 264, height: 116 };

const views: { readonly [V in View]: (picture: Extract<Picture, { view: V }>) => ReactNode } = {
  curve: picture => <CurveView picture={picture} {...SIZE} />,
  window: picture => <WindowView picture={picture} {...SIZE} />,
  cells: picture => <CellsView picture={picture} {...SIZE} />,
  axes: picture => <AxesView picture={picture} {...SIZE} />,
  full: picture => <FullView picture={picture} {...SIZE} />,
  shape: picture => <ShapeView picture={picture} {...SIZE} />,
};

interface PictureProps {
  picture: Picture;
  hue: string;
  /** What it shows, for who cannot see it. */
  label: string;
}

export function PictureView({ picture, hue, label }: PictureProps) {
  const draw = views[picture.view] as (picture: Picture) => ReactNode;
  return (
    <svg
      className="picture"
      role="img"
      aria-label={label}
      viewBox={`0 0 ${SIZE.width} ${SIZE.height}`}
      style={{ '--hue': hue } as CSSProperties}
    >
      {draw(picture)}
    </svg>
  );
}

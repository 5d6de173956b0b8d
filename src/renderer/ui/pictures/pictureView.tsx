/** Draws what a kind's help shows (engine/layers/helpPicture.ts), in the family's hue. Knows views; knows no layer. */
import type { CSSProperties, ReactNode } from 'react';
import type { HelpPicture } from '../../../engine/layers/helpPicture.ts';
import { AxesView } from './axesView.tsx';
import { CellsView } from './cellsView.tsx';
import { CurveView } from './curveView.tsx';
import { FullView } from './fullView.tsx';
import { ShapeView } from './shapeView.tsx';
import { WindowView } from './windowView.tsx';
import './pictures.css';

type View = HelpPicture['view'];

/** In the units of every view; the picture is as wide as its place. */
const VIEW_SIZE = { width: 264, height: 116 };

const views: { readonly [V in View]: (picture: Extract<HelpPicture, { view: V }>) => ReactNode } = {
  curve: picture => <CurveView picture={picture} {...VIEW_SIZE} />,
  window: picture => <WindowView picture={picture} {...VIEW_SIZE} />,
  cells: picture => <CellsView picture={picture} {...VIEW_SIZE} />,
  axes: picture => <AxesView picture={picture} {...VIEW_SIZE} />,
  full: picture => <FullView picture={picture} {...VIEW_SIZE} />,
  shape: picture => <ShapeView picture={picture} {...VIEW_SIZE} />,
};

interface PictureProps {
  picture: HelpPicture;
  hue: string;
  /** What it shows, for who cannot see it. */
  label: string;
}

export function PictureView({ picture, hue, label }: PictureProps) {
  const draw = views[picture.view] as (picture: HelpPicture) => ReactNode;
  return (
    <svg
      className="picture"
      role="img"
      aria-label={label}
      viewBox={`0 0 ${VIEW_SIZE.width} ${VIEW_SIZE.height}`}
      style={{ '--hue': hue } as CSSProperties}
    >
      {draw(picture)}
    </svg>
  );
}

/** A line of Python in colour. */
import { Fragment, memo } from 'react';
import { piecesOf } from '../../../engine/formats/pythonPieces.ts';

export const Highlighted = memo(function Highlighted({ line }: { line: string }) {
  let at = 0;
  return piecesOf(line).map(({ text, hue }) => {
    const key = at;
    at += text.length;
    return hue === 'plain' ? (
      <Fragment key={key}>{text}</Fragment>
    ) : (
      <span key={key} data-hue={hue}>
        {text}
      </span>
    );
  });
});

/** Beside a field of a layer inside a block: lets each copy of the block set it, under a name. */
import { Button } from '@mantine/core';
import { IconArrowBarUp } from '@tabler/icons-react';
import { useState } from 'react';
import { exposeParam, hideParam, refusesExposure } from '../../engine/graph/blockEdits.ts';
import type { NodeId } from '../../engine/graph/document.ts';
import { copyOfScope, type EnteredCopy } from '../../engine/graph/drawings.ts';
import { editNetwork, endGesture, useNetwork } from '../store/openDocument.ts';
import { useScope } from '../store/openDrawing.ts';
import { FieldPopover } from '../ui/fieldPopover.tsx';

interface ExposeProps {
  node: NodeId;
  param: string;
  /** As the form calls it. */
  label: string;
}

/** Nothing outside of blocks. */
export function Expose(props: ExposeProps) {
  const scope = useScope(state => state.scope);
  const copy = copyOfScope(useNetwork(), scope);
  return copy ? <ExposeButton {...props} copy={copy} /> : null;
}

const isTarget =
  ({ node, param }: ExposeProps) =>
  (target: { node: NodeId; param: string }) =>
    target.node === node && target.param === param;

function ExposeButton({ copy, ...props }: ExposeProps & { copy: EnteredCopy }) {
  const exposed = copy.block.exposed.find(({ targets }) => targets.some(isTarget(props)));
  const title = exposed ? `Exposed as ${exposed.name}` : `Expose ${props.label.toLowerCase()}`;
  return (
    <FieldPopover title={title} icon={<IconArrowBarUp size={14} />} width={260} isOn={exposed !== undefined}>
      {close =>
        exposed ? (
          <div className="solver">
            <p>
              Every copy of {copy.block.name} has a parameter <b>{exposed.name}</b> for it.
            </p>
            <Button
              onClick={() => {
                endGesture();
                editNetwork(graph => hideParam(graph, copy.blockId, props));
                close();
              }}
            >
              Expose it no more
            </Button>
          </div>
        ) : (
          <ExposeForm {...props} copy={copy} onDone={close} />
        )
      }
    </FieldPopover>
  );
}

function ExposeForm({ copy, onDone, ...props }: ExposeProps & { copy: EnteredCopy; onDone: () => void }) {
  const network = useNetwork();
  const [name, setName] = useState(props.param);
  const target = { node: props.node, param: props.param };
  const refusal = refusesExposure(network, copy.block, target, name);
  const joined = copy.block.exposed.some(each => each.name === name);
  return (
    <form
      className="solver"
      onSubmit={event => {
        event.preventDefault();
        if (refusal) return;
        endGesture();
        editNetwork(graph => exposeParam(graph, copy.blockId, target, name));
        onDone();
      }}
    >
      <label className="dim" htmlFor="expose-name">
        Copies of {copy.block.name} call it
      </label>
      <input
        id="expose-name"
        className="input"
        autoComplete="off"
        spellCheck={false}
        value={name}
        aria-invalid={refusal !== undefined}
        onChange={event => setName(event.target.value)}
      />
      {(refusal ?? joined) && (
        <p className="tiny" role="status">
          {refusal ?? `${name} sets other layers already: one value for all of them.`}
        </p>
      )}
      <Button type="submit" disabled={refusal !== undefined}>
        Expose
      </Button>
    </form>
  );
}

/** `?`: every action and its keys. Each can be given others: click them, press the new ones. */
import { ActionIcon, Button, Kbd, Modal } from '@mantine/core';
import { IconRotate } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import type { Action } from '../actions/action.ts';
import { bind, keysOf, resetAllKeys, resetKeys, useBindings } from '../actions/bindings.ts';
import { actions, conflictsWith } from '../actions/registry.ts';
import { shortcutOf, shortcutText } from '../ui/shortcut.ts';
import { closeDialog, useIsOpen } from './windowDialogs.ts';
import './shortcutSheet.css';

export function ShortcutSheet() {
  const opened = useIsOpen('shortcuts');
  return (
    <Modal
      opened={opened}
      onClose={closeDialog}
      title="Shortcuts"
      size={880}
      // While keys are asked for, Escape takes that back, and closes nothing.
      closeOnEscape={false}
    >
      <Sheet />
    </Modal>
  );
}

/** Keys that were pressed for an action, and what else they mean. */
interface Wish {
  readonly id: string;
  readonly keys: string | null;
}

function Sheet() {
  const changed = useBindings(state => state.changed);
  const [wish, setWish] = useState<Wish | null>(null);
  const asked = actions().find(action => action.id === wish?.id);
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key === 'Escape') {
        asked ? setWish(null) : closeDialog();
      } else {
        if (!asked || ['Control', 'Shift', 'Alt', 'Meta'].includes(event.key)) return;
        const keys = shortcutOf(event);
        const isTaken = conflictsWith(asked, keys).length > 0;
        if (!isTaken) bind(asked, [keys]);
        setWish(isTaken ? { id: asked.id, keys } : null);
      }
      event.preventDefault();
      event.stopPropagation();
    };
    window.addEventListener('keydown', onKeyDown, { capture: true });
    return () => window.removeEventListener('keydown', onKeyDown, { capture: true });
  }, [asked]);

  const groups = [...Map.groupBy(actions(), action => action.group)];
  return (
    <>
      <p className="dim shortcut-hint">
        Click on keys and press others to change them. Shortcuts do nothing while you type into a field.
        {Object.keys(changed).length > 0 && <Button onClick={resetAllKeys}>Reset all</Button>}
      </p>
      <div className="shortcut-groups">
        {groups.map(([group, members]) => (
          <section key={group} aria-label={group}>
            <h2 className="section-title">{group}</h2>
            {members.map(action => (
              <Row
                key={action.id}
                action={action}
                wish={wish?.id === action.id ? wish : null}
                isChanged={action.id in changed}
                setWish={setWish}
              />
            ))}
          </section>
        ))}
      </div>
    </>
  );
}

interface RowProps {
  action: Action;
  wish: Wish | null;
  isChanged: boolean;
  setWish: (wish: Wish | null) => void;
}

function Row({ action, wish, isChanged, setWish }: RowProps) {
  const keys = keysOf(action);
  return (
    <div className="shortcut-row">
      <span className="truncate">{action.title}</span>
      {isChanged && (
        <ActionIcon
          size={20}
          aria-label={`Reset the keys of ${action.title}`}
          title="Back to its own keys"
          onClick={() => resetKeys(action)}
        >
          <IconRotate size={13} />
        </ActionIcon>
      )}
      <button
        type="button"
        className="shortcut-keys"
        aria-label={`${action.title}: ${wish ? 'press keys' : keys.map(shortcutText).join(' or ') || 'no keys'}`}
        aria-pressed={wish !== null}
        onClick={() => setWish(wish ? null : { id: action.id, keys: null })}
      >
        {wish ? <em>Press keys…</em> : keys.map(each => <Kbd key={each}>{shortcutText(each)}</Kbd>)}
        {!wish && keys.length === 0 && <span className="tiny">none</span>}
      </button>
      {wish?.keys && <Conflict action={action} keys={wish.keys} onDone={() => setWish(null)} />}
    </div>
  );
}

/** The keys already mean something else: say what, and let a person decide. */
function Conflict({ action, keys, onDone }: { action: Action; keys: string; onDone: () => void }) {
  const others = conflictsWith(action, keys);
  const take = () => {
    for (const other of others)
      bind(
        other,
        keysOf(other).filter(each => each !== keys),
      );
    bind(action, [keys]);
    onDone();
  };
  return (
    <p className="shortcut-conflict" role="alert">
      <span>
        {shortcutText(keys)} already means “{others.map(other => other.title).join('”, “')}”.
      </span>
      <Button onClick={take}>Use it here instead</Button>
      <Button onClick={onDone}>Cancel</Button>
    </p>
  );
}

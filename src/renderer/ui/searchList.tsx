/** A field whose letters narrow a list down, and the list; arrows choose in it, Enter takes what is chosen. */
import { type ReactNode, useEffect, useId, useRef, useState } from 'react';

interface SearchListProps<T> {
  /** What the field asks for. */
  label: string;
  placeholder: string;
  /** What the list holds. */
  listLabel: string;
  listClass: string;
  optionClass: string;
  /** What is found by some letters, nearest first. */
  find: (query: string) => readonly T[];
  keyOf: (option: T) => string;
  render: (option: T) => ReactNode;
  /** What stands in the place of an empty list. */
  none: (query: string) => ReactNode;
  /** `goesOn`: Shift was held; the field is emptied for the next. Undefined where nothing was found. */
  onTake: (option: T | undefined, goesOn: boolean) => void;
  onBlur?: () => void;
  /** What other keys do. @returns whether it was one of them */
  onKey?: (key: string) => boolean;
}

export function SearchList<T>(props: SearchListProps<T>) {
  const { find, keyOf, onTake } = props;
  const [query, setQuery] = useState('');
  const [active, setActive] = useState(0);
  const list = useId();
  const found = find(query);
  const chosen = found[Math.min(active, found.length - 1)];
  const idOf = (option: T) => `${list}-${keyOf(option)}`;
  const search = (next: string) => {
    setQuery(next);
    setActive(0);
  };
  const onKeyDown = (event: React.KeyboardEvent) => {
    if (event.key === 'Enter') {
      if (event.shiftKey) search('');
      onTake(chosen, event.shiftKey);
    } else if (event.key === 'ArrowDown') setActive(Math.max(0, Math.min(active + 1, found.length - 1)));
    else if (event.key === 'ArrowUp') setActive(Math.max(active - 1, 0));
    else if (!props.onKey?.(event.key)) return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <>
      <input
        // At once, not in a later task: the first letters follow the key that opened it closely.
        // biome-ignore lint/a11y/noAutofocus: it was asked for
        autoFocus
        className="input"
        role="combobox"
        aria-label={props.label}
        aria-expanded
        aria-controls={list}
        aria-activedescendant={chosen && idOf(chosen)}
        placeholder={props.placeholder}
        value={query}
        onChange={event => search(event.target.value)}
        onKeyDown={onKeyDown}
        onBlur={props.onBlur}
      />
      <div id={list} role="listbox" aria-label={props.listLabel} className={props.listClass}>
        {found.map((option, i) => (
          <Option
            key={keyOf(option)}
            id={idOf(option)}
            className={props.optionClass}
            isChosen={option === chosen}
            onChoose={() => setActive(i)}
            onTake={() => onTake(option, false)}
          >
            {props.render(option)}
          </Option>
        ))}
        {found.length === 0 && props.none(query)}
      </div>
    </>
  );
}

interface OptionProps {
  id: string;
  className: string;
  isChosen: boolean;
  onChoose: () => void;
  onTake: () => void;
  children: ReactNode;
}

function Option({ id, className, isChosen, onChoose, onTake, children }: OptionProps) {
  const row = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (isChosen) row.current?.scrollIntoView({ block: 'nearest' });
  }, [isChosen]);
  return (
    <div
      id={id}
      ref={row}
      role="option"
      tabIndex={-1}
      aria-selected={isChosen}
      className={className}
      onMouseMove={onChoose}
      // The field keeps the focus: it is what closes with it.
      onMouseDown={event => event.preventDefault()}
      onClick={onTake}
      onKeyDown={undefined}
    >
      {children}
    </div>
  );
}
